using System.Text.Json;
using Daylight.Core.Access;
using Daylight.Core.Directory;
using Daylight.Core.Exposure;
using Daylight.Sealing;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.Programs;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.Directory;

/// <summary>A change of the directory that waits for a privacy officer.</summary>
/// <param name="Since">Since when.</param>
/// <param name="Digest">What names it: an approval of another change does not serve.</param>
/// <param name="Appear">Sights that it makes.</param>
/// <param name="Disappear">Sights that it ends.</param>
/// <param name="Why">Why it waits.</param>
internal sealed record HeldChange(DateTimeOffset Since, string Digest, long Appear, long Disappear, string Why);

/// <summary>What became of a change.</summary>
internal abstract record Settled
{
    private Settled()
    {
    }

    /// <summary>It is in force.</summary>
    public sealed record Active(DirectoryPlan Plan, long Appear, long Disappear) : Settled;

    /// <summary>It waits; who leaves has left all the same.</summary>
    public sealed record Held(HeldChange Change) : Settled;
}

/// <summary>
/// The directory: one immutable snapshot in memory for every decision, rows in the database. A change is written as wanted first, then settled: put in force when
/// it lets nobody see much more than before, else held. What takes sight away never waits.
/// </summary>
internal sealed class DirectoryStore(
    DirectoryRows rows, IDatabase database, GroupCommitWriter writer, TransparencyLog log, ProgramCatalog programs, NoticeStore notices, ServerOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim oneAtATime = new(1, 1);
    private readonly Lock loading = new();
    private volatile Known? known;

    /// <summary>The directory now.</summary>
    public OrgSnapshot Current
    {
        get
        {
            var today = Today;
            return known is { } current && current.Snapshot.Day == today ? current.Snapshot : Load(today);
        }
    }

    private sealed record Known(OrgSnapshot Snapshot, long Version);

    /// <summary>The version of the rows that are in memory.</summary>
    public long Version => known?.Version ?? -1;

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Takes over what another node put in force.</summary>
    public void Refresh()
    {
        if (known is { } current && rows.Version() > current.Version)
        {
            Load(Today, onlyChanged: true);
        }
    }

    /// <summary>The change that waits, or null.</summary>
    public HeldChange? Held => rows.State().Held is { } json ? JsonSerializer.Deserialize(json, DirectoryJson.Default.HeldChange) : null;

    /// <summary>Makes this the whole directory: who is not in it leaves.</summary>
    /// <param name="people">Everybody.</param>
    /// <param name="teams">Every team.</param>
    /// <exception cref="FormatException">Somebody new has the user name of somebody else.</exception>
    public Task<Settled> ReplaceAsync(IReadOnlyCollection<Person> people, IReadOnlyCollection<Team> teams) => InTurnAsync(async () =>
    {
        Refresh();
        var plan = DirectoryPlan.Of(Current, people, teams, Today);
        await WantAsync(rows.WithWayMade([.. plan.Touched.Select(p => Kept(p, rows.Find(p.Id)))]), [.. plan.TeamsAdded, .. plan.TeamsChanged], [.. plan.TeamsGone.Select(t => t.Id)]);
        return await SettleInTurnAsync(null);
    });

    /// <summary>Runs what reads rows and writes them while nobody else does, and while nothing is settled: nothing written in between is lost, or taken unread.</summary>
    public async Task<T> InTurnAsync<T>(Func<Task<T>> work)
    {
        await oneAtATime.WaitAsync();
        try
        {
            using var turn = database.TakeTurn("directory");
            return await work();
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>Writes what is wanted; in a turn.</summary>
    public Task WantAsync(IReadOnlyCollection<StoredPerson> people, IReadOnlyCollection<Team> teams, IReadOnlyCollection<string> teamsGone) => writer.WriteAsync((c, t) =>
    {
        rows.Want(c, t, people);
        DirectoryRows.WantTeams(c, t, teams, teamsGone);
    });

    /// <summary>Puts in force what is wanted, or holds it.</summary>
    /// <param name="approved">A held change that was approved, by its digest.</param>
    public Task<Settled> SettleAsync(string? approved = null) => InTurnAsync(() =>
    {
        Refresh();
        return SettleInTurnAsync(approved);
    });

    /// <summary>Forgets what waits.</summary>
    public Task DiscardAsync() => InTurnAsync(() => writer.WriteAsync((c, t) =>
    {
        rows.Discard(c, t);
        return Dapper.SqlMapper.Execute(c, "UPDATE directory_state SET held = NULL", transaction: t);
    }));

    /// <summary>What waits, as a plan; with what it does to who could see what.</summary>
    public (DirectoryPlan Plan, ExposureDiff Diff) Waiting()
    {
        var plan = Plan(rows.Wanted());
        return (plan, DiffOf(WorldOf(Current), plan));
    }

    /// <summary>What a plan does to who could see what, and will when every manager who is to come has come; as if all agreed, so that no number says who did.</summary>
    public static ExposureDiff DiffOf(World now, DirectoryPlan plan)
    {
        var most = now.IfAllAgree();
        return new ExposureDiff(most.With(people: now.People.WithAllToCome()), most.With(people: plan.Apply(now.People).WithAllToCome()));
    }

    /// <inheritdoc/>
    public void Dispose() => oneAtATime.Dispose();

    private DirectoryPlan Plan(IEnumerable<StoredPerson> wanted)
    {
        var (teams, gone) = rows.WantedTeams();
        return DirectoryPlan.Of(Current, wanted.Select(w => w.Person), teams, gone, Today);
    }

    private async Task<Settled> SettleInTurnAsync(string? approved)
    {
        var wanted = rows.Wanted().ToDictionary(w => w.Person.Id, StringComparer.Ordinal);
        var plan = Plan(wanted.Values);
        var current = Current;
        var (appear, disappear, sights) = Exposure(current, plan);
        var (waits, start, window) = rows.State();
        var now = Sql.Instant(time.GetUtcNow());
        (start, window) = now - start > Window.TotalMilliseconds ? (now, 0) : (start, window);
        var threshold = options.HoldAbove ?? Math.Max(50, sights / 20);
        var digest = Digest(plan, wanted);
        if (current.Count > 0 && appear > 0 && window + appear > threshold && approved != digest)
        {
            var held = new HeldChange(Held?.Since ?? time.GetUtcNow(), digest, appear, disappear, $"{appear} sights appear; more than {threshold} within a day wait for a privacy officer");
            return await HoldAsync(current, plan, held, wanted, Held);
        }

        if (!plan.IsEmpty || wanted.Count > 0 || waits is not null)
        {
            await RecordFirstAsync(current, plan, wanted, appear, disappear);
            await CommitAsync(current, plan, wanted, all: true, (c, t) => Dapper.SqlMapper.Execute(
                c, "UPDATE directory_state SET held = NULL, window_start = @start, window_appear = @window", new { start, window = approved is null ? window + appear : 0 }, t));
            if (appear == 0)
            {
                await RecordAsync(plan, appear, disappear, held: false);
            }
        }

        return new Settled.Active(plan, appear, disappear);
    }

    /// <summary>What lets anybody see more stands in the log before it is in force: no log, no change. Who leaves has left all the same.</summary>
    private async Task RecordFirstAsync(OrgSnapshot current, DirectoryPlan plan, Dictionary<string, StoredPerson> wanted, long appear, long disappear)
    {
        if (appear == 0)
        {
            return;
        }

        try
        {
            await RecordAsync(plan, appear, disappear, held: false);
        }
        catch (LogUnavailableException)
        {
            if (plan.OnlyLeavers() is { IsEmpty: false } leavers)
            {
                await CommitAsync(current, leavers, wanted, all: false, (_, _) => { });
            }

            throw;
        }
    }

    private async Task<Settled> HoldAsync(OrgSnapshot current, DirectoryPlan plan, HeldChange held, Dictionary<string, StoredPerson> wanted, HeldChange? before)
    {
        var json = JsonSerializer.Serialize(held, DirectoryJson.Default.HeldChange);
        void Keep(System.Data.Common.DbConnection c, System.Data.Common.DbTransaction t) => Dapper.SqlMapper.Execute(c, "UPDATE directory_state SET held = @json", new { json }, t);
        if (plan.OnlyLeavers() is { IsEmpty: false } leavers)
        {
            await CommitAsync(current, leavers, wanted, all: false, Keep);
        }
        else
        {
            await writer.WriteAsync(Keep);
        }

        if (before is null)
        {
            await RecordAsync(plan, held.Appear, held.Disappear, held: true);
            await notices.AlertAsync("privacy-officer", "directory-held", held.Why);
        }
        else
        {
            await RecordAsync(plan.OnlyLeavers(), 0, 0, held: false);
        }

        return new Settled.Held(held);
    }

    private async Task CommitAsync(OrgSnapshot current, DirectoryPlan plan, Dictionary<string, StoredPerson> wanted, bool all, Action<System.Data.Common.DbConnection, System.Data.Common.DbTransaction> together)
    {
        var touched = plan.Touched.ToDictionary(p => p.Id, StringComparer.Ordinal);
        // What is wanted and changes no person (only what provisioning clients ask for) keeps the days that the person has.
        var rest = all ? wanted.Values.Where(w => !touched.ContainsKey(w.Person.Id)).Select(w => w with { Person = current.Person(w.Person.Id) ?? w.Person }) : [];
        List<StoredPerson> final = [.. touched.Values.Select(p => (wanted.GetValueOrDefault(p.Id) ?? StoredPerson.Of(p)) with { Person = p }), .. rest];
        var version = await writer.WriteAsync((c, t) =>
        {
            rows.Activate(c, t, final, teamsToo: all);
            together(c, t);
            return Dapper.SqlMapper.QuerySingle<long>(c, "SELECT version FROM directory_state", transaction: t);
        });
        lock (loading)
        {
            known = new Known(plan.Apply(current), version);
        }
    }

    /// <summary>Who moved is in no log; that somebody did, and what it did to who could see what, is.</summary>
    private async Task RecordAsync(DirectoryPlan plan, long appear, long disappear, bool held)
    {
        if (log.Read(a => a.Root) is not null && (!plan.Joiners.IsEmpty || !plan.Leavers.IsEmpty || plan.Changed.Any(c => c.IsMove) || appear + disappear > 0))
        {
            await log.AppendAsync(new DirectoryChanged(plan.Joiners.Length, plan.Changed.Count(c => c.IsMove), plan.Leavers.Length, appear, disappear, held));
        }
    }

    private (long Appear, long Disappear, long Sights) Exposure(OrgSnapshot before, DirectoryPlan plan)
    {
        var world = WorldOf(before);
        if (!world.Programs.Any())
        {
            return (0, 0, 0);
        }

        var diff = DiffOf(world, plan);
        return (diff.Appear, diff.Disappear, diff.Appear > 0 ? new ExposureOf(world).Summary().Sum(p => p.Sights) : 0);
    }

    private World WorldOf(OrgSnapshot people) => Worlds.Make(people, programs, log);

    /// <summary>Names what waits: rows as they are wanted, so that it is the same change tomorrow, and without leavers, who do not wait.</summary>
    private static string Digest(DirectoryPlan plan, Dictionary<string, StoredPerson> wanted) => Daylight.Transparency.Hash.Of(JsonSerializer.SerializeToUtf8Bytes(
        new PlanDigest(
            [.. plan.Joiners.Concat(plan.Changed.Select(c => c.After)).Select(p => wanted[p.Id].Person).OrderBy(p => p.Id, StringComparer.Ordinal)],
            [.. plan.TeamsAdded.Concat(plan.TeamsChanged).OrderBy(t => t.Id, StringComparer.Ordinal)], [.. plan.TeamsGone.OrderBy(t => t.Id, StringComparer.Ordinal)]),
        PlanJson.Default.PlanDigest)).ToHex();

    private static StoredPerson Kept(Person person, StoredPerson? before) => before is null ? StoredPerson.Of(person) : before with { Person = person };

    private OrgSnapshot Load(DateOnly today, bool onlyChanged = false)
    {
        lock (loading)
        {
            if (!onlyChanged && known is { } current && current.Snapshot.Day == today)
            {
                return current.Snapshot;
            }

            var version = rows.Version(); // read before the rows: whatever comes in between is read again
            var changed = rows.ActiveSince(known?.Version ?? -1);
            var people = known is { } before
                ? before.Snapshot.People.Concat(changed) // of two with one id the last counts
                : changed;
            var loaded = new OrgSnapshot(people, rows.ActiveTeams(), today);
            known = new Known(loaded, version);
            return loaded;
        }
    }
}

/// <summary>What a plan is named by.</summary>
internal sealed record PlanDigest(IReadOnlyList<Person> People, IReadOnlyList<Team> Teams, IReadOnlyList<Team> Gone);

/// <summary>Serialization of a plan's name.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(PlanDigest))]
internal sealed partial class PlanJson : System.Text.Json.Serialization.JsonSerializerContext;
