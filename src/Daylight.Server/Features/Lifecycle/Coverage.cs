using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Dapper;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// Whom charters cover, and since when: whoever moves into a team that is measured has notice from that day on, not from the day on which the charter came into force.
/// By the keyed hash of person and program, as sealed chunks are.
/// </summary>
internal sealed class Coverage(ProgramCatalog programs, DirectoryStore directory, Callers callers, TransparencyLog log, IDatabase database, GroupCommitWriter writer, ServerKeys keys, TimeProvider time)
{
    /// <summary>For so many days a directory that forgot somebody may be put right, and nothing begins anew.</summary>
    private const int Forgiven = 2;

    private string noted = string.Empty;

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Everybody who is here and whom a charter covers.</summary>
    public IEnumerable<Person> Of(Charter charter) =>
        directory.Current is var people ? people.People.Where(p => (p.Left is null || p.Left > Today) && people.IsCovered(charter.Covers, p, callers.RolesOf(p.Id))) : [];

    /// <summary>The same by the day since which the program covers them: today for whom nothing is noted yet.</summary>
    public IEnumerable<IGrouping<DateOnly, string>> BySince(Charter charter)
    {
        var known = Noted(charter.Program);
        return Of(charter).Select(p => p.Id).GroupBy(p => known.TryGetValue(keys.SubjectRef(p, charter.Program), out var row) && !IsOver(row) ? row.Since : Today);
    }

    /// <summary>Since when programs cover a person; those of which nothing is noted are left out.</summary>
    public IReadOnlyDictionary<string, DateOnly> Since(string person, IReadOnlyCollection<string> named)
    {
        using var connection = database.Open();
        var over = Sql.Day(Today.AddDays(-Forgiven)); // who is back after longer has notice anew, before the job has noted it
        return named.Select(p => (Program: p, Since: connection.QuerySingleOrDefault<string>(
                "SELECT since FROM covered WHERE subject_ref = @subject AND (gone IS NULL OR gone > @over)", new { subject = keys.SubjectRef(person, p), over })))
            .Where(p => p.Since is not null).ToDictionary(p => p.Program, p => Sql.Day(p.Since!), StringComparer.Ordinal);
    }

    /// <summary>Since when; of programs that began to cover this person a moment ago, since today.</summary>
    public async Task<IReadOnlyDictionary<string, DateOnly>> SinceAsync(string person, IReadOnlyCollection<string> covering)
    {
        if (Since(person, covering) is var known && covering.Where(p => !known.ContainsKey(p)).ToList() is { Count: > 0 } missing)
        {
            await AddAsync(missing.Select(p => (keys.SubjectRef(person, p), p)));
            known = Since(person, covering);
        }

        return known;
    }

    /// <summary>Notes whom programs cover by now, and has those told who have not been.</summary>
    /// <param name="tell">Tells people of a program that covers them since a day; returns how many notices were new. It may be asked the same again after a crash.</param>
    public async Task<int> NoteAsync(Func<ProgramInForce, DateOnly, IReadOnlyList<string>, Task<int>> tell)
    {
        var inForce = programs.InForce().Where(p => p.Charter.Until >= Today).ToList();
        var state = $"{Sql.Day(Today)} {directory.Current.Count} {directory.Version} {string.Join(' ', inForce.Select(p => p.Hash))} {log.Read(a => string.Join(' ', a.Roles.Select(r => r.Role.Granted)))}";
        if (state == noted)
        {
            return 0;
        }

        var told = 0;
        foreach (var program in inForce)
        {
            told += await NoteAsync(program, tell);
        }

        foreach (var over in Programs().Except(inForce.Select(p => p.Program), StringComparer.Ordinal))
        {
            await writer.WriteAsync((c, t) => c.Execute("DELETE FROM covered WHERE program = @over", new { over }, t));
        }

        noted = state;
        return told;
    }

    private async Task<int> NoteAsync(ProgramInForce program, Func<ProgramInForce, DateOnly, IReadOnlyList<string>, Task<int>> tell)
    {
        var covered = Of(program.Charter).ToDictionary(p => keys.SubjectRef(p.Id, program.Program), p => p.Id, StringComparer.Ordinal);
        var before = Noted(program.Program);
        await EachAsync("DELETE FROM covered WHERE subject_ref = @subject", before.Where(r => IsOver(r.Value)).Select(r => r.Key)); // who comes back has notice anew
        await EachAsync("UPDATE covered SET gone = @today WHERE subject_ref = @subject AND gone IS NULL", before.Where(r => r.Value.Gone is null && !covered.ContainsKey(r.Key)).Select(r => r.Key));
        await EachAsync("UPDATE covered SET gone = NULL WHERE subject_ref = @subject", before.Where(r => r.Value.Gone is not null && !IsOver(r.Value) && covered.ContainsKey(r.Key)).Select(r => r.Key));
        await AddAsync(covered.Keys.Where(r => !before.TryGetValue(r, out var row) || IsOver(row)).Select(r => (r, program.Program)));
        var told = 0;
        foreach (var untold in Noted(program.Program).Where(r => !r.Value.Told && covered.ContainsKey(r.Key)).GroupBy(r => r.Value.Since))
        {
            told += await tell(program, untold.Key, [.. untold.Select(u => covered[u.Key])]);
            await EachAsync("UPDATE covered SET told = 1 WHERE subject_ref = @subject", untold.Select(u => u.Key));
        }

        return told;
    }

    private bool IsOver(Row row) => row.Gone <= Today.AddDays(-Forgiven);

    private sealed record Row(DateOnly Since, bool Told, DateOnly? Gone);

    private Dictionary<string, Row> Noted(string program)
    {
        using var connection = database.Open();
        return connection.Query<(string Ref, string Since, int Told, string? Gone)>("SELECT subject_ref, since, told, gone FROM covered WHERE program = @program", new { program })
            .ToDictionary(r => r.Ref, r => new Row(Sql.Day(r.Since), r.Told == 1, r.Gone is null ? null : Sql.Day(r.Gone)));
    }

    private List<string> Programs()
    {
        using var connection = database.Open();
        return [.. connection.Query<string>("SELECT DISTINCT program FROM covered")];
    }

    private async Task EachAsync(string sql, IEnumerable<string> references)
    {
        foreach (var some in references.Chunk(500))
        {
            await writer.WriteAsync((c, t) => some.Sum(subject => c.Execute(sql, new { subject, today = Sql.Day(Today) }, t)));
        }
    }

    private async Task AddAsync(IEnumerable<(string Ref, string Program)> added)
    {
        foreach (var some in added.Chunk(500))
        {
            await writer.WriteAsync((c, t) => some.Sum(a => c.Execute(
                "INSERT INTO covered (subject_ref, program, since, told) VALUES (@Ref, @Program, @since, 0) ON CONFLICT DO NOTHING", new { a.Ref, a.Program, since = Sql.Day(Today) }, t)));
        }
    }
}
