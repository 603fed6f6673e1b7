using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Ingest;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;

namespace Daylight.Server.Features.Disclosures;

/// <summary>What became of a wish to see somebody's records.</summary>
internal abstract record LookOutcome
{
    private LookOutcome()
    {
    }

    /// <summary>Shown, and recorded under an entry before; without one when there was nothing to open.</summary>
    public sealed record Shown(IReadOnlyList<ShownRecord> Records, ulong? Entry, IReadOnlyList<string> Notices) : LookOutcome;

    /// <summary>Refused, and recorded.</summary>
    public sealed record Refused(RefusedLook Why, ulong Entry) : LookOutcome;

    /// <summary>The program is paused.</summary>
    public sealed record Paused(string Program) : LookOutcome;

    /// <summary>No such program.</summary>
    public sealed record UnknownProgram(string Program) : LookOutcome;

    /// <summary>A signed ask is missing.</summary>
    public sealed record AskMissing(AskWanted Wanted) : LookOutcome;

    /// <summary>The log or the keyholder cannot do its part now.</summary>
    public sealed record Unavailable(string Why) : LookOutcome;
}

/// <summary>A refusal in words.</summary>
/// <param name="Relation">Who asked.</param>
/// <param name="Missing">Stable name of the rule that is missing or not met.</param>
/// <param name="Codes">Stable names of everything that is missing.</param>
/// <param name="Reasons">The same, for people.</param>
internal sealed record RefusedLook(string Relation, string Missing, IReadOnlyList<string> Codes, IReadOnlyList<string> Reasons)
{
    public static RefusedLook Of(Decision.Refused refused, Charter? charter, IReadOnlyCollection<string> roles)
    {
        var relation = AccessWords.Relation(refused, roles);
        return new RefusedLook(relation, refused.Missing, AccessWords.Codes(refused.Obstacles), AccessWords.Reasons(refused, charter, relation));
    }
}

/// <summary>What is wanted, as the API was asked.</summary>
/// <param name="Subject">Person id of whom it is about.</param>
/// <param name="What">Records or submissions.</param>
/// <param name="Program">One program, or null for all in force.</param>
/// <param name="From">First local day.</param>
/// <param name="To">Last local day.</param>
/// <param name="Case">Digest of a case, or null.</param>
/// <param name="Ask">Id of a signed ask, or null.</param>
/// <param name="Address">Where the request comes from.</param>
internal sealed record Wanted(string Subject, IndividualKind What, string? Program, DateOnly From, DateOnly To, string? Case, string? Ask, System.Net.IPAddress? Address)
{
    /// <summary><c>records</c> or <c>submissions</c>.</summary>
    public string Kind => What == IndividualKind.Records ? "records" : "submissions";
}

