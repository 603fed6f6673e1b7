using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>What the keyholder vouches for, as a signed note over canonical JSON.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">By the keyholder's clock.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "says")]
[JsonDerivedType(typeof(KeyStatement), "key")]
[JsonDerivedType(typeof(StatusStatement), "status")]
public abstract record KeyholderStatement(string Root, DateTimeOffset Time)
{
    /// <summary>Signs the statement.</summary>
    public string Sign(NoteSigner signer) =>
        SignedNote.Sign(System.Text.Encoding.UTF8.GetString(CanonicalJson.Write(this, SealingJson.Default.KeyholderStatement)) + "\n", Time, signer).ToString();

    /// <summary>Opens a statement of the keyholder; null when it is not one, or not signed by this key.</summary>
    public static KeyholderStatement? TryOpen(string note, NoteVerifier keyholder) =>
        SignedNote.TryParse(note, out var signed) && signed!.IsSignedBy(keyholder)
            ? CanonicalJson.Read(System.Text.Encoding.UTF8.GetBytes(signed.Text.TrimEnd('\n')), SealingJson.Default.KeyholderStatement)
            : null;
}

/// <summary>The public key that a person's data for one program is sealed to.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was said.</param>
/// <param name="Person">Person id.</param>
/// <param name="Program">Program.</param>
/// <param name="Epoch">Key epoch.</param>
/// <param name="Key">Uncompressed P-256 point, base64.</param>
public sealed record KeyStatement(string Root, DateTimeOffset Time, string Person, string Program, int Epoch, string Key) : KeyholderStatement(Root, Time);

/// <summary>Whether a program may collect now, as the keyholder sees the log. Agents seal and send only under a fresh one.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was said.</param>
/// <param name="Program">Program.</param>
/// <param name="Charter">Hash of the charter in force, or empty.</param>
/// <param name="State"><c>active</c>, <c>paused</c> or <c>none</c>.</param>
/// <param name="Size">Log size it was said at.</param>
/// <param name="LogRoot">Log root at that size.</param>
public sealed record StatusStatement(string Root, DateTimeOffset Time, string Program, string Charter, string State, ulong Size, string LogRoot)
    : KeyholderStatement(Root, Time)
{
    /// <summary>How long an agent may act on one.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromMinutes(15);
}
