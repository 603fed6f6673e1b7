using System.Data.Common;
using Dapper;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>
/// What the keyholder opened: once each, in order, and for whom it counts. It is written before anything is answered, and what it signs makes a look that
/// somebody leaves out of a list visible.
/// </summary>
internal sealed class OpeningLedger(IDatabase database, GroupCommitWriter writer, KeyVault vault, LogFollower log, SteadyClock clock)
{
    private const string Look = "look";
    private const string Release = "release";
    private const string Asked = "asked";

    /// <summary>How long a use is remembered: until entry and ask would be refused for their age.</summary>
    private static readonly TimeSpan Remembered = Ask.SelfLife + TimeSpan.FromHours(1);

    /// <summary>Notes a look, and that its entry (and what else may serve only once) is used up. False when it was before.</summary>
    public Task<bool> NoteLookAsync(ulong index, Ask ask, DateOnly tell, DateOnly until, IReadOnlyList<string> alsoOnce)
    {
        var (leaf, now) = (Merkle.Leaf(log.Entry(index)).ToArray(), clock.Now);
        List<string> uses = [EntryUse(index), .. alsoOnce];
        return writer.WriteAsync((c, t) =>
        {
            c.Execute("DELETE FROM used WHERE until < @now", new { now = Sql.Instant(now) }, t);
            if (uses.Exists(what => c.QuerySingle<long>("SELECT COUNT(*) FROM used WHERE what = @what", new { what }, t) > 0))
            {
                return false; // nothing of this attempt stays: an ask that was used does not use up the entry
            }

            uses.ForEach(what => c.Execute("INSERT INTO used (what, until) VALUES (@what, @until)", new { what, until = Sql.Instant(now + Remembered) }, t));
            NoteOpened(c, t, index, leaf);
            CountLook(c, t, vault, ask, tell, index, leaf, until, now);
            clock.Remember(c, t);
            return true;
        });
    }

    /// <summary>Notes a release run and whom it counted, together with what it gave.</summary>
    public Task NoteReleaseAsync(ulong index, IEnumerable<string> members, DateOnly until, Action<DbConnection, DbTransaction> together)
    {
        var (people, leaf, today) = (members.Select(vault.Reference).ToList(), Merkle.Leaf(log.Entry(index)).ToArray(), DateOnly.FromDateTime(clock.Now.UtcDateTime));
        return writer.WriteAsync((c, t) =>
        {
            NoteOpened(c, t, index, leaf);
            people.ForEach(person => Count(c, t, person, Release, today, index, leaf, until));
            together(c, t);
            clock.Remember(c, t);
        });
    }

    /// <summary>The count of a person's openings that are told and kept today, with what it counts.</summary>
    public KeyholderResponse.OpeningsMade CountOf(string person, string nonce, NoteSigner key)
    {
        var now = clock.Now;
        var (looks, lookChain) = Told(person, Look, now);
        var (releases, releaseChain) = Told(person, Release, now);
        var (asked, askedChain) = Told(person, Asked, now);
        var statement = new CountOfOpenings(log.Authority.RootHash, now, person, nonce, looks.Count, lookChain, releases.Count, releaseChain, asked.Count, askedChain, log.Size, log.Root.ToString());
        return new KeyholderResponse.OpeningsMade(statement.Sign(key), looks, releases, asked);
    }

    /// <summary>The total, and the indexes of a part of what it counts.</summary>
    public KeyholderResponse.AllOpeningsMade All(long from, int most, NoteSigner key)
    {
        using var connection = database.Open();
        var last = connection.QuerySingleOrDefault<(long Sequence, byte[]? Chain)>("SELECT seq, chain FROM opened ORDER BY seq DESC LIMIT 1");
        var total = new TotalOfOpenings(
            log.Authority.RootHash, clock.Now, last.Sequence, last.Chain is null ? default(Hash).ToString() : Hash.From(last.Chain).ToString(), log.Size, log.Root.ToString());
        var indexes = connection.Query<long>("SELECT idx FROM opened WHERE seq > @from AND seq <= @Sequence ORDER BY seq LIMIT @most", new { from, last.Sequence, most }).Select(i => (ulong)i).ToList();
        return new KeyholderResponse.AllOpeningsMade(total.Sign(key), indexes);
    }

    /// <summary>Counts, and uses up, a look that may have been opened by this keyholder before it was restored.</summary>
    public static void NotePossible(DbConnection c, DbTransaction t, KeyVault vault, ulong index, Hash leaf, Disclosure disclosure, DateTimeOffset now)
    {
        if (Statement.TryRead(disclosure.Signed.Bytes) is not Ask ask
            || c.Execute("INSERT INTO used (what, until) VALUES (@what, @until) ON CONFLICT DO NOTHING", new { what = EntryUse(index), until = Sql.Instant(now + Remembered) }, t) == 0)
        {
            return;
        }

        NoteOpened(c, t, index, leaf.ToArray());
        CountLook(c, t, vault, ask, disclosure.Tell, index, leaf.ToArray(), disclosure.Until, now);
    }

    private (List<OpenedEntry> Entries, string Chain) Told(string person, string what, DateTimeOffset now)
    {
        var today = Sql.Day(DateOnly.FromDateTime(now.UtcDateTime));
        using var connection = database.Open();
        var (entries, chain) = (new List<OpenedEntry>(), default(OpeningChain));
        foreach (var (idx, leaf) in connection.Query<(long, byte[])>(
            "SELECT idx, leaf FROM counted WHERE person_ref = @person AND what = @what AND tell <= @today AND until >= @today ORDER BY tell, idx", new { person = vault.Reference(person), what, today }))
        {
            var hash = Hash.From(leaf);
            chain.Add((ulong)idx, hash);
            entries.Add(new OpenedEntry((ulong)idx, hash.ToString()));
        }

        return (entries, chain.Value.ToString());
    }

    private static string EntryUse(ulong index) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"entry {index}");

    private static void NoteOpened(DbConnection c, DbTransaction t, ulong index, byte[] leaf)
    {
        var last = c.QuerySingleOrDefault<(long Sequence, byte[]? Chain)>("SELECT seq, chain FROM opened ORDER BY seq DESC LIMIT 1", transaction: t);
        var chain = OpeningChain.From(last.Chain is null ? default : Hash.From(last.Chain));
        chain.Add(index, Hash.From(leaf));
        c.Execute("INSERT INTO opened (seq, idx, chain) VALUES (@seq, @idx, @link)", new { seq = last.Sequence + 1, idx = (long)index, link = chain.Value.ToArray() }, t);
    }

    /// <summary>A look counts for whom it is at, from the day on which they are told; and at once for whoever signed for it, if that is somebody else.</summary>
    private static void CountLook(DbConnection c, DbTransaction t, KeyVault vault, Ask ask, DateOnly tell, ulong index, byte[] leaf, DateOnly until, DateTimeOffset now)
    {
        Count(c, t, vault.Reference(ask.Subject), Look, tell, index, leaf, until);
        if (!ask.IsSelf)
        {
            Count(c, t, vault.Reference(ask.Asker), Asked, DateOnly.FromDateTime(now.UtcDateTime), index, leaf, until);
        }
    }

    private static void Count(DbConnection c, DbTransaction t, string person, string what, DateOnly tell, ulong index, byte[] leaf, DateOnly until) => c.Execute(
        "INSERT INTO counted (person_ref, what, tell, idx, leaf, until) VALUES (@person, @what, @tell, @idx, @leaf, @until)",
        new { person, what, tell = Sql.Day(tell), idx = (long)index, leaf, until = Sql.Day(until) },
        t);
}
