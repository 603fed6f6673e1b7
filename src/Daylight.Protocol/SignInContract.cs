using System.Text.Json;

namespace Daylight.Protocol;

/// <summary>Who wants to sign in with a passkey.</summary>
/// <param name="Address">The address that the directory has of them.</param>
public sealed record SignInWanted(string Address);

/// <summary>What signs in as somebody besides their passkeys.</summary>
/// <param name="Provider">Whether an account at the company's provider does.</param>
/// <param name="RecoveryCodes">How many recovery codes are left beside a password; null where none was set.</param>
public sealed record WaysIn(bool Provider, int? RecoveryCodes = null);

/// <summary>Who wants to register a passkey.</summary>
/// <param name="Code">A one-time code; absent in a session whose person has a passkey.</param>
public sealed record PasskeyWanted(string? Code = null);

/// <summary>What a browser is asked.</summary>
/// <param name="State">Sealed: comes back with the answer.</param>
/// <param name="Challenge">SHA-256 of what is signed; empty where a passkey is made.</param>
/// <param name="Allow">For each signature that is needed, the passkeys that may give it (raw ids); empty for any.</param>
public sealed record PasskeyQuestion(string State, byte[] Challenge, IReadOnlyList<IReadOnlyList<byte[]>> Allow)
{
    /// <summary>What a passkey is made with: PublicKeyCredentialCreationOptionsJSON (WebAuthn Level 3 §5.1.9); absent where one signs.</summary>
    public JsonElement? Options { get; init; }
}

/// <summary>An invitation to make a passkey in a browser.</summary>
/// <param name="Code">To be typed on the portal's page <c>/welcome</c>.</param>
/// <param name="Expires">When it stops serving.</param>
public sealed record PasskeyInvitation(string Code, DateTimeOffset Expires);

/// <summary>A passkey is made, and something is still to come.</summary>
/// <param name="Says">What, for whoever made it.</param>
public sealed record PasskeyWaits(string Says);

/// <summary>A passkey of one's own.</summary>
/// <param name="RawId">What the authenticator calls it, base64url.</param>
/// <param name="Credential">Its id in the log.</param>
/// <param name="Made">When.</param>
/// <param name="Copied">Whether its maker keeps copies of it: losing one device does not lose it.</param>
public sealed record PasskeyView(string RawId, string Credential, DateTimeOffset Made, bool Copied);

/// <summary>What a browser answers.</summary>
/// <param name="State">From the question.</param>
/// <param name="Answers">As <c>PublicKeyCredential.toJSON()</c> gives them (WebAuthn Level 3 §5.1), one for each signature.</param>
public sealed record PasskeyAnswer(string State, IReadOnlyList<JsonElement> Answers);
