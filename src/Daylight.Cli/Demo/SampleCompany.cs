using System.Globalization;
using System.Text;
using Daylight.Agent.Timesheets;
using Daylight.Core.Minimization;

namespace Daylight.Cli.Demo;

/// <summary>The made-up company: 60 people in 8 teams of 3 departments, two sites. Nobody here is real.</summary>
internal static class SampleCompany
{
    /// <summary>Zone of both sites.</summary>
    public const string Zone = "Europe/Berlin";

    private static readonly (string Department, string Team, string Site, int Members)[] Teams =
    [
        ("Engineering", "Platform", "Berlin", 8), ("Engineering", "Apps", "Berlin", 7), ("Engineering", "Data", "Leipzig", 6),
        ("Operations", "Support", "Leipzig", 7), ("Operations", "Facilities", "Berlin", 4),
        ("Commercial", "Sales", "Berlin", 6), ("Commercial", "Marketing", "Leipzig", 5), ("Commercial", "Finance", "Berlin", 5),
    ];

    private static readonly string[] First =
    [
        "Ada", "Ben", "Carla", "Deniz", "Elif", "Farid", "Greta", "Hanna", "Ivo", "Jana", "Kofi", "Lena", "Mats", "Nora", "Omar", "Pia", "Quirin", "Rosa", "Samir", "Tess",
        "Umut", "Vera", "Wim", "Xenia", "Yara", "Zoe", "Anton", "Bela", "Cem", "Dora",
    ];

    private static readonly string[] Last = ["Adler", "Brandt", "Celik", "Dietz", "Ebert", "Fuchs", "Graf", "Huber", "Ilic", "Jung", "Kaya", "Lang", "Maier", "Novak", "Okoro", "Peters", "Roth", "Sommer", "Tanaka", "Urban"];

    /// <summary>Which seat each persona has, as team and position: 0 is the team's manager.</summary>
    public static IReadOnlyDictionary<string, (string Team, int Position)> Seats { get; } = new Dictionary<string, (string, int)>
    {
        ["employee"] = ("Platform", 1),
        ["colleague"] = ("Platform", 2),
        ["manager"] = ("Platform", 0),
        ["other-manager"] = ("Sales", 0),
        ["program-owner"] = ("Finance", 1),
        ["privacy-officer"] = ("Finance", 2),
        ["works-council"] = ("Support", 2),
        ["security"] = ("Data", 1),
        ["investigator"] = ("Finance", 3),
        ["analyst"] = ("Data", 2),
        ["workplace-planner"] = ("Facilities", 1),
        ["auditor"] = ("Finance", 4),
        ["operator"] = ("Apps", 2),
    };

    /// <summary>The company as the CSV that setup takes.</summary>
    public static string Csv()
    {
        var csv = new StringBuilder("email,name,team,department,manager,site,zone,employment\n");
        var number = 0;
        string Add(string team, string department, string manager, string site)
        {
            var name = $"{First[number % First.Length]} {Last[(number * 7 + number / First.Length) % Last.Length]}";
            var email = string.Create(CultureInfo.InvariantCulture, $"{name.ToLowerInvariant().Replace(' ', '.')}.{number:00}@sample.example");
            csv.Append(CultureInfo.InvariantCulture, $"{email},{name},{team},{department},{manager},{site},{Zone},employee\n");
            number++;
            return email;
        }

        var chief = Add("Company", string.Empty, string.Empty, "Berlin");
        foreach (var department in Teams.GroupBy(t => t.Department))
        {
            var head = Add(department.Key, department.Key, chief, "Berlin");
            foreach (var (_, team, site, members) in department)
            {
                var lead = Add(team, department.Key, head, site);
                for (var i = 0; i < members; i++)
                {
                    Add(team, department.Key, lead, site);
                }
            }
        }

        return csv.ToString();
    }
}

