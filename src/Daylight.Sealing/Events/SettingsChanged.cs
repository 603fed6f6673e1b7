using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(SettingsChanged), "settings-changed")]
public abstract partial record LogEvent;

/// <summary>A setting that people's rights touch has another value from now on.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Value">Its new value.</param>
public sealed record SettingsChanged(string Name, string Value) : PublicEvent
{
    internal override void Apply(Authority authority, Recording at) => authority.SettingTable[Name] = Value;
}
