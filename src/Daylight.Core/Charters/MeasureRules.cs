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
            if (Forbidden(measure.Name))
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

            CheckOperation(measure, stream, at, problems);
            CheckFilters(charter, measure.Where, stream, at.Find("where"), problems);
            CheckWhile(charter, measure, at, problems);
            if (measure.Between is { } part && !charter.Hours.IsAlways && !charter.Hours.Windows.Any(w => w.Time.Start < part.End && part.Start < w.Time.End))
            {
                problems.Add(at.Find("between"), DiagnosticCodes.BadValue, "'between' lies outside of 'hours', so there is nothing to measure");
            }
        }
    }

    private static bool Forbidden(string name) => name.Split('-').Any(p => p is "score" or "rank" or "ranking" or "rating" or "grade" or "talent" or "loyalty" or "mood" or "emotion" or "idle" or "slacking");

    private static void CheckOperation(Measure measure, CollectedStream stream, YamlNode at, Diagnostics problems)
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
                foreach (var filter in share.Of)
                {
                    IsCollected(filter.Field, stream, at.Find("share"), problems);
                }

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
        var possible = transform switch
        {
            Transform.Category => [.. charter.Categories.Select(c => c.Name), .. Categories.Names],
            Transform.Keep when shape.Kind == FieldKind.Flag => ["true", "false"],
            Transform.Keep => shape.Values,
            Transform.Site site => [.. site.Sites.Select(s => s.Name), Minimization.Sites.Elsewhere],
            Transform.Bucket bucket => Buckets.Labels(bucket.Edges),
            _ => ImmutableArray<string>.Empty,
        };
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
            else if (!state.Fields.Any(f => f.Value is Transform.Keep or Transform.Category or Transform.Site && state.Shape.Fields[f.Key].Values is var possible && (possible.IsEmpty || possible.Contains(value))))
            {
                problems.Add(at.Find("while"), DiagnosticCodes.UnknownName, $"'{other}' never has the value '{value}'");
            }
        }
    }
}
