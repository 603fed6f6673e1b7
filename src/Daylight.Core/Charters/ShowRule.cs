using System.Collections.Immutable;
using System.Net;

namespace Daylight.Core.Charters;

/// <summary>Whom a rule names.</summary>
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

    /// <summary>The direct manager.</summary>
    public sealed record Manager : Audience
    {
        /// <inheritdoc/>
        public override string Text => "manager";
    }

    /// <summary>Managers further up.</summary>
    public sealed record ManagerChain : Audience
    {
        /// <inheritdoc/>
        public override string Text => "manager-chain";
    }

    /// <summary>The team itself.</summary>
    public sealed record TeamMember : Audience
    {
        /// <inheritdoc/>
        public override string Text => "team-member";
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

/// <summary>Which of a person's own data a rule shows.</summary>
public enum IndividualKind
{
    /// <summary>What was recorded.</summary>
    Records = 0,

    /// <summary>What the person wrote and handed in.</summary>
    Submissions = 1,
}

/// <summary>What a look at somebody else needs.</summary>
public sealed record Needs
{
    /// <summary>How long a case lives that was opened by breaking the glass.</summary>
    public static readonly TimeSpan BreakGlassLife = TimeSpan.FromHours(1);

    /// <summary>Nothing.</summary>
    public static Needs Nothing { get; } = new();

    /// <summary>An approved case.</summary>
    public bool Case { get; init; }

    /// <summary>Roles that may approve it, each another person.</summary>
    public ImmutableArray<string> Approvals { get; init; } = [];

    /// <summary>How many of them must.</summary>
    public int Enough { get; init; }

    /// <summary>How fresh the asker's signature is, or null.</summary>
    public TimeSpan? StepUp { get; init; }

    /// <summary>Hours of the day in which one may look, or null.</summary>
    public LookHours? Hours { get; init; }

    /// <summary>Networks from which one may look; none for any.</summary>
    public ImmutableArray<IPNetwork> Networks { get; init; } = [];

    /// <summary>For an emergency: one approval is enough, the case lives for an hour, and the person is told at once.</summary>
    public bool BreakGlass { get; init; }
}

/// <summary>Hours in which one may look. Their zone is the charter's, so that the keyholder can tell the hour without knowing where anybody is.</summary>
/// <param name="Time">Part of the day.</param>
/// <param name="Zone">IANA time zone.</param>
public sealed record LookHours(TimeOfDay Time, string Zone)
{
    private readonly TimeZoneInfo? zone = TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out var found) ? found : null;
    private Tuple<long, int>? known; // quarter of an hour, minutes to add: offsets change at quarters

    /// <summary>Whether a moment lies within; never where the zone is unknown.</summary>
    public bool Include(DateTimeOffset now)
    {
        if (zone is null)
        {
            return false;
        }

        var quarter = now.UtcTicks / (15 * TimeSpan.TicksPerMinute);
        var offset = known is { } before && before.Item1 == quarter ? before : known = Tuple.Create(quarter, (int)zone.GetUtcOffset(now.UtcDateTime).TotalMinutes);
        var minutes = (int)((((now.UtcTicks / TimeSpan.TicksPerMinute) + offset.Item2) % 1440 + 1440) % 1440);
        return minutes >= Time.Start && minutes < Time.End;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Time} {Zone}";
}

/// <summary>Levels of the cells of a group figure.</summary>
public enum GroupLevel
{
    /// <summary>A team.</summary>
    Team = 0,

    /// <summary>A department: a team that has teams below it.</summary>
    Department = 1,

    /// <summary>A site.</summary>
    Site = 2,

    /// <summary>All of the company.</summary>
    Company = 3,
}

/// <summary>The words of levels.</summary>
public static class GroupLevels
{
    /// <summary>What a charter, the API and the log call a level: <c>team</c>, <c>department</c>, <c>site</c> or <c>company</c>.</summary>
    public static string Word(this GroupLevel level) => level switch
    {
        GroupLevel.Team => "team",
        GroupLevel.Department => "department",
        GroupLevel.Site => "site",
        GroupLevel.Company or _ => "company",
    };
}

