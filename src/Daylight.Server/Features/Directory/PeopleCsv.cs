using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Daylight.Core.Directory;
using Microsoft.VisualBasic.FileIO;

namespace Daylight.Server.Features.Directory;

/// <summary>What a CSV of people says, or what is wrong with it.</summary>
/// <param name="People">People, with ids.</param>
/// <param name="Teams">Teams in their tree.</param>
/// <param name="Problems">Every problem, with its line.</param>
public sealed record PeopleRead(IReadOnlyList<Person> People, IReadOnlyList<Team> Teams, IReadOnlyList<string> Problems)
{
    /// <summary>Roles by person, where the file has that column. Good for checking a charter only: what counts is what the log's entries grant.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Roles { get; init; }
}

/// <summary>
/// Reads people from CSV. Columns: email, name, team; and optionally department, manager (an email; several with semicolons, each with <c>from</c> and <c>until</c> where it has dates; <c>-</c> for nobody), site, zone (IANA), country (two letters), employment.
/// </summary>
public static class PeopleCsv
{
    /// <summary>Id of the team at the top.</summary>
    public const string Company = "company";

    /// <summary>In the column of managers: nobody leads this person, and that is meant.</summary>
    private const string Nobody = "-";

    /// <summary>Reads a file's text.</summary>
    /// <param name="csv">The text.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="known">Ids of people who are in the directory already, by email.</param>
    /// <param name="defaultZone">Zone where the file names none.</param>
    public static PeopleRead Read(TextReader csv, string file, IReadOnlyDictionary<string, string> known, string defaultZone)
    {
        var problems = new List<string>();
        var rows = ReadRows(csv, file, problems);
        var ids = rows.ToDictionary(r => r.Email, r => known.GetValueOrDefault(r.Email) ?? NewId(), StringComparer.OrdinalIgnoreCase);
        var teams = new Dictionary<string, Team>(StringComparer.Ordinal) { [Company] = new(Company, "Company", string.Empty) };
        var people = new List<Person>();
        foreach (var row in rows)
        {
            var parent = Company;
            if (row.Department.Length > 0)
            {
                parent = Slug(row.Department);
                teams.TryAdd(parent, new Team(parent, row.Department, Company));
            }

            var team = Slug(row.Team);
            teams.TryAdd(team, new Team(team, row.Team, team == parent ? Company : parent));
            var zone = row.Zone.Length > 0 ? row.Zone : defaultZone;
            if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            {
                problems.Add($"{file}:{row.Line}: there is no time zone '{zone}'; use names such as Europe/Berlin");
            }

            people.Add(new Person(ids[row.Email], row.Email, row.Name, team, ReadManagers(row, file, ids, problems), row.Site, zone, row.Country, row.Employment));
        }

        var lines = rows.ToDictionary(r => ids[r.Email], r => $"{file}:{r.Line.ToString(CultureInfo.InvariantCulture)} ({r.Email})", StringComparer.Ordinal);
        var alone = rows.Where(r => r.Manager == Nobody).Select(r => ids[r.Email]).ToHashSet(StringComparer.Ordinal);
        if (problems.Count == 0)
        {
            problems.AddRange(DirectoryCheck.Of(people, [.. teams.Values], p => lines[p.Id], alone).Select(f => f.Message));
        }

        return new PeopleRead(people, [.. teams.Values], problems)
        {
            Roles = rows.Exists(r => r.Roles is not null)
                ? rows.ToDictionary(r => ids[r.Email], r => (IReadOnlyList<string>)(r.Roles ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal)
                : null,
        };
    }

    private static List<Row> ReadRows(TextReader text, string file, List<string> problems)
    {
        var rows = new List<Row>();
        using var csv = new TextFieldParser(text) { TextFieldType = FieldType.Delimited, TrimWhiteSpace = true };
        csv.SetDelimiters(",");
        var header = (csv.EndOfData ? [] : csv.ReadFields() ?? []).Select(h => h.ToLowerInvariant()).ToList();
        if (new[] { "email", "name", "team" }.Any(h => !header.Contains(h)))
        {
            problems.Add($"{file}:1: the first line names the columns: email, name, team, and optionally department, manager, site, zone, country, employment");
            return rows;
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (!csv.EndOfData)
        {
            var line = csv.LineNumber;
            string[] fields;
            try
            {
                fields = csv.ReadFields() ?? [];
            }
            catch (MalformedLineException)
            {
                problems.Add($"{file}:{line}: not CSV; is a quotation mark left open?");
                continue;
            }

            string Field(string name) => header.IndexOf(name) is >= 0 and var i && i < fields.Length ? fields[i] : string.Empty;
            var row = new Row(line, Field("email").ToLowerInvariant(), Field("name"), Field("team"), Field("department"), Field("manager").ToLowerInvariant(), Field("site"), Field("zone"), Field("country").ToUpperInvariant(), Field("employment"), header.Contains("roles") ? Field("roles") : null);
            if (row.Email.Length == 0 || row.Name.Length == 0 || row.Team.Length == 0)
            {
                problems.Add($"{file}:{row.Line}: email, name and team must not be empty");
            }
            else if (row.Email.Any(c => char.IsControl(c) || c == ' ') || row.Name.Any(char.IsControl))
            {
                problems.Add($"{file}:{row.Line}: a name or an address holds characters that cannot be printed");
            }
            else if (Slug(row.Team).Length == 0 || (row.Department.Length > 0 && Slug(row.Department).Length == 0))
            {
                problems.Add($"{file}:{row.Line}: the name of a team has letters or digits");
            }
            else if (!seen.Add(row.Email))
            {
                problems.Add($"{file}:{row.Line}: {row.Email} stands in the file twice");
            }
            else
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    /// <summary>Managers of a row: addresses with a semicolon between, each with dates where it has any (<c>mia@acme.example from 2026-12-01 until 2027-03-31</c>).</summary>
    private static ImmutableArray<ManagerLink> ReadManagers(Row row, string file, Dictionary<string, string> ids, List<string> problems)
    {
        var links = ImmutableArray.CreateBuilder<ManagerLink>();
        foreach (var text in row.Manager == Nobody ? [] : row.Manager.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!ids.TryGetValue(words[0], out var id))
            {
                problems.Add($"{file}:{row.Line}: the manager {words[0]} is not in the file");
                continue;
            }

            var (from, until) = (DateOnly.MinValue, DateOnly.MaxValue);
            var good = words.Length % 2 == 1;
            for (var i = 1; i + 1 < words.Length; i += 2)
            {
                good &= DateOnly.TryParseExact(words[i + 1], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && words[i] is "from" or "until";
                (from, until) = words[i] == "from" ? (day, until) : (from, day);
            }

            if (!good || until < from)
            {
                problems.Add($"{file}:{row.Line}: '{text}' is no manager: an address, and optionally from and until with days such as 2026-12-01");
            }

            if (links.Any(l => l.Manager == id))
            {
                problems.Add($"{file}:{row.Line}: the manager {words[0]} stands there twice");
            }

            links.Add(new ManagerLink(id, from, until));
        }

        return links.ToImmutable();
    }

    /// <summary>A new person's id.</summary>
    internal static string NewId() => "p" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));

    /// <summary>A team's id, from its name.</summary>
    internal static string Slug(string name) => string.Join('-', new string([.. name.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private sealed record Row(long Line, string Email, string Name, string Team, string Department, string Manager, string Site, string Zone, string Country, string Employment, string? Roles);
}
