using System.Collections.Immutable;
using Daylight.Core.Minimization;

namespace Daylight.Core.Charters;

/// <summary>What makes a measure computable: its stream and fields are collected, its operation fits them, and its filters can match.</summary>
internal static class MeasureRules
{
    private static readonly ImmutableArray<string> TimeUnits = ["s", "min", "h"];

    public static void Check(Charter charter, YamlNode root, Diagnostics problems)
    {
        foreach (var measure in charter.Measures)
        {
            var at = root.Find("measures/" + measure.Name);
            if (Judges(measure.Name) || Judges(measure.Unit))
            {
                problems.Add(at, DiagnosticCodes.NeverScore, $"never: '{measure.Name}' reads like a judgment of a person; nobody is given a score. Name what is measured");
            }

            if (charter.Stream(measure.From) is not { } stream)
            {
                problems.Add(at.Find("from"), DiagnosticCodes.UnknownName, charter.Collect.Length == 0
                    ? "the charter collects nothing that could be measured"
                    : $"'from' cannot be '{measure.From}'; allowed: {string.Join(", ", charter.Collect.Select(s => s.Stream))}");
                continue;
            }

            CheckUnit(measure, at, problems);
            CheckOperation(charter, measure, stream, at, problems);
            CheckFilters(charter, measure.Where, stream, at.Find("where"), problems);
            CheckWhile(charter, measure, at, problems);
            if (measure.Between is { } part && !charter.Hours.IsAlways && !charter.Hours.Windows.Any(w => w.Time.Start < part.End && part.Start < w.Time.End))
            {
                problems.Add(at.Find("between"), DiagnosticCodes.BadValue, "'between' lies outside of 'hours', so there is nothing to measure");
            }
        }
    }

    private static readonly ImmutableArray<string> Judgments = ["score", "rank", "rating", "grade", "talent", "loyal", "mood", "emotion", "idle", "slacking", "lazy", "productiv", "efficien", "performer", "motivat", "attitude"];

