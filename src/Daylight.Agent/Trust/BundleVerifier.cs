using System.Globalization;
using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Agent.Trust;

/// <summary>What the person said about a program, by the keyholder's word, and what that means here.</summary>
/// <param name="Said"><c>given</c>, <c>withdrawn</c>, <c>objected</c>, <c>upheld</c>, <c>rejected</c>, or empty.</param>
/// <param name="IsToThis">Whether a yes was to the very charter that is in force.</param>
/// <param name="Noticed">Whether the notice of this charter was acknowledged.</param>
/// <param name="Noticing">The day from which this person has notice: when it was put in force, or began to cover them.</param>
/// <param name="Lapsed">Rules that ended in an access review.</param>
/// <param name="Covered">The day since which the program covers this person.</param>
internal sealed record PersonChoice(string Said, bool IsToThis, bool Noticed, DateOnly Noticing, IReadOnlyList<string> Lapsed, DateOnly Covered = default)
{
    /// <summary>Nothing said, nothing asked.</summary>
    public static PersonChoice None { get; } = new(string.Empty, false, false, DateOnly.MinValue, []);

    /// <summary>What stands against collecting; null when nothing does.</summary>
    public string? Against(Charter charter) => charter switch
    {
        { Consent: Consent.OptIn } when Said != "given" => Said.Length == 0 ? "you have not said yes" : "you said no",
        { Consent: Consent.OptIn } when !IsToThis => "you said yes to a former version",
        _ when Said is "withdrawn" => "you said no",
        _ when Said is "objected" => "you objected, and it is not answered yet",
        _ when Said is "upheld" => "you objected, and were right",
        { Notice.Acknowledged: true } when !Noticed => "you have not acknowledged the notice",
        _ => null,
    };
}

/// <summary>A program that covers this person: every signature led to the pinned trust root.</summary>
/// <param name="Charter">The charter.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Key">What this person's data is sealed to.</param>
/// <param name="Epoch">The key's epoch.</param>
/// <param name="Paused">Whether the keyholder says that it is paused.</param>
/// <param name="StatusTime">When the keyholder said so.</param>
/// <param name="Text">The charter's YAML.</param>
/// <param name="Resumed">When its last pause ended, or null.</param>
/// <param name="Approvals">Who approved it: person id by role.</param>
/// <param name="Choice">What the person said about it.</param>
internal sealed record VerifiedProgram(
    Charter Charter, string Hash, HpkePublicKey Key, int Epoch, bool Paused, DateTimeOffset StatusTime, string Text, DateTimeOffset? Resumed, IReadOnlyDictionary<string, string> Approvals, PersonChoice Choice);

/// <summary>A bundle that holds.</summary>
/// <param name="Covering">Programs in force that cover this person.</param>
/// <param name="InForce">Hashes of every charter in force, whomever it covers.</param>
/// <param name="Local">The person's time, as the directory has it.</param>
/// <param name="Size">Size of the log.</param>
/// <param name="Root">Its root.</param>
/// <param name="Keyholder">The keyholder's key.</param>
/// <param name="Managers">The person's managers, as the directory has them.</param>
/// <param name="Witnesses">Names of the witnesses that cosigned, besides the keyholder.</param>
/// <param name="Policy">Which keys must sign a checkpoint.</param>
/// <param name="Office">Log index of the last entry that keyholder and policy rest on.</param>
internal sealed record VerifiedBundle(
    IReadOnlyList<VerifiedProgram> Covering, IReadOnlyCollection<string> InForce, LocalTime Local, ulong Size, Hash Root, NoteVerifier Keyholder, IReadOnlyList<ManagerSummary> Managers, IReadOnlyList<string> Witnesses, string Policy, ulong Office)
{
    /// <summary>Those of them that this machine may collect for: nothing that the person said, or did not say, stands against it.</summary>
    public IReadOnlyList<VerifiedProgram> Programs => [.. Covering.Where(p => p.Choice.Against(p.Charter) is null)];

    /// <summary>What a machine remembers of it.</summary>
    public KnownLog Known => new(Size, Root, Office);
}

/// <summary>What a machine knows of the log: the server can only go on from there.</summary>
/// <param name="Size">Number of entries.</param>
/// <param name="Root">Its root.</param>
/// <param name="Office">Log index of the last entry that keyholder and policy rest on.</param>
internal sealed record KnownLog(ulong Size, Hash Root, ulong Office)
{
    /// <summary>Nothing yet.</summary>
    public static KnownLog Nothing { get; } = new(0, Merkle.EmptyRoot, 0);
}

