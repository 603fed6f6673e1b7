using System.Collections.Immutable;

namespace Daylight.Core.Charters;

/// <summary>One program's charter: what is measured, why, of whom, for how long and who is shown what. Nothing happens that no charter names.</summary>
public sealed record Charter
{
    /// <summary>The program's name, lower case with dashes.</summary>
    public required string Program { get; init; }

    /// <summary>Counts up from 1.</summary>
    public required int Version { get; init; }

    /// <summary>The one sentence that employees read.</summary>
    public required string Explain { get; init; }

    /// <summary>One of <see cref="Vocabulary.Purposes"/>.</summary>
    public required string Purpose { get; init; }

    /// <summary>One of <see cref="Vocabulary.LawfulBases"/> (GDPR Art. 6).</summary>
    public required string LawfulBasis { get; init; }

    /// <summary>Why less would not do, in prose.</summary>
    public required string Necessity { get; init; }

    /// <summary>Who proposes it.</summary>
    public required Audience Owner { get; init; }

    /// <summary>Whom it covers.</summary>
    public required Coverage Covers { get; init; }

    /// <summary>First local day of collection.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last local day of collection; agents know it offline.</summary>
    public required DateOnly Until { get; init; }

    /// <summary>Outside of these nothing is collected, in each person's own zone.</summary>
    public required WorkingHours Hours { get; init; }

    /// <summary>What is collected. A stream or a field that is not named is dropped on the machine.</summary>
    public required ImmutableArray<CollectedStream> Collect { get; init; }

    /// <summary>What is computed on the machine for group figures.</summary>
    public required ImmutableArray<Measure> Measures { get; init; }

    /// <summary>How long each kind is kept.</summary>
    public required Retention Keep { get; init; }

    /// <summary>Who is shown what. Whoever is not named is shown nothing.</summary>
    public required ImmutableArray<ShowRule> Show { get; init; }

    /// <summary>Consent, or why none is asked.</summary>
    public required string Consent { get; init; }

    /// <summary>Whether data may train models; <c>never</c> here.</summary>
    public required string AiTraining { get; init; }

    /// <summary>How often it is reviewed, and by whom.</summary>
    public required ReviewCycle Review { get; init; }

    /// <summary>The stream's rules, or null when the charter does not collect it.</summary>
    public CollectedStream? Stream(string name) => Collect.FirstOrDefault(s => s.Stream == name);

    /// <summary>Whether collection is on, on a local day.</summary>
    public bool IsInForce(DateOnly day) => day >= From && day <= Until;
}

/// <summary>Whom a rule names: <c>self</c>, <c>manager</c> or a role.</summary>
public abstract record Audience
{
    private Audience()
    {
    }

    /// <summary>As written in the charter.</summary>
    public abstract string Text { get; }

    /// <summary>The person that the data is about.</summary>
    public sealed record Self : Audience
    {
        /// <inheritdoc/>
        public override string Text => "self";
    }

    /// <summary>The direct manager of the group's members.</summary>
    public sealed record Manager : Audience
    {
        /// <inheritdoc/>
        public override string Text => "manager";
    }

    /// <summary>Holders of a role.</summary>
    public sealed record Role(string Name) : Audience
    {
        /// <inheritdoc/>
        public override string Text => "role:" + Name;
    }

    /// <inheritdoc/>
    public sealed override string ToString() => Text;
}

/// <summary>Whom a charter covers; several parts add up.</summary>
/// <param name="Everyone">All employees.</param>
/// <param name="Teams">Members of these teams and of the teams below them.</param>
/// <param name="Sites">People of these sites.</param>
public sealed record Coverage(bool Everyone, ImmutableArray<string> Teams, ImmutableArray<string> Sites);

/// <summary>Days and hours of collection, local.</summary>
/// <param name="Days">Weekdays.</param>
/// <param name="Start">Start of the day's window, minutes after midnight.</param>
/// <param name="End">End, exclusive; 1440 is midnight.</param>
public sealed record WorkingHours(ImmutableHashSet<DayOfWeek> Days, int Start, int End)
{
    /// <summary>Whether nothing is ever excluded.</summary>
    public bool IsAlways => Days.Count == 7 && Start == 0 && End == 1440;
}

/// <summary>What is collected of one stream.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="Fields">Transform by field; a field that is absent is dropped.</param>
/// <param name="TimeStep">To which step times are rounded in records; null when the charter names no time, and then no record leaves the machine.</param>
public sealed record CollectedStream(string Stream, ImmutableSortedDictionary<string, FieldTransform> Fields, TimeSpan? TimeStep);

/// <summary>What happens to a field before it may leave the machine.</summary>
public enum FieldTransform
{
    /// <summary>It stays behind.</summary>
    Drop = 0,

    /// <summary>It goes as it is; only for fields whose values are few and harmless.</summary>
    Keep = 1,

    /// <summary>Only its category goes (<see cref="Minimization.Categories"/>).</summary>
    Category = 2,
}

