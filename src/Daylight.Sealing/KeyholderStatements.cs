using System.Text.Json.Serialization;
using Daylight.Transparency;

namespace Daylight.Sealing;

/// <summary>What the keyholder vouches for, as a signed note over canonical JSON.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">By the keyholder's clock.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "says")]
[JsonDerivedType(typeof(KeyStatement), "key")]
[JsonDerivedType(typeof(StatusStatement), "status")]
[JsonDerivedType(typeof(StartMark), "start")]
[JsonDerivedType(typeof(DestructionCertificate), "destroyed")]
[JsonDerivedType(typeof(CountOfOpenings), "count")]
[JsonDerivedType(typeof(TotalOfOpenings), "total")]
public abstract record KeyholderStatement(string Root, DateTimeOffset Time)
{
    /// <summary>Signs the statement.</summary>
    public string Sign(NoteSigner signer) =>
        SignedNote.Sign(System.Text.Encoding.UTF8.GetString(CanonicalJson.Write(this, SealingJson.Default.KeyholderStatement)) + "\n", Time, signer).ToString();

    /// <summary>Opens a statement of the keyholder; null when it is not one, or not signed by this key.</summary>
    public static KeyholderStatement? TryOpen(string note, NoteVerifier keyholder) =>
        SignedNote.TryParse(note, out var signed) && signed!.IsSignedBy(keyholder) ? Read(signed) : null;

    /// <summary>What a note says that it says; whether the keyholder signed it is another question.</summary>
    public static KeyholderStatement? TryRead(string note) => SignedNote.TryParse(note, out var signed) ? Read(signed!) : null;

    private static KeyholderStatement? Read(SignedNote signed) =>
        CanonicalJson.Read(System.Text.Encoding.UTF8.GetBytes(signed.Text.TrimEnd('\n')), SealingJson.Default.KeyholderStatement);
}

/// <summary>The public key that a person's data for one program is sealed to.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was said.</param>
/// <param name="Person">Person id.</param>
/// <param name="Program">Program.</param>
/// <param name="Epoch">Key epoch.</param>
/// <param name="Key">Uncompressed P-256 point, base64.</param>
/// <param name="Said">What the person said last, or was answered: <c>given</c>, <c>withdrawn</c>, <c>objected</c>, <c>upheld</c>, <c>rejected</c>, or empty. Agents go by it.</param>
/// <param name="Agreed">The charter that was agreed to, or empty.</param>
/// <param name="Noticed">The charter whose notice the person acknowledged last, or empty.</param>
public sealed record KeyStatement(string Root, DateTimeOffset Time, string Person, string Program, int Epoch, string Key, string Said = "", string Agreed = "", string Noticed = "") : KeyholderStatement(Root, Time);

/// <summary>Whether a program may collect now, as the keyholder sees the log. Agents seal and send only under a fresh one.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was said.</param>
/// <param name="Program">Program.</param>
/// <param name="Charter">Hash of the charter in force, or empty.</param>
/// <param name="State"><c>active</c>, <c>paused</c> or <c>none</c>.</param>
/// <param name="Size">Log size it was said at.</param>
/// <param name="LogRoot">Log root at that size.</param>
/// <param name="Resumed">When its last pause ended, or null when it was never paused: a machine that was away drops what fell into it.</param>
/// <param name="Lapsed">Rules of the charter that ended in an access review: nothing is collected for them any more.</param>
public sealed record StatusStatement(string Root, DateTimeOffset Time, string Program, string Charter, string State, ulong Size, string LogRoot, DateTimeOffset? Resumed = null, IReadOnlyList<string>? Lapsed = null)
    : KeyholderStatement(Root, Time)
{
    /// <summary>How long an agent may act on one.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromMinutes(15);
}