/// <summary>The one path on which anything is disclosed: decide, record, open, in this order.</summary>
internal sealed class DisclosurePath(
    TransparencyLog log, KeyholderClient keyholder, WitnessRound witnesses, ProgramCatalog programs, Worlds worlds, Callers callers, Asks asks, ChunkStore chunks, Refusals refusals, GrantUses uses, UseCounts counts, TimeProvider time)
{
    /// <summary>Shows a person's records to a caller, if a rule and a signed ask allow it.</summary>
    public async Task<LookOutcome> LookAsync(Caller caller, Wanted wanted, CancellationToken cancel)
    {
        var inForce = wanted.Program is null ? programs.InForce() : programs.Find(wanted.Program) is { } one ? [one] : [];
        if (wanted.Program is not null && inForce.Count == 0)
        {
            return new LookOutcome.UnknownProgram(wanted.Program);
        }

        var (world, now, signed) = (worlds.Current, time.GetUtcNow(), asks.SignedAt(caller, wanted.Ask));
        var allowed = new List<(Charter Charter, Decision.Allowed Allowed)>();
        var notices = new List<string>();
        foreach (var p in inForce)
        {
            var look = new Look.AtPerson(caller.Person, wanted.Subject, p.Program, wanted.What, wanted.From, wanted.To, wanted.Case) { Signed = signed, Address = wanted.Address };
            switch (Gate.Decide(look, world, now))
            {
                case Decision.Allowed a:
                    allowed.Add((p.Charter, a));
                    break;
                case Decision.Refused { Obstacles: Obstacles.StepUp, Rule: { } rule }:
                    return new LookOutcome.AskMissing(AskFor(wanted, [p.Program], rule.Name)); // everything else is there: the asker signs, and comes again
                case Decision.Refused r when r.Obstacles.HasFlag(Obstacles.Paused) && wanted.Program is not null:
                    return new LookOutcome.Paused(p.Program);
                case Decision.Refused r when r.Obstacles.HasFlag(Obstacles.Paused):
                    notices.Add($"{p.Program} is paused");
                    break;
                case Decision.Refused r when wanted.Program is not null || caller.Person != wanted.Subject:
                    return await RefuseAsync(look, p, r);
                default:
                    break;
            }
        }

        return allowed.Count == 0
            ? new LookOutcome.Shown([], null, notices)
            : await DiscloseAsync(caller, wanted, Permit.Of(caller.Person, wanted, allowed), notices, cancel);
    }

    private async Task<LookOutcome> RefuseAsync(Look.AtPerson look, ProgramInForce program, Decision.Refused refused)
    {
        var why = RefusedLook.Of(refused, program.Charter, callers.RolesOf(look.Asker));
        try
        {
            return new LookOutcome.Refused(why, await refusals.RecordAsync(look.Asker, look.Subject, string.Empty, [program.Program], look.What == IndividualKind.Records ? "records" : "submissions", look.From, look.To, why, program.Charter.Keep.Looks));
        }
        catch (LogUnavailableException e)
        {
            return new LookOutcome.Unavailable(e.Message);
        }
    }

    private async Task<LookOutcome> DiscloseAsync(Caller caller, Wanted wanted, Permit permit, IReadOnlyList<string> notices, CancellationToken cancel)
    {
        if (asks.For(caller, permit, wanted.Ask) is not { } ask)
        {
            return new LookOutcome.AskMissing(permit.Asker == permit.Subject ? new AskWanted(Kinds: Asks.Kinds) : AskFor(wanted, permit.Programs, permit.Rule));
        }

        if (log.KeyholderTrouble is { } trouble)
        {
            return new LookOutcome.Unavailable(trouble); // nothing would be opened, so nothing is recorded as if it were
        }

        try
        {
            var now = time.GetUtcNow();
            var recorded = await RecordedDisclosure.RecordAsync(log, permit, ask, now);
            var stored = permit.Programs.SelectMany(p => chunks.Find(permit.Subject, p, permit.Kind, permit.From, permit.To, permit.Case)).ToList();
            var witnessed = await witnesses.ForAsync(permit.Asker == permit.Subject ? null : recorded.Entry.Index, cancel);
            var opened = await keyholder.OpenAsync(recorded, stored, witnessed, cancel);
            await NoteUseAsync(permit, opened.Records);
            return new LookOutcome.Shown(opened.Records, recorded.Entry.Index, [.. notices, .. Doubts(opened)]);
        }
        catch (LogUnavailableException e)
        {
            return new LookOutcome.Unavailable(e.Message);
        }
        catch (KeyholderException e)
        {
            if (e.Code is "starting" or "gap" or "not-followed")
            {
                await log.LookAsync(); // the keyholder has just started: it is asked what it needs, and the next look finds it ready
            }

            return e.Code == "paused" ? new LookOutcome.Paused(permit.Programs[0]) : new LookOutcome.Unavailable($"The keyholder keeps the seals shut ({e.Code}): {e.Message}");
        }
    }

    private static AskWanted AskFor(Wanted wanted, IReadOnlyList<string> programs, string rule) => new(null, wanted.Subject, programs, [wanted.Kind], wanted.From, wanted.To, rule);

    private async Task NoteUseAsync(Permit permit, IReadOnlyList<ShownRecord> shown)
    {
        if (permit.Asker == permit.Subject)
        {
            return;
        }

        foreach (var program in permit.Programs)
        {
            await uses.NoteAsync(permit.Asker, program, permit.Rule);
        }

        await counts.NoteAsync(permit.Rule, permit.Programs, shown);
    }

    private static IEnumerable<string> Doubts(KeyholderResponse.Opened opened)
    {
        if (opened.Unreadable > 0)
        {
            yield return $"{opened.Unreadable} sealed chunks did not open: they were changed, moved, or their key was destroyed";
        }

        if (opened.Unsigned > 0)
        {
            yield return $"{opened.Unsigned} sealed chunks were left out: none of this person's devices had signed them";
        }
    }
}

/// <summary>Records refusals; identical ones within an hour are one entry.</summary>
internal sealed class Refusals(TransparencyLog log, Storage.IDatabase database, Hosting.ServerKeys keys, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);

    public async Task<ulong> RecordAsync(
        string asker, string subject, string group, IReadOnlyList<string> programs, string what, DateOnly from, DateOnly to, RefusedLook refused, int keepDays)
    {
        var now = time.GetUtcNow();
        var hour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero);
        var key = keys.Reference("refusal", string.Join('\n', asker, subject, group, string.Join(',', programs), what, from.DayNumber, to.DayNumber, hour.ToUnixTimeSeconds()));
        await turn.WaitAsync();
        try
        {
            if (Find(key) is { } before)
            {
                return before;
            }

            var happened = new Refusal(asker, subject, group, refused.Relation, programs, what, from, to, refused.Reasons, now, DateOnly.FromDateTime(now.UtcDateTime).AddDays(keepDays));
            var (entry, _) = await log.AppendAsync(happened, (c, t, index) =>
            {
                Dapper.SqlMapper.Execute(c, "DELETE FROM coalesced WHERE until < @now", new { now = Storage.Sql.Instant(now) }, t);
                Dapper.SqlMapper.Execute(
                    c, "INSERT INTO coalesced (what, idx, until) VALUES (@key, @index, @until) ON CONFLICT DO NOTHING", new { key, index = (long)index, until = Storage.Sql.Instant(hour.AddHours(2)) }, t);
            });
            return entry.Index;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private ulong? Find(string key)
    {
        using var connection = database.Open();
        return (ulong?)Dapper.SqlMapper.QuerySingleOrDefault<long?>(connection, "SELECT idx FROM coalesced WHERE what = @key", new { key });
    }
}
