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
/// Reads people from CSV. Columns: email, name, team; and optionally department, manager (an email), site, zone (IANA), country (two letters), employment.
/// </summary>
public static class PeopleCsv
{
    /// <summary>Id of the team at the top.</summary>
    public const string Company = "company";

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
            if (row.Manager.Length > 0 && !ids.ContainsKey(row.Manager))
            {
                problems.Add($"{file}:{row.Line}: the manager {row.Manager} is not in the file");
            }

            var zone = row.Zone.Length > 0 ? row.Zone : defaultZone;
            if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            {
                problems.Add($"{file}:{row.Line}: there is no time zone '{zone}'; use names such as Europe/Berlin");
            }

            people.Add(new Person(ids[row.Email], row.Email, row.Name, team, row.Manager.Length > 0 ? ids.GetValueOrDefault(row.Manager, string.Empty) : string.Empty, row.Site, zone, row.Country, row.Employment));
        }

        problems.AddRange(Cycles(people).Select(email => $"{file}: the managers above {email} lead back to {email}"));
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

    private static IEnumerable<string> Cycles(List<Person> people)
    {
        var byId = people.ToDictionary(p => p.Id, StringComparer.Ordinal);
        foreach (var person in people)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal) { person.Id };
            for (var at = person.Manager; at.Length > 0 && byId.TryGetValue(at, out var manager); at = manager.Manager)
            {
                if (!seen.Add(at))
                {
                    if (at == person.Id)
                    {
                        yield return person.Email;
                    }

                    break;
                }
            }
        }
    }

    private static string NewId() => "p" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));

    private static string Slug(string name) => string.Join('-', new string([.. name.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private sealed record Row(long Line, string Email, string Name, string Team, string Department, string Manager, string Site, string Zone, string Country, string Employment, string? Roles);
}
