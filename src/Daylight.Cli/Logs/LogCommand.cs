using System.CommandLine;
using System.Text.Json.Serialization;

namespace Daylight.Cli.Logs;

/// <summary><c>daylight log verify|proof|watch|vkey|policy</c>.</summary>
internal static class LogCommand
{
    public static Command Create() => new("log", "The transparency log") { VerifyCommand.Create(), ProofCommand.Create(), WatchCommand.Create(), VKeyCommand.Create(), PolicyCommand.Create() };
}

/// <summary>Serialization of what the log commands print and keep.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(ProofReport))]
[JsonSerializable(typeof(WatchReport))]
[JsonSerializable(typeof(WatchState))]
internal sealed partial class LogJson : JsonSerializerContext;
