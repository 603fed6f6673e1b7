using System.Text.Json.Serialization;

namespace Daylight.Sealing;

[JsonDerivedType(typeof(PrivilegedSignIn), "privileged-sign-in")]
public abstract partial record LogEvent;

/// <summary>Somebody who holds a role came in: made a token, or opened a session.</summary>
/// <param name="Person">Who.</param>
/// <param name="Roles">The roles held.</param>
/// <param name="How"><c>token</c>, <c>passkey</c>, or in the demo <c>session</c>.</param>
/// <param name="Time">When.</param>
public sealed record PrivilegedSignIn(string Person, IReadOnlyList<string> Roles, string How, DateTimeOffset Time) : PersonEvent
{
    private const int KeptDays = 730;

    /// <inheritdoc/>
    public override bool CarriesAuthority => false;

    /// <inheritdoc/>
    public override DateOnly Kept => DateOnly.FromDateTime(Time.UtcDateTime).AddDays(KeptDays);

    /// <inheritdoc/>
    public override SubjectView? View => SubjectView.Of("sign-in", Person, "self", Time, why: [How, .. Roles]);
}
