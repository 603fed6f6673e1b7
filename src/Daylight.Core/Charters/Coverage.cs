using System.Collections.Immutable;

namespace Daylight.Core.Charters;

/// <summary>How a part of <c>covers</c> picks people.</summary>
public enum GroupKind
{
    /// <summary>A team, with the teams below it.</summary>
    Team = 0,

    /// <summary>A site.</summary>
    Site = 1,

    /// <summary>A country, ISO 3166-1 alpha-2.</summary>
    Country = 2,

    /// <summary>Holders of a role.</summary>
    Role = 3,

    /// <summary>An employment type, as the directory has it.</summary>
    Employment = 4,
}

/// <summary>A group of people, as <c>covers</c> names it: <c>team:engineering</c>.</summary>
public readonly record struct PeopleGroup(GroupKind Kind, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Prefix(Kind)}:{Name}";

    /// <summary>Reads a group as a charter or a scope names it.</summary>
    public static bool TryParse(string text, out PeopleGroup group)
    {
        group = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        foreach (var kind in Enum.GetValues<GroupKind>())
        {
            if (colon > 0 && colon < text.Length - 1 && text.AsSpan(0, colon).SequenceEqual(Prefix(kind)))
            {
                group = new PeopleGroup(kind, text[(colon + 1)..]);
                return kind != GroupKind.Role || Vocabulary.Roles.Contains(group.Name);
            }
        }

        return false;
    }

    /// <summary>The word before the colon.</summary>
    public static string Prefix(GroupKind kind) => kind switch
    {
        GroupKind.Team => "team",
        GroupKind.Site => "site",
        GroupKind.Country => "country",
        GroupKind.Role => "role",
        GroupKind.Employment => "employment",
        _ => string.Empty,
    };
}

/// <summary>What coverage asks of a person.</summary>
/// <param name="Teams">The person's team and every team above it.</param>
/// <param name="Site">Site, or empty when the directory does not say.</param>
/// <param name="Country">Country, or empty.</param>
/// <param name="Employment">Employment type, or empty.</param>
/// <param name="Roles">Roles held.</param>
public sealed record Coverable(IReadOnlyCollection<string> Teams, string Site, string Country, string Employment, IReadOnlyCollection<string> Roles);

/// <summary>Whom a charter covers; several groups add up, exceptions win.</summary>
/// <param name="Everyone">All employees.</param>
/// <param name="Who">Or these groups.</param>
/// <param name="Except">Never these.</param>
public sealed record Coverage(bool Everyone, ImmutableArray<PeopleGroup> Who, ImmutableArray<PeopleGroup> Except)
{
    /// <summary>
    /// Whether it covers a person. Of whom the directory does not say what an exception asks, the exception holds: collecting by mistake is worse than not collecting.
    /// </summary>
    public bool Covers(Coverable person) =>
        (Everyone || Who.Any(g => IsIn(person, g, unknown: false))) && !Except.Any(g => IsIn(person, g, unknown: true));

    private static bool IsIn(Coverable person, PeopleGroup group, bool unknown) => group.Kind switch
    {
        GroupKind.Team => person.Teams.Contains(group.Name),
        GroupKind.Role => person.Roles.Contains(group.Name),
        GroupKind.Site => Is(person.Site, group.Name, unknown),
        GroupKind.Country => Is(person.Country, group.Name, unknown),
        GroupKind.Employment => Is(person.Employment, group.Name, unknown),
        _ => unknown,
    };

    private static bool Is(string value, string wanted, bool unknown) => value.Length == 0 ? unknown : string.Equals(value, wanted, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Part of a day, local.</summary>
/// <param name="Start">Minutes after midnight.</param>
/// <param name="End">Exclusive; 1440 is midnight.</param>
public readonly record struct TimeOfDay(int Start, int End)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Start / 60:D2}:{Start % 60:D2}-{End / 60:D2}:{End % 60:D2}");
}

/// <summary>Weekdays with their part of the day.</summary>
public sealed record HoursWindow(ImmutableArray<DayOfWeek> Days, TimeOfDay Time);

/// <summary>Days and hours of collection, local.</summary>
public sealed record WorkingHours(ImmutableArray<HoursWindow> Windows)
{
    /// <summary>Why longer than a working day, or null.</summary>
    public string? Because { get; init; }

    /// <summary>Every hour of every day.</summary>
    public static WorkingHours Always { get; } = new([new HoursWindow([.. Enum.GetValues<DayOfWeek>()], new TimeOfDay(0, 1440))]);

    /// <summary>Whether nothing is ever excluded.</summary>
    public bool IsAlways => Enum.GetValues<DayOfWeek>().All(d => MinutesOn(d) == 1440);

    /// <summary>The parts of a weekday in which something is collected, in order and apart.</summary>
    public ImmutableArray<TimeOfDay> On(DayOfWeek day)
    {
        var parts = new List<TimeOfDay>();
        foreach (var part in Windows.Where(w => w.Days.Contains(day)).Select(w => w.Time).OrderBy(t => t.Start))
        {
            if (parts.Count > 0 && part.Start <= parts[^1].End)
            {
                parts[^1] = parts[^1] with { End = Math.Max(parts[^1].End, part.End) };
            }
            else
            {
                parts.Add(part);
            }
        }

        return [.. parts];
    }

    /// <summary>Minutes of the weekday in which most is collected.</summary>
    public int LongestDay => Enum.GetValues<DayOfWeek>().Max(MinutesOn);

    private int MinutesOn(DayOfWeek day) => On(day).Sum(p => p.End - p.Start);
}
