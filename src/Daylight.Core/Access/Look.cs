using System.Net;
using Daylight.Core.Charters;

namespace Daylight.Core.Access;

/// <summary>What somebody wants to see. It is a wish; only <see cref="Decision.Allowed"/> is more.</summary>
/// <param name="Asker">Person id of who asks.</param>
/// <param name="Program">The program.</param>
public abstract record Look(string Asker, string Program)
{
    /// <summary>Records or submissions of one person.</summary>
    /// <param name="Asker">Who asks.</param>
    /// <param name="Subject">Person id of whom it is about.</param>
    /// <param name="Program">The program.</param>
    /// <param name="What">Which.</param>
    /// <param name="From">First local day.</param>
    /// <param name="To">Last local day.</param>
    /// <param name="Case">Digest of a case that it rests on, or null.</param>
    public sealed record AtPerson(string Asker, string Subject, string Program, IndividualKind What, DateOnly From, DateOnly To, string? Case = null) : Look(Asker, Program)
    {
        /// <summary>When the asker signed this very ask; null when nothing is signed yet.</summary>
        public DateTimeOffset? Signed { get; init; }

        /// <summary>The network address that it comes from, as the server sees it; null when that is not known.</summary>
        public IPAddress? Address { get; init; }
    }

    /// <summary>A group figure.</summary>
    /// <param name="Asker">Who asks.</param>
    /// <param name="Program">The program.</param>
    /// <param name="Measure">The measure.</param>
    /// <param name="Level">Level of the group.</param>
    /// <param name="Group">Id of the team or department, name of the site; anything for the company.</param>
    public sealed record AtGroup(string Asker, string Program, string Measure, GroupLevel Level, string Group) : Look(Asker, Program);
}

/// <summary>Who somebody is to a person or a group.</summary>
public enum Relation
{
    /// <summary>Nobody in particular.</summary>
    Colleague = 0,

    /// <summary>The person.</summary>
    Self = 1,

    /// <summary>A direct manager.</summary>
    Manager = 2,

    /// <summary>A manager further up.</summary>
    FurtherUp = 3,

    /// <summary>Of the same team.</summary>
    TeamMember = 4,

    /// <summary>Holder of a role.</summary>
    Role = 5,
}

/// <summary>Everything that can stand in the way of a look.</summary>
[Flags]
public enum Obstacles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>No rule is for who asks.</summary>
    NoRule = 1,

    /// <summary>There is no such program in force.</summary>
    NoProgram = 1 << 1,

    /// <summary>The program is paused.</summary>
    Paused = 1 << 2,

    /// <summary>There is nobody, or no group, of that name.</summary>
    Unknown = 1 << 3,

    /// <summary>Who asks does not work here (any more).</summary>
    Left = 1 << 4,

    /// <summary>The charter does not cover the person.</summary>
    NotCovered = 1 << 5,

    /// <summary>The person did not agree, or objected.</summary>
    Consent = 1 << 6,

    /// <summary>Who asks approved the charter, and so cannot gain from it.</summary>
    Separation = 1 << 7,

    /// <summary>The days are from before who asks became the manager.</summary>
    BeforeRelation = 1 << 8,

    /// <summary>It takes a case, and none of this asker about this person, program and days was named.</summary>
    Case = 1 << 9,

    /// <summary>The case is closed, over, or not begun.</summary>
    CaseOver = 1 << 10,

    /// <summary>The case lacks approvals of people who are independent of who asks.</summary>
    Approvals = 1 << 11,

    /// <summary>The asker's signature is missing or too old.</summary>
    StepUp = 1 << 12,

    /// <summary>It is not the hour.</summary>
    Hours = 1 << 13,

    /// <summary>It comes from another network.</summary>
    Network = 1 << 14,
}

/// <summary>What the gate decided.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>A rule allows it, with what the rule obliges to: its fields and nothing else, its day of telling, and groups of so many.</summary>
    /// <param name="Rule">The rule.</param>
    /// <param name="Relation">Who the asker is.</param>
    /// <param name="AtLeast">For a group: fewest people that a cell must count. Who is counted themselves asks for one more.</param>
    public sealed record Allowed(ShowRule Rule, Relation Relation, int AtLeast) : Decision
    {
        /// <summary>The relation in the words of a log entry.</summary>
        public string RelationText { get; } = Rule.To is Audience.Role role ? role.Name : AccessWords.Relation(Relation);
    }

    /// <summary>No rule allows it, or one would but something is missing.</summary>
    /// <param name="Relation">Who the asker is to whom it is about.</param>
    /// <param name="Rule">The rule that came nearest, or null when none is for who asks.</param>
    /// <param name="What">What was asked for: <c>records</c>, <c>submissions</c> or a measure.</param>
    /// <param name="Obstacles">Every reason.</param>
    public sealed record Refused(Relation Relation, ShowRule? Rule, string What, Obstacles Obstacles) : Decision
    {
        /// <summary>Stable name of the rule that is missing or not met: <c>audience/what</c>.</summary>
        public string Missing { get; } = Rule?.Name ?? (Relation is Relation.Self or Relation.Manager or Relation.FurtherUp ? $"{(Relation == Relation.Self ? "self" : "manager")}/{What}" : What);
    }
}