/// <summary>The server could not prove what it says: nothing is collected under it, and nothing is sent.</summary>
internal sealed class UnverifiableException(string message) : Exception(message);

/// <summary>Checks what the server delivers from the pinned trust root alone. Pure.</summary>
internal static class BundleVerifier
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan WitnessAge = TimeSpan.FromHours(24);

    /// <summary>Verifies a bundle.</summary>
    /// <param name="bundle">What the server delivered.</param>
    /// <param name="root">The pin.</param>
    /// <param name="person">Whose machine this is.</param>
    /// <param name="known">What this machine knows of the log.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="UnverifiableException">Something does not hold; the message says what.</exception>
    public static VerifiedBundle Verify(AgentBundle bundle, TrustRoot root, string person, KnownLog known, DateTimeOffset now)
    {
        var (checkpoint, authority) = Open(bundle.Checkpoint, bundle.Evidence, root);

        if (!Merkle.VerifyConsistency(known.Size, checkpoint.Size, known.Root, checkpoint.Root, Hashes(bundle.Consistency)))
        {
            throw new UnverifiableException("the log is not a continuation of the one that this machine saw before: it was rewritten or rolled back");
        }

        // Entries that are left out of the evidence cannot be missed by a proof: that nobody goes back behind a keyholder or a policy is remembered instead.
        var office = authority.StandingEvidence.DefaultIfEmpty().Max();
        if (office < known.Office)
        {
            throw new UnverifiableException(string.Create(CultureInfo.InvariantCulture, $"it leaves out entry {known.Office}, which says who keeps the keys, which witnesses must have seen the log, or with which keys approvers sign"));
        }

        var witnesses = CheckWitnesses(bundle, checkpoint, authority, now);
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(bundle.Zone, out var zone))
        {
            throw new UnverifiableException($"the time zone {bundle.Zone} is not known on this machine");
        }

        var keyholder = authority.Keyholder!;
        var keys = bundle.Keys.Select(k => KeyholderStatement.TryOpen(k, keyholder)).OfType<KeyStatement>().Where(k => k.Root == root.Fingerprint && k.Person == person).ToList();
        var status = bundle.Status.Select(s => KeyholderStatement.TryOpen(s, keyholder)).OfType<StatusStatement>().Where(s => s.Root == root.Fingerprint).ToList();
        var programs = authority.Programs
            .Select(p => Program(p.Key, person, authority, keys, status, bundle, now))
            .OfType<VerifiedProgram>()
            .ToList();
        return new VerifiedBundle(programs, [.. authority.Programs.Values.Select(p => p.Active).OfType<string>()], new LocalTime(zone), checkpoint.Size, checkpoint.Root, keyholder, bundle.Managers ?? [], witnesses, authority.Policy!.ToString(), office);
    }

    /// <summary>Checks that an enrollment line is what its code says: in a list that a root approver signed, in the log of this trust root.</summary>
    /// <exception cref="UnverifiableException">It is not.</exception>
    public static void VerifyEnrollment(EnrollmentFound found, TrustRoot root, string code, string use)
    {
        var (_, authority) = Open(found.Checkpoint, found.Evidence, root);
        if (found.Line.Code != code || found.Line.Use != use || !authority.IsEnrolled(found.List, found.Index, found.Line, Hashes(found.Proof)))
        {
            throw new UnverifiableException($"no enrollment list that an approver signed has this code for a {use}");
        }
    }

    /// <summary>Where root approvers named witnesses besides the keyholder, they must have seen this history within a day.</summary>
    private static IReadOnlyList<string> CheckWitnesses(AgentBundle bundle, Checkpoint checkpoint, Authority authority, DateTimeOffset now)
    {
        if (!authority.AsksOtherWitnesses)
        {
            return [];
        }

        return bundle.Witnessed is { } note && authority.Policy!.TryOpen(note, out var seen, now - WitnessAge, now + Skew) && SignedNote.TryParse(note, out var signed)
            && Merkle.VerifyConsistency(seen.Size, checkpoint.Size, seen.Root, checkpoint.Root, Hashes(bundle.WitnessedConsistency ?? []))
            ? [.. authority.Policy.Witnesses.Where(w => w.Key != authority.Witness && signed!.IsSignedBy(w.Key)).Select(w => w.Name)]
            : throw new UnverifiableException("the witnesses have not seen this log within a day: it may be another one than the one they keep");
    }

    /// <summary>The checkpoint and what its evidence says. The keyholder in office must have cosigned it: the pinned one, or one that root approvers named since.</summary>
    private static (Checkpoint Checkpoint, Authority Authority) Open(string note, IReadOnlyList<EvidenceEntry> evidence, TrustRoot root)
    {
        if (!Checkpoint.TryOpen(note, out var checkpoint, NoteVerifier.Parse(root.Log)))
        {
            throw new UnverifiableException("the checkpoint is not signed by the pinned log");
        }

        var authority = Replay(evidence, checkpoint!, root);
        return Checkpoint.TryOpen(note, out _, NoteVerifier.Parse(root.Log), authority.Witness!)
            ? (checkpoint!, authority)
            : throw new UnverifiableException("the checkpoint is not cosigned by the keyholder");
    }

    private static Authority Replay(IReadOnlyList<EvidenceEntry> entries, Checkpoint checkpoint, TrustRoot root)
    {
        var authority = new Authority();
        foreach (var evidence in entries.OrderBy(e => e.Index))
        {
            var bytes = Convert.FromBase64String(evidence.Entry);
            if (!Merkle.VerifyInclusion(evidence.Index, checkpoint.Size, Merkle.Leaf(bytes), Hashes(evidence.Proof), checkpoint.Root))
            {
                throw new UnverifiableException($"entry {evidence.Index} is not in the log");
            }

            if (LogEntry.TryRead(bytes) is not { } entry || entry.Open(evidence.Openings) is not { } happened)
            {
                throw new UnverifiableException($"entry {evidence.Index} cannot be read");
            }

            if (authority.Apply(evidence.Index, entry.Day, happened) is { } why)
            {
                throw new UnverifiableException($"entry {evidence.Index} does not stand: {why}");
            }
        }

        return authority.RootHash == root.Fingerprint ? authority : throw new UnverifiableException("the log's trust root is not the pinned one");
    }

    private static VerifiedProgram? Program(string name, string person, Authority authority, List<KeyStatement> keys, List<StatusStatement> status, AgentBundle bundle, DateTimeOffset now)
    {
        if (authority.Program(name).Active is not { } hash)
        {
            return null;
        }

        if (CharterReader.Read(authority.Charters[hash].Text, name) is not CharterReading.Good { Charter: var charter } || charter.Program != name)
        {
            throw new UnverifiableException($"the charter of {name} cannot be read by this version of the agent");
        }

        // The keyholder has followed the whole log: only its word, fresh, says that no later pause or charter exists.
        var said = status.Where(s => s.Program == name).MaxBy(s => s.Time);
        if (said is null || said.Charter != hash || said.Time < now - StatusStatement.Freshness || said.Time > now + Skew)
        {
            throw new UnverifiableException($"there is no fresh statement of the keyholder that {name} is in force under this charter");
        }

        // What the person said last, too, only the keyholder knows to be the last: a server could keep a no to itself.
        if (keys.Where(k => k.Program == name && k.Time >= now - StatusStatement.Freshness && k.Time <= now + Skew).MaxBy(k => k.Epoch) is not { } key)
        {
            throw new UnverifiableException($"there is no fresh key statement of the keyholder for {name}");
        }

        var lapsed = said.Lapsed ?? [];
        // Whom a charter covers is the directory's to say, and so is since when; where it does not say, notice begins today.
        var (activated, covered) = (authority.Charters[hash].ActivatedOn!.Value, bundle.Covered?.TryGetValue(name, out var since) == true ? since : DateOnly.FromDateTime(now.UtcDateTime));
        var choice = new PersonChoice(key.Said, key.Agreed == hash, key.Noticed == hash, charter.Notice.Days > 0 && covered > activated ? covered : activated, lapsed, covered);
        return (bundle.Left is not { } left || DateOnly.FromDateTime(now.UtcDateTime) < left) && charter.Covers.Covers(new Coverable(bundle.Teams, bundle.Site, bundle.Country, bundle.Employment, [.. bundle.Roles.Union(authority.RolesOf(person, DateOnly.FromDateTime(now.UtcDateTime)), StringComparer.Ordinal)]))
            ? new VerifiedProgram(charter.Without(lapsed.Contains), hash, HpkePublicKey.From(Convert.FromBase64String(key.Key)), key.Epoch, said.State != "active", said.Time, authority.Charters[hash].Text, said.Resumed, authority.Charters[hash].Approvals, choice)
            : null;
    }

    internal static List<Hash> Hashes(IReadOnlyList<string> texts) =>
        [.. texts.Select(t => Hash.TryParse(t, out var hash) ? hash : throw new UnverifiableException("a proof is damaged"))];
}