/// <summary>To what a figure is rounded.</summary>
/// <param name="Base">Units of the measure, or percent of its range.</param>
/// <param name="IsPercent">Which of the two.</param>
public readonly record struct Rounding(int Base, bool IsPercent)
{
    /// <summary>The step in units of the measure; at least 1.</summary>
    public int StepOf(Measure measure, int days) => IsPercent
        ? Math.Max(1, (int)Math.Round((measure.Clamp.High - (double)measure.Clamp.Low) * days * Base / 100, MidpointRounding.AwayFromZero))
        : Base;

    /// <inheritdoc/>
    public override string ToString() => Base.ToString(System.Globalization.CultureInfo.InvariantCulture) + (IsPercent ? "%" : string.Empty);
}

/// <summary>A noise budget for each person and year (differential privacy).</summary>
/// <param name="Epsilon">ε of a year.</param>
/// <param name="Mechanism">Which noise.</param>
public readonly record struct NoiseBudget(decimal Epsilon, NoiseMechanism Mechanism = NoiseMechanism.Gaussian);

/// <summary>Which noise is added to a figure.</summary>
public enum NoiseMechanism
{
    /// <summary>Discrete Gaussian: the narrowest for what it hides.</summary>
    Gaussian = 0,

    /// <summary>Discrete Laplace.</summary>
    Laplace = 1,
}

/// <summary>One line of <c>show</c>.</summary>
public abstract record ShowRule
{
    private ShowRule(Audience to) => To = to;

    /// <summary>Who is shown it.</summary>
    public Audience To { get; }

    /// <summary>What a log entry calls the rule: <c>audience/what</c>, and after it what sets it apart: <c>break-glass</c>, or a level that is not the team.</summary>
    public abstract string Name { get; }

    /// <summary>Shows one person's records or submissions.</summary>
    /// <param name="To">Who.</param>
    /// <param name="What">Which.</param>
    /// <param name="Fields">Fields that are shown; the rest is projected away in the keyholder. Null shows everything that is collected, and justifies none of it.</param>
    /// <param name="Needs">What it needs.</param>
    /// <param name="TellWithinDays">When the person is told, at the latest; 0 is at once.</param>
    public sealed record Individual(Audience To, IndividualKind What, ImmutableArray<string>? Fields, Needs Needs, int TellWithinDays)
        : ShowRule(To)
    {
        /// <summary><c>records</c> or <c>submissions</c>.</summary>
        public string Kind => What == IndividualKind.Records ? "records" : "submissions";

        /// <inheritdoc/>
        public override string Name => Needs.BreakGlass ? $"{To.Text}/{Kind}/break-glass" : To.Text + "/" + Kind;

        /// <summary>The fields of a stream that it shows.</summary>
        public IEnumerable<string> FieldsOf(CollectedStream stream) => Fields is { } listed ? stream.Collected.Where(f => listed.Contains(f)) : stream.Collected;
    }

    /// <summary>Shows a group figure.</summary>
    /// <param name="To">Who.</param>
    /// <param name="Measure">Which measure.</param>
    /// <param name="Level">Level of the cells.</param>
    /// <param name="Weeks">Length of the release period: 1 or 4.</param>
    /// <param name="MinimumGroup">Fewest people that must have contributed, the viewer not among them.</param>
    /// <param name="Rounding">To what it is rounded, or null for whole units.</param>
    /// <param name="Noise">Noise, or null for none.</param>
    public sealed record Group(Audience To, string Measure, GroupLevel Level, int Weeks, int MinimumGroup, Rounding? Rounding, NoiseBudget? Noise)
        : ShowRule(To)
    {
        /// <inheritdoc/>
        public override string Name => Level == GroupLevel.Team ? $"{To.Text}/{Measure}" : $"{To.Text}/{Measure}/{Level.Word()}";

        /// <summary>Fewest people in a cell. Whoever is in the team knows their own number, so a rule for the team itself asks for one more.</summary>
        public int Fewest => To is Audience.TeamMember ? MinimumGroup + 1 : MinimumGroup;
    }
}
