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
    private string noted = string.Empty;

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Everybody who is here and whom a charter covers.</summary>
    public IEnumerable<Person> Of(Charter charter) =>
        directory.Current is var people ? people.People.Where(p => (p.Left is null || p.Left > Today) && people.IsCovered(charter.Covers, p, callers.RolesOf(p.Id))) : [];

    /// <summary>Since when programs cover a person; a program that is not among them does not, or not yet by what was noted.</summary>
    public IReadOnlyDictionary<string, DateOnly> Since(string person, IReadOnlyCollection<string> named)
    {
        using var connection = database.Open();
        return named.Select(p => (Program: p, Since: connection.QuerySingleOrDefault<string>("SELECT since FROM covered WHERE subject_ref = @subject", new { subject = keys.SubjectRef(person, p) })))
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
            var covered = Of(program.Charter).ToDictionary(p => keys.SubjectRef(p.Id, program.Program), p => p.Id, StringComparer.Ordinal);
            var before = Noted(program.Program);
            await AddAsync(covered.Keys.Where(r => !before.ContainsKey(r)).Select(r => (r, program.Program)));
            await EachAsync("DELETE FROM covered WHERE subject_ref = @subject", before.Keys.Where(r => !covered.ContainsKey(r))); // who comes back has notice anew
            foreach (var untold in covered.Where(c => !before.TryGetValue(c.Key, out var b) || !b.Told).GroupBy(c => before.TryGetValue(c.Key, out var b) ? b.Since : Today))
            {
                told += await tell(program, untold.Key, [.. untold.Select(u => u.Value)]);
                await EachAsync("UPDATE covered SET told = 1 WHERE subject_ref = @subject", untold.Select(u => u.Key));
            }
        }

        noted = state;
        return told;
    }

    private Dictionary<string, (DateOnly Since, bool Told)> Noted(string program)
    {
        using var connection = database.Open();
        return connection.Query<(string Ref, string Since, int Told)>("SELECT subject_ref, since, told FROM covered WHERE program = @program", new { program }).ToDictionary(r => r.Ref, r => (Sql.Day(r.Since), r.Told == 1), StringComparer.Ordinal);
    }

    private async Task EachAsync(string sql, IEnumerable<string> references)
    {
        foreach (var some in references.Chunk(500))
        {
            await writer.WriteAsync((c, t) => some.Sum(subject => c.Execute(sql, new { subject }, t)));
        }
    }

    private async Task AddAsync(IEnumerable<(string Ref, string Program)> added)
    {
        foreach (var some in added.Chunk(500))
        {
            await writer.WriteAsync((c, t) =>
            {
                foreach (var (reference, program) in some)
                {
                    c.Execute("INSERT INTO covered (subject_ref, program, since, told) VALUES (@reference, @program, @since, 0) ON CONFLICT DO NOTHING", new { reference, program, since = Sql.Day(Today) }, t);
                }
            });
        }
    }
}