/// <summary>Makes up working days: always the same for the same person and day.</summary>
internal sealed class SampleDays(LocalTime local)
{
    private static readonly string[] Projects = ["Atlas", "Borealis", "Cumulus", "Delta"];

    private static readonly string[][] Habits =
    [
        ["Code", "Code", "Code", "gnome-terminal", "Firefox", "Slack"],
        ["Code", "Firefox", "gnome-terminal", "Slack", "zoom", "Thunderbird"],
        ["LibreOffice Calc", "Thunderbird", "Firefox", "LibreOffice Writer", "zoom", "Slack"],
        ["Thunderbird", "Slack", "zoom", "Firefox", "LibreOffice Impress", "LibreOffice Writer"],
    ];

    /// <summary>The events of a day; none on most weekends and on days off.</summary>
    public IReadOnlyList<RawEvent> Of(string person, string team, DateOnly day)
    {
        var dice = new Dice(person + day.DayNumber.ToString(CultureInfo.InvariantCulture));
        var weekend = day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
        if (weekend ? dice.Next(100) < 96 : dice.Next(100) < 7)
        {
            return [];
        }

        var habit = Habits[team is "platform" or "apps" or "data" ? new Dice(person).Next(2) : 2 + new Dice(person).Next(2)];
        var events = new List<RawEvent>();
        var minute = 8 * 60 + dice.Next(80);
        var end = weekend ? minute + 60 + dice.Next(60) : 16 * 60 + 30 + dice.Next(110);
        while (minute < end)
        {
            var stretch = Math.Min(end - minute, 25 + dice.Next(80));
            events.Add(Event("afk", day, minute * 60, stretch * 60, "status", "not-afk"));
            for (var at = minute * 60; at < (minute + stretch) * 60;)
            {
                var seconds = Math.Min((minute + stretch) * 60 - at, 90 + dice.Next(1300));
                events.Add(Event("window", day, at, seconds, "app", habit[dice.Next(habit.Length)]));
                at += seconds;
            }

            var pause = minute < 12 * 60 + 30 && minute + stretch >= 12 * 60 ? 35 + dice.Next(20) : 3 + dice.Next(14);
            events.Add(Event("afk", day, (minute + stretch) * 60, pause * 60, "status", "afk"));
            minute += stretch + pause;
        }

        return events;
    }

    /// <summary>What somebody writes down about a day, to quarters of an hour.</summary>
    public IReadOnlyList<SheetLine> Sheet(string person, string team, DateOnly day)
    {
        var worked = (int)Of(person, team, day).Where(e => e.Stream == "window").Sum(e => e.Duration.TotalMinutes) / 15 * 15;
        var dice = new Dice(person + "sheet" + day.DayNumber.ToString(CultureInfo.InvariantCulture));
        var first = worked / 30 * 15 + (dice.Next(5) - 2) * 15;
        return worked < 60 ? [] : [new SheetLine(Projects[new Dice(team).Next(Projects.Length)], Math.Clamp(first, 15, worked - 15), string.Empty), new SheetLine("Internal", worked - Math.Clamp(first, 15, worked - 15), dice.Next(3) == 0 ? "planning, made up" : string.Empty)];
    }

    private RawEvent Event(string stream, DateOnly day, int second, int seconds, string field, string value) =>
        new(stream, local.At(day, 0).AddSeconds(second), TimeSpan.FromSeconds(seconds), System.Text.Encoding.UTF8.GetBytes($$"""{"{{field}}":"{{value}}","title":"made up, and dropped before it leaves"}"""));

    /// <summary>A small generator with a seed (SplitMix64), so that a day can be told again.</summary>
    private sealed class Dice
    {
        private ulong state;

        public Dice(string seed)
        {
            foreach (var c in seed)
            {
                state = (state ^ c) * 0x100000001B3;
            }
        }

        public int Next(int below)
        {
            state += 0x9E3779B97F4A7C15;
            var z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)below);
        }
    }
}