    /// <summary>Whether a name reads like a judgment of a person, and not like something that is measured.</summary>
    public static bool Judges(string name) => name.Split('-', ' ').Any(p => Judgments.Any(j => p.StartsWith(j, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Whether a field of a stream can ever have a value, as far as its transform tells.</summary>
    public static bool CanBe(Charter charter, CollectedStream stream, string field, string value) =>
        stream.Fields.GetValueOrDefault(field) is { } transform and not Transform.Drop && Possible(charter, stream.Shape.Fields[field], transform) is { IsEmpty: false } possible && possible.Contains(value);

    private static ImmutableArray<string> Possible(Charter charter, FieldShape shape, Transform transform) => transform switch
    {
        Transform.Category => [.. charter.Categories.Select(c => c.Name), .. Categories.Names],
        Transform.Keep when shape.Kind == FieldKind.Flag => ["true", "false"],
        Transform.Keep => shape.Values,
        Transform.Site site => [.. site.Sites.Select(s => s.Name), Minimization.Sites.Elsewhere],
        Transform.Bucket bucket => Buckets.Labels(bucket.Edges),
        Transform.Presence => ["yes"],
        _ => ImmutableArray<string>.Empty,
    };

    private static void CheckUnit(Measure measure, YamlNode at, Diagnostics problems)
    {
        switch (measure.Operation)
        {
            case MeasureOperation.Sum { Field: "duration" } or MeasureOperation.LongestRun when !TimeUnits.Contains(measure.Unit):
                problems.Add(at.Find("unit"), DiagnosticCodes.Unit, $"time is measured in {string.Join(", ", TimeUnits)}, not '{measure.Unit}'");
                break;
            case MeasureOperation.Share when measure.Unit is not ("% of time" or "% of events"):
                problems.Add(at.Find("unit"), DiagnosticCodes.Unit, "a share is '% of time' or '% of events'");
                break;
            case not MeasureOperation.Share when measure.Unit.StartsWith('%'):
                problems.Add(at.Find("unit"), DiagnosticCodes.Unit, "only a share is measured in percent");
                break;
            default:
                break;
        }
    }

    private static void CheckOperation(Charter charter, Measure measure, CollectedStream stream, YamlNode at, Diagnostics problems)
    {
        switch (measure.Operation)
        {
            case MeasureOperation.Sum { Field: not "duration" } sum:
                CheckNumber(sum.Field, "sum", stream, at, problems);
                break;
            case MeasureOperation.Mean mean:
                CheckNumber(mean.Field, "mean", stream, at, problems);
                break;
            case MeasureOperation.Distinct distinct:
                IsCollected(distinct.Field, stream, at.Find("distinct"), problems);
                if (measure.Per == MeasurePeriod.Week)
                {
                    problems.Add(at.Find("per"), DiagnosticCodes.BadValue, "'distinct' counts within a day: what one day has in common with another is not remembered");
                }

                break;
            case MeasureOperation.Share share:
                CheckFilters(charter, share.Of, stream, at.Find("share"), problems);
                break;
            default:
                break;
        }
    }

    private static void CheckNumber(string field, string word, CollectedStream stream, YamlNode at, Diagnostics problems)
    {
        if (IsCollected(field, stream, at.Find(word), problems)
            && (stream.Shape.Fields[field].Kind != FieldKind.Number || stream.Fields[field] is not (Transform.Keep or Transform.Round or Transform.Count)))
        {
            problems.Add(at.Find(word), DiagnosticCodes.BadValue, $"'{field}' is no number after its transform: keep, round or count it");
        }
    }

    private static bool IsCollected(string field, CollectedStream stream, YamlNode at, Diagnostics problems)
    {
        if (stream.Fields.TryGetValue(field, out var transform) && transform is not Transform.Drop)
        {
            return true;
        }

        problems.Add(at, DiagnosticCodes.UnknownName, $"'{field}' is not collected of '{stream.Stream}', so nothing can be measured of it");
        return false;
    }

    private static void CheckFilters(Charter charter, ImmutableArray<FieldFilter> filters, CollectedStream stream, YamlNode at, Diagnostics problems)
    {
        foreach (var filter in filters)
        {
            if (!stream.Fields.TryGetValue(filter.Field, out var transform) || transform is Transform.Drop)
            {
                problems.Add(at.KeyAt(filter.Field), DiagnosticCodes.UnknownName, $"'{filter.Field}' is not collected of '{stream.Stream}', so nothing can be filtered by it");
                continue;
            }

            CheckValues(charter, filter, stream.Shape.Fields[filter.Field], transform, at.Find(filter.Field), problems);
        }
    }

    /// <summary>A value that can never occur makes a measure that silently says nothing.</summary>
    private static void CheckValues(Charter charter, FieldFilter filter, FieldShape shape, Transform transform, YamlNode at, Diagnostics problems)
    {
        var possible = Possible(charter, shape, transform);
        var isNumber = shape.Kind == FieldKind.Number && transform is Transform.Keep or Transform.Round or Transform.Count;
        foreach (var value in filter.Values.Where(v => isNumber && FieldTransforms.Number(v) is null))
        {
            problems.Add(at, DiagnosticCodes.UnknownName, $"'{filter.Field}' is a number, and never '{value}'");
        }

        foreach (var (low, high) in filter.Ranges.Where(r => r.Low > r.High))
        {
            problems.Add(at, DiagnosticCodes.BadValue, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"nothing lies in {low}..{high}"));
        }

        foreach (var value in filter.Values.Where(v => !possible.IsEmpty && !possible.Contains(v)))
        {
            problems.Add(at, DiagnosticCodes.UnknownName, $"'{filter.Field}' is never '{value}'; allowed: {string.Join(", ", possible)}");
        }

        if (filter.Ranges.Length > 0 && (shape.Kind != FieldKind.Number || transform is not (Transform.Keep or Transform.Round or Transform.Count)))
        {
            problems.Add(at, DiagnosticCodes.BadValue, $"'{filter.Field}' is no number after its transform, so it is in no range");
        }
    }

    private static void CheckWhile(Charter charter, Measure measure, YamlNode at, Diagnostics problems)
    {
        foreach (var (other, value) in measure.While)
        {
            if (charter.Stream(other) is not { } state)
            {
                problems.Add(at.Find("while").KeyAt(other), DiagnosticCodes.UnknownName, $"the charter does not collect '{other}'");
            }
            else if (!state.Fields.Keys.Any(f => CanBe(charter, state, f, value)))
            {
                problems.Add(at.Find("while"), DiagnosticCodes.UnknownName, $"'{other}' never has the value '{value}'");
            }
        }
    }
}
