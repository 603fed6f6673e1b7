using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
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
    public sealed record Refused(Decision.Refused Why, ulong Entry) : LookOutcome;

    /// <summary>The program is paused.</summary>
    public sealed record Paused(string Program) : LookOutcome;

    /// <summary>No such program.</summary>
    public sealed record UnknownProgram(string Program) : LookOutcome;

    /// <summary>A signed ask is missing.</summary>
    public sealed record AskMissing : LookOutcome;

    /// <summary>The log or the keyholder cannot do its part now.</summary>
    public sealed record Unavailable(string Why) : LookOutcome;
}

/// <summary>The one path on which anything is disclosed: decide, record, open, in this order.</summary>
internal sealed class DisclosurePath(
    TransparencyLog log, KeyholderClient keyholder, WitnessRound witnesses, ProgramCatalog programs, DirectoryStore directory, Callers callers, Asks asks, ChunkStore chunks, Refusals refusals, TimeProvider time)
{
    /// <summary>Shows a person's records to a caller, if a rule and a signed ask allow it.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="subject">About whom.</param>
    /// <param name="program">One program, or null for all in force.</param>
    /// <param name="from">First local day.</param>
    /// <param name="to">Last local day.</param>
    /// <param name="caseDigest">Digest of a case, or null.</param>
    /// <param name="askId">Id of a signed ask, or null.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<LookOutcome> LookAsync(Caller caller, string subject, string? program, DateOnly from, DateOnly to, string? caseDigest, string? askId, CancellationToken cancel)
    {
        var inForce = program is null ? programs.InForce() : programs.Find(program) is { } one ? [one] : [];
        if (program is not null && inForce.Count == 0)
        {
            return new LookOutcome.UnknownProgram(program);
        }

        var look = new Look.AtPerson(caller.Person, subject, from, to, FindCase(caller, subject, caseDigest));
        var roles = callers.RolesOf(caller.Person);
        var allowed = new List<(Charter Charter, Decision.Allowed Allowed)>();
        var notices = new List<string>();
        foreach (var p in inForce)
        {
            switch (Gate.Decide(look, p.ForGate, directory.Current, roles))
            {
                case Decision.Allowed a:
                    allowed.Add((p.Charter, a));
                    break;
                case Decision.Paused when program is not null:
                    return new LookOutcome.Paused(p.Program);
                case Decision.Paused:
                    notices.Add($"{p.Program} is paused");
                    break;
                case Decision.Refused r when program is not null || caller.Person != subject:
                    return await RefuseAsync(look, p, r, from, to);
                default:
                    break;
            }
        }

        return allowed.Count == 0
            ? new LookOutcome.Shown([], null, notices)
            : await DiscloseAsync(caller, Permit.Of(look, allowed), askId, notices, cancel);
    }

    private CaseAtHand? FindCase(Caller caller, string subject, string? digest) => digest is null ? null : log.Read(a =>
        a.Cases.TryGetValue(digest, out var found) && found.Statement.Asker == caller.Person && found.Statement.Subject == subject
            && found.IsInForce(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), [])
            ? new CaseAtHand(digest, found.Statement.Rule, found.Statement.Programs, found.Statement.From, found.Statement.To, [.. found.Approvals.Keys])
            : new CaseAtHand(digest, string.Empty, [], default, default, []));

    private async Task<LookOutcome> RefuseAsync(Look.AtPerson look, ProgramInForce program, Decision.Refused refused, DateOnly from, DateOnly to)
    {
        try
        {
            var entry = await refusals.RecordAsync(look.Asker, look.Subject, string.Empty, [program.Program], "records", from, to, refused, program.Charter.Keep.Looks);
            return new LookOutcome.Refused(refused, entry);
        }
        catch (LogUnavailableException e)
        {
            return new LookOutcome.Unavailable(e.Message);
        }
    }

    private async Task<LookOutcome> DiscloseAsync(Caller caller, Permit permit, string? askId, IReadOnlyList<string> notices, CancellationToken cancel)
    {
        if (asks.For(caller, permit, askId) is not { } ask)
        {
            return new LookOutcome.AskMissing();
        }

        if (log.KeyholderTrouble is { } trouble)
        {
            return new LookOutcome.Unavailable(trouble); // nothing would be opened, so nothing is recorded as if it were
        }

        try
        {
            var now = time.GetUtcNow();
            var today = DateOnly.FromDateTime(now.UtcDateTime);
            var recorded = await RecordedDisclosure.RecordAsync(log, permit, ask, now);
            var stored = permit.Programs.SelectMany(p => chunks.Records(permit.Subject, p, permit.From, permit.To, today)).ToList();
            var witnessed = await witnesses.ForAsync(permit.Asker == permit.Subject ? null : recorded.Entry.Index, cancel);
            var opened = await keyholder.OpenAsync(recorded, stored, witnessed, cancel);
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
        string asker, string subject, string group, IReadOnlyList<string> programs, string what, DateOnly from, DateOnly to, Decision.Refused refused, int keepDays)
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