/// <summary>A number that the machine computes per local day.</summary>
/// <param name="Name">Its name.</param>
/// <param name="From">The stream that is summed.</param>
/// <param name="Where">Only records whose field has one of these values.</param>
/// <param name="While">Only while this stream's first field has this value, such as afk: not-afk.</param>
/// <param name="Clamp">Smallest and largest value of a day.</param>
/// <param name="Unit">Unit, <c>min</c>.</param>
public sealed record Measure(
    string Name, string From, ImmutableSortedDictionary<string, ImmutableArray<string>> Where, ImmutableSortedDictionary<string, string> While, (int Low, int High) Clamp, string Unit);

/// <summary>Days that each kind is kept.</summary>
public sealed record Retention(int Records, int Contributions, int Releases, int Looks);

/// <summary>One line of <c>show</c>.</summary>
public abstract record ShowRule
{
    private ShowRule(Audience to) => To = to;

    /// <summary>Who is shown it.</summary>
    public Audience To { get; }

    /// <summary>What a log entry calls the rule: <c>audience/what</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Shows records of one person.</summary>
    /// <param name="To">Who.</param>
    /// <param name="Fields">Fields that are shown; the rest is projected away in the keyholder.</param>
    /// <param name="NeedsCase">Only within an approved case.</param>
    /// <param name="Approvals">Roles that must approve the case.</param>
    /// <param name="StepUp">How fresh the asker's signature must be.</param>
    /// <param name="TellWithinDays">When the person is told, at the latest; 0 is at once.</param>
    public sealed record Records(Audience To, ImmutableArray<string> Fields, bool NeedsCase, ImmutableArray<string> Approvals, TimeSpan? StepUp, int TellWithinDays)
        : ShowRule(To)
    {
        /// <inheritdoc/>
        public override string Name => To.Text + "/records";
    }

    /// <summary>Shows a group figure.</summary>
    /// <param name="To">Who.</param>
    /// <param name="Measure">Which measure.</param>
    /// <param name="Level">Level of the cells; <c>team</c>.</param>
    /// <param name="MinimumGroup">Fewest people that must have contributed, the viewer not among them.</param>
    public sealed record Group(Audience To, string Measure, string Level, int MinimumGroup)
        : ShowRule(To)
    {
        /// <inheritdoc/>
        public override string Name => To.Text + "/" + Measure;
    }
}

/// <summary>Months between reviews, and the roles that do them.</summary>
public sealed record ReviewCycle(int Months, ImmutableArray<string> By);

/// <summary>The fixed words of charters.</summary>
public static class Vocabulary
{
    /// <summary>Purposes, with the W3C DPV 2.3 term that each is mapped to.</summary>
    public static ImmutableSortedDictionary<string, string> Purposes { get; } = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("workload-management", "dpv:PersonnelWorkloadManagement"),
        KeyValuePair.Create("performance-of-teams", "dpv:PersonnelPerformanceMonitoring"),
        KeyValuePair.Create("security", "dpv:EnforceSecurity"),
        KeyValuePair.Create("compliance", "dpv:LegalCompliance"),
        KeyValuePair.Create("workspace-planning", "dpv:OrganisationGovernance"),
        KeyValuePair.Create("time-recording", "dpv:PersonnelManagement"),
    ]);

    /// <summary>Lawful bases (GDPR Art. 6(1)).</summary>
    public static ImmutableSortedSet<string> LawfulBases { get; } =
        ImmutableSortedSet.Create(StringComparer.Ordinal, "consent", "contract", "legal-obligation", "legitimate-interests", "works-agreement");

    /// <summary>Roles of the fixed vocabulary.</summary>
    public static ImmutableSortedSet<string> Roles { get; } = ImmutableSortedSet.Create(
        StringComparer.Ordinal, "program-owner", "privacy-officer", "works-council", "security", "investigator", "analyst", "workplace-planner", "auditor", "operator");

    /// <summary>Streams that this version collects, with their fields, what may be done to each, and the ActivityWatch bucket type that feeds it.</summary>
    public static ImmutableSortedDictionary<string, StreamShape> Streams { get; } = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("window", new StreamShape("currentwindow", Field("app", FieldTransform.Drop, FieldTransform.Category), Field("title", FieldTransform.Drop))),
        KeyValuePair.Create("afk", new StreamShape("afkstatus", Field("status", FieldTransform.Drop, FieldTransform.Keep))),
    ]);

    private static KeyValuePair<string, ImmutableArray<FieldTransform>> Field(string name, params ReadOnlySpan<FieldTransform> transforms) => KeyValuePair.Create(name, ImmutableArray.Create(transforms));
}

/// <summary>What a stream's events look like.</summary>
/// <param name="bucketType">ActivityWatch's type of the buckets that feed it.</param>
/// <param name="fields">Fields, with the transforms that make sense for each.</param>
public sealed class StreamShape(string bucketType, params ReadOnlySpan<KeyValuePair<string, ImmutableArray<FieldTransform>>> fields)
{
    /// <summary>ActivityWatch's type of the buckets that feed it.</summary>
    public string BucketType { get; } = bucketType;

    /// <summary>Allowed transforms by field.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<FieldTransform>> Fields { get; } =
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, fields.ToArray());
}
