using System.Collections.Immutable;

namespace Daylight.Core.Charters;

/// <summary>A number that the machine computes for each local day.</summary>
/// <param name="Name">Its name.</param>
/// <param name="From">The stream that it is computed from.</param>
/// <param name="Operation">How.</param>
/// <param name="Where">Only events for which all of these hold.</param>
/// <param name="While">Only the time in which these streams have these values, such as <c>afk: not-afk</c>.</param>
/// <param name="Between">Only this part of the day, or null.</param>
/// <param name="Per">What the clamp bounds.</param>
/// <param name="Clamp">Smallest and largest value.</param>
/// <param name="Unit">Its unit.</param>
public sealed record Measure(
    string Name,
    string From,
    MeasureOperation Operation,
    ImmutableArray<FieldFilter> Where,
    ImmutableSortedDictionary<string, string> While,
    TimeOfDay? Between,
    MeasurePeriod Per,
    Clamp Clamp,
    string Unit)
{
    /// <summary>
    /// Whether its filters could pick out one person's events: by a name that somebody gave, or by a category of the charter's own. Then zeros hide nobody, and
    /// a figure needs the minimum of people who have something to count.
    /// </summary>
    public bool IsSelective(Charter charter) => Where.Concat((Operation as MeasureOperation.Share)?.Of ?? []).Any(f =>
        charter.Stream(From) is { } stream && stream.Shape.Fields.TryGetValue(f.Field, out var shape)
        && (shape.Kind is FieldKind.Name or FieldKind.Note or FieldKind.Url or FieldKind.Path or FieldKind.Person || (shape.Kind == FieldKind.Word && shape.Values.IsEmpty) || charter.Categories.Any(c => f.Values.Contains(c.Name))));
}

/// <summary>What is computed from the events that are left.</summary>
public abstract record MeasureOperation
{
    private MeasureOperation()
    {
    }

    /// <summary>The word in the charter.</summary>
    public abstract string Word { get; }

    /// <summary>Adds up a field, or the time (<c>duration</c>); time that two events share counts once.</summary>
    public sealed record Sum(string Field) : MeasureOperation
    {
        /// <inheritdoc/>
        public override string Word => "sum";
    }

    /// <summary>Counts events.</summary>
    public sealed record Count : MeasureOperation
    {
        /// <inheritdoc/>
        public override string Word => "count";
    }

    /// <summary>Counts the values of a field that differ.</summary>
    public sealed record Distinct(string Field) : MeasureOperation
    {
        /// <inheritdoc/>
        public override string Word => "distinct";
    }

    /// <summary>The mean of a number field over events.</summary>
    public sealed record Mean(string Field) : MeasureOperation
    {
        /// <inheritdoc/>
        public override string Word => "mean";
    }

    /// <summary>How many in a hundred, of time or of events, fit.</summary>
    /// <param name="Of">What is asked of an event.</param>
    /// <param name="OfTime">Whether time is compared; events otherwise.</param>
    public sealed record Share(ImmutableArray<FieldFilter> Of, bool OfTime) : MeasureOperation
    {
        /// <inheritdoc/>
        public override string Word => "share";
    }

    /// <summary>The longest stretch of time, gaps up to a length bridged.</summary>
    public sealed record LongestRun(TimeSpan Gap) : MeasureOperation
    {
        /// <inheritdoc/>
        public override string Word => "longest-run";
    }

    /// <summary>How values of several devices of a day, and of several days of a week, come together.</summary>
    public MeasureFold Fold => this switch
    {
        Sum or Count => MeasureFold.Add,
        Distinct or LongestRun => MeasureFold.Largest,
        _ => MeasureFold.Mean,
    };
}

/// <summary>How several values of one person become one.</summary>
public enum MeasureFold
{
    /// <summary>They add up.</summary>
    Add = 0,

    /// <summary>The largest counts: two devices cannot know what they have in common, and the larger is the least that is true.</summary>
    Largest = 1,

    /// <summary>Their mean, of the days and devices that have one.</summary>
    Mean = 2,
}

/// <summary>A condition on a field, after its transform.</summary>
/// <param name="Field">The field.</param>
/// <param name="Values">Any of these.</param>
/// <param name="Ranges">Or a number within any of these, both ends included.</param>
public sealed record FieldFilter(string Field, ImmutableArray<string> Values, ImmutableArray<(decimal Low, decimal High)> Ranges);

/// <summary>Over what a person's values are added up before the clamp.</summary>
public enum MeasurePeriod
{
    /// <summary>Each day is clamped.</summary>
    Day = 0,

    /// <summary>The week is clamped.</summary>
    Week = 1,
}

/// <summary>Smallest and largest value that a person can contribute.</summary>
public readonly record struct Clamp(int Low, int High)
{
    /// <summary>The nearest value within.</summary>
    public int Of(double value) => (int)Math.Round(Math.Clamp(value, Low, High), MidpointRounding.AwayFromZero);

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Low}..{High}");
}
