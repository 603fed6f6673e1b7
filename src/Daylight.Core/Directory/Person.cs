using System.Collections.Immutable;

namespace Daylight.Core.Directory;

/// <summary>That somebody is led by somebody, for a time. People in a matrix have several.</summary>
/// <param name="Manager">Person id of the manager.</param>
/// <param name="From">First day; a manager never sees one person's days before it.</param>
/// <param name="Until">Last day.</param>
public readonly record struct ManagerLink(string Manager, DateOnly From, DateOnly Until)
{
    /// <summary>A manager without dates: ever since, and for good.</summary>
    public ManagerLink(string manager)
        : this(manager, DateOnly.MinValue, DateOnly.MaxValue)
    {
    }

    /// <summary>Managers without dates.</summary>
    public static ImmutableArray<ManagerLink> To(params ReadOnlySpan<string> managers)
    {
        var links = ImmutableArray.CreateBuilder<ManagerLink>(managers.Length);
        foreach (var manager in managers)
        {
            if (manager.Length > 0)
            {
                links.Add(new ManagerLink(manager));
            }
        }

        return links.ToImmutable();
    }

    /// <summary>Whether it holds on a day.</summary>
    public bool IsInForce(DateOnly day) => day >= From && day <= Until;
}

/// <summary>A team that somebody was in, with the first and the last day.</summary>
public readonly record struct TeamSpan(string Team, DateOnly From, DateOnly Until);

/// <summary>Somebody who works here, or did.</summary>
/// <param name="Id">Opaque id, the same everywhere in Daylight.</param>
/// <param name="Email">Address, lower case.</param>
/// <param name="Name">Display name.</param>
/// <param name="Team">Id of the team.</param>
/// <param name="Managers">Who leads this person; several in a matrix.</param>
/// <param name="Site">Site.</param>
/// <param name="Zone">IANA time zone.</param>
/// <param name="Country">Country, ISO 3166-1 alpha-2, or empty.</param>
/// <param name="Employment">Employment type in the company's words, or empty.</param>
public sealed record Person(
    string Id, string Email, string Name, string Team, ImmutableArray<ManagerLink> Managers, string Site, string Zone, string Country = "", string Employment = "")
{
    /// <summary>First day in the team.</summary>
    public DateOnly TeamSince { get; init; }

    /// <summary>Teams before, newest last; a week counts in the team in which all of it was spent.</summary>
    public ImmutableArray<TeamSpan> Before { get; init; } = [];

    /// <summary>First day on which this person no longer works here, or null. What was collected stays theirs until its retention is over.</summary>
    public DateOnly? Left { get; init; }

    /// <summary>Whether this person works here on a day.</summary>
    public bool IsHere(DateOnly day) => Left is not { } left || day < left;

    /// <summary>Whether two rows say the same, whenever it began.</summary>
    public bool SaysTheSame(Person other) => (Email, Name, Left) == (other.Email, other.Name, other.Left) && StandsAs(other);

    /// <summary>Whether two rows say the same of what a charter, a scope or a relation asks for. Sites and the like are the same in any case of letters.</summary>
    public bool StandsAs(Person other)
    {
        static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
        return Team == other.Team && Same(Site, other.Site) && Same(Zone, other.Zone) && Same(Country, other.Country) && Same(Employment, other.Employment) && Managers.SequenceEqual(other.Managers);
    }
}

/// <summary>A team; its parent is a department or the company.</summary>
/// <param name="Id">Short name.</param>
/// <param name="Name">Display name.</param>
/// <param name="Parent">Id of the team above, or empty at the top.</param>
public sealed record Team(string Id, string Name, string Parent);
