using Daylight.Core.Charters;
using Daylight.Core.Minimization;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Agent.Trust;

/// <summary>A program that this machine may collect for: every signature led to the pinned trust root.</summary>
/// <param name="Charter">The charter.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Key">What this person's data is sealed to.</param>
/// <param name="Epoch">The key's epoch.</param>
/// <param name="Paused">Whether the keyholder says that it is paused.</param>
/// <param name="StatusTime">When the keyholder said so.</param>
internal sealed record VerifiedProgram(Charter Charter, string Hash, HpkePublicKey Key, int Epoch, bool Paused, DateTimeOffset StatusTime);

/// <summary>A bundle that holds.</summary>
internal sealed record VerifiedBundle(IReadOnlyList<VerifiedProgram> Programs, LocalTime Local, ulong Size, Hash Root, NoteVerifier Keyholder);

/// <summary>The server could not prove what it says: nothing is collected under it, and nothing is sent.</summary>
internal sealed class UnverifiableException(string message) : Exception(message);

/// <summary>Checks what the server delivers from the pinned trust root alone. Pure.</summary>
internal static class BundleVerifier
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>Verifies a bundle.</summary>
    /// <param name="bundle">What the server delivered.</param>
    /// <param name="root">The pin.</param>
    /// <param name="person">Whose machine this is.</param>
    /// <param name="known">Size and root of the log that this machine saw last.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="UnverifiableException">Something does not hold; the message says what.</exception>
    public static VerifiedBundle Verify(AgentBundle bundle, TrustRoot root, string person, (ulong Size, Hash Root) known, DateTimeOffset now)
    {
        var (checkpoint, authority) = Open(bundle.Checkpoint, bundle.Evidence, root);

        if (!Merkle.VerifyConsistency(known.Size, checkpoint.Size, known.Root, checkpoint.Root, Hashes(bundle.Consistency)))
        {
            throw new UnverifiableException("the log is not a continuation of the one that this machine saw before: it was rewritten or rolled back");
        }

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
        return new VerifiedBundle(programs, new LocalTime(zone), checkpoint.Size, checkpoint.Root, keyholder);
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

        if (keys.Where(k => k.Program == name).MaxBy(k => k.Epoch) is not { } key)
        {
            throw new UnverifiableException($"there is no key statement of the keyholder for {name}");
        }

        // Nobody can say yes, or object, yet: until they can, what asks them collects nothing.
        return charter.Consent is Consent.None && (bundle.Left is not { } left || DateOnly.FromDateTime(now.UtcDateTime) < left) && charter.Covers.Covers(new Coverable(bundle.Teams, bundle.Site, bundle.Country, bundle.Employment, [.. bundle.Roles.Union(authority.RolesOf(person, DateOnly.FromDateTime(now.UtcDateTime)), StringComparer.Ordinal)]))
            ? new VerifiedProgram(charter, hash, HpkePublicKey.From(Convert.FromBase64String(key.Key)), key.Epoch, said.State != "active", said.Time)
            : null;
    }

    internal static List<Hash> Hashes(IReadOnlyList<string> texts) =>
        [.. texts.Select(t => Hash.TryParse(t, out var hash) ? hash : throw new UnverifiableException("a proof is damaged"))];
}