/// <summary>A start of the keyholder. It goes into the log; a keyholder that does not remember one of its own was restored from an older copy.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it started.</param>
/// <param name="Id">Random, hexadecimal.</param>
/// <param name="Size">How many entries it had followed.</param>
public sealed record StartMark(string Root, DateTimeOffset Time, string Id, ulong Size) : KeyholderStatement(Root, Time);

/// <summary>The keyholder destroyed keys.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When.</param>
/// <param name="Person">Whose.</param>
/// <param name="Programs">Of which programs.</param>
/// <param name="Epochs">Through which key epoch, program by program: what is sealed to a later one is another key's, and stays.</param>
/// <param name="Entry">Log index of the entry that it obeyed.</param>
/// <param name="Keys">How many keys went; with 0 there was nothing that they could have opened.</param>
/// <param name="BackupsUnreadable">First day on which no copy in the keyholder's own backups can be read either: the key-encryption key of that time is gone by then.</param>
public sealed record DestructionCertificate(
    string Root, DateTimeOffset Time, string Person, IReadOnlyList<string> Programs, IReadOnlyList<int> Epochs, ulong Entry, int Keys, DateOnly BackupsUnreadable) : KeyholderStatement(Root, Time);

/// <summary>
/// How often the keyholder opened this person's seals: every look whose day of telling has come and whose openings are still kept. A look that the
/// list leaves out breaks the chain.
/// </summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was said; its UTC day decides which looks are told.</param>
/// <param name="Person">Person id.</param>
/// <param name="Nonce">What the asking agent sent, so that an old statement cannot be shown again.</param>
/// <param name="Looks">How many looks.</param>
/// <param name="LookChain"><see cref="OpeningChain"/> over them, base64.</param>
/// <param name="Releases">How many release runs counted this person.</param>
/// <param name="ReleaseChain">The same over those.</param>
/// <param name="Asked">How many looks at others were made in this person's name, under asks that their credential signed.</param>
/// <param name="AskedChain">The same over those.</param>
/// <param name="Size">Log size it was said at.</param>
/// <param name="LogRoot">Log root at that size.</param>
public sealed record CountOfOpenings(
    string Root, DateTimeOffset Time, string Person, string Nonce, int Looks, string LookChain, int Releases, string ReleaseChain, int Asked, string AskedChain, ulong Size, string LogRoot)
    : KeyholderStatement(Root, Time)
{
    /// <summary>How old a statement may be before its absence is a warning.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromDays(1);
}

/// <summary>Everything that the keyholder ever opened, for auditors: <c>log verify</c> finds each of them in the log.</summary>
/// <param name="Root">Hash of the trust root.</param>
/// <param name="Time">When it was said.</param>
/// <param name="Openings">How many entries it opened, looks and release runs together.</param>
/// <param name="Chain"><see cref="OpeningChain"/> over them, by index, base64.</param>
/// <param name="Size">Log size it was said at.</param>
/// <param name="LogRoot">Log root at that size.</param>
public sealed record TotalOfOpenings(string Root, DateTimeOffset Time, long Openings, string Chain, ulong Size, string LogRoot) : KeyholderStatement(Root, Time);

/// <summary>A hash chain over (index, leaf hash) of opened entries: H₀ is 32 zero bytes, Hᵢ is SHA-256(Hᵢ₋₁ ‖ index as u64 big-endian ‖ leaf).</summary>
public record struct OpeningChain
{
    /// <summary>The last link.</summary>
    public Hash Value { get; private set; }

    /// <summary>Goes on from a link.</summary>
    public static OpeningChain From(Hash value) => new() { Value = value };

    /// <summary>Adds a link.</summary>
    public void Add(ulong index, Hash leaf)
    {
        Span<byte> link = stackalloc byte[(2 * Hash.Size) + sizeof(ulong)];
        Value.CopyTo(link);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(link[Hash.Size..], index);
        leaf.CopyTo(link[(Hash.Size + sizeof(ulong))..]);
        Value = Hash.Of(link);
    }
}
