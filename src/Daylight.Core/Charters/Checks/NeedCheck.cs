namespace Daylight.Core.Charters.Checks;

/// <summary>What a collected field is for.</summary>
/// <param name="Stream">Stream.</param>
/// <param name="Field">Field.</param>
/// <param name="Uses">Measures and rules that use it.</param>
public sealed record FieldNeed(string Stream, string Field, IReadOnlyList<string> Uses);

/// <summary>
/// The first question. A field is needed when a measure is computed from it, when a rule lists it by name, or when an AI training clause does. That somebody
/// could see it justifies nothing.
/// </summary>
internal static class NeedCheck
{
    /// <summary>Minutes of a day beyond which collecting what people do is no working day any more, shifts and core hours included.</summary>
    private const int LongestDay = 16 * 60;

    public static IReadOnlyList<FieldNeed> Of(Charter charter, YamlNode root, Diagnostics problems)
    {
        var needs = new List<FieldNeed>();
        if (charter.Hours.LongestDay > LongestDay && charter.Hours.Because is null && charter.Collect.FirstOrDefault(s => s.Shape.Nature == StreamNature.Activity) is { } activity)
        {
            problems.Add(root.Find("hours"), DiagnosticCodes.AlwaysOn, $"'{activity.Stream}' ({activity.Shape.Says}) is collected for more than {LongestDay / 60} hours of a day: name working hours such as 'Mon-Fri 07:00-19:00', or the reason: {{ when: …, because: … }}");
        }

        foreach (var stream in charter.Collect)
        {
            var at = root.Find("collect/" + stream.Stream);
            foreach (var field in stream.Collected)
            {
                var (inMeasures, inRules) = (MeasuresUsing(charter, stream, field).ToList(), RulesListing(charter, stream, field).ToList());
                needs.Add(new FieldNeed(stream.Stream, field, [.. inMeasures.Select(m => "measure " + m.Name), .. inRules]));
                if (field == "time" ? CheckTime(charter, stream, inRules.Count, at, problems) : inMeasures.Count + inRules.Count == 0)
                {
                    problems.Add(at.KeyAt(field), DiagnosticCodes.NeedUnused, $"'{field}' is collected but nothing uses it: drop it, or say what for (in a measure, or in the 'fields' of a rule)");
                }
                else if (field != "time")
                {
                    CheckGrain(stream, field, inMeasures, inRules.Count, at.KeyAt(field), problems);
                }
            }

            CheckStep(charter, stream, at, problems);
        }

        foreach (var measure in charter.Measures.Where(m => charter.GroupRules.All(r => r.Measure != m.Name)))
        {
            problems.Add(root.Find("measures").KeyAt(measure.Name), DiagnosticCodes.NeedShownToNobody, $"'{measure.Name}' is computed and shown to nobody: leave it out, or add a rule to 'show'");
        }

        return needs;
    }

    private static IEnumerable<Measure> MeasuresUsing(Charter charter, CollectedStream stream, string field) => charter.Measures.Where(m =>
        (m.From == stream.Stream && (FieldOf(m.Operation) == field || m.Where.Concat((m.Operation as MeasureOperation.Share)?.Of ?? []).Any(f => f.Field == field)))
        || (m.While.TryGetValue(stream.Stream, out var value) && MeasureRules.CanBe(charter, stream, field, value)));

    private static string? FieldOf(MeasureOperation operation) => operation switch
    {
        MeasureOperation.Sum sum => sum.Field,
        MeasureOperation.Distinct distinct => distinct.Field,
        MeasureOperation.Mean mean => mean.Field,
        _ => null,
    };

    private static IEnumerable<string> RulesListing(Charter charter, CollectedStream stream, string field) => charter.IndividualRules
        .Where(r => r.What == stream.Kind && stream.TimeStep is not null && r.Fields is { } listed && listed.Contains(field) && (field != "time" || stream.IsOnlyTime || r.FieldsOf(stream).Any(f => f != "time")))
        .Select(r => "rule " + r.Name)
        .Concat(charter.AiTraining is AiTraining.OptIn training && training.Fields.Contains(field) && charter.LeavingFields(stream).Contains(field) ? ["AI training"] : []);

    /// <summary>True when the time is unused altogether; finer than its use is said here.</summary>
    private static bool CheckTime(Charter charter, CollectedStream stream, int rules, YamlNode at, Diagnostics problems)
    {
        if (rules > 0)
        {
            return false;
        }

        if (charter.IndividualRules.All(r => r.What != stream.Kind || r.Fields is null || !r.FieldsOf(stream).Any()))
        {
            return true;
        }

        problems.Add(at.KeyAt("time"), DiagnosticCodes.NeedTooFine, "the time is collected, and rules show only the day: leave 'time' out, or list it in the 'fields' of the rule that needs it");
        return false;
    }

    /// <summary>Counts by the minute that are shown by the day.</summary>
    private static void CheckStep(Charter charter, CollectedStream stream, YamlNode at, Diagnostics problems)
    {
        var counted = stream.Fields.FirstOrDefault(f => f.Value is Transform.Count or Transform.Presence).Key;
        if (counted is not null && stream.Time is null && stream.TimeStep < TimeSpan.FromDays(1) && charter.LeavingFields(stream).Any())
        {
            problems.Add(at.KeyAt(counted), DiagnosticCodes.NeedTooFine, $"'{counted}' is counted in steps finer than a day, and no rule shows the time: count it per 1d, or collect and list 'time' in the same step");
        }
    }

    private static void CheckGrain(CollectedStream stream, string field, List<Measure> measures, int rules, Position at, Diagnostics problems)
    {
        var transform = stream.Fields[field];
        if (rules > 0 || transform is not (Transform.Keep or Transform.Round or Transform.Redact))
        {
            return;
        }

        var isNumber = stream.Shape.Fields[field].Kind == FieldKind.Number;
        if (isNumber && measures.TrueForAll(m => FieldOf(m.Operation) != field))
        {
            problems.Add(at, DiagnosticCodes.NeedTooFine, $"'{field}' is collected as a number and only compared with ranges: a bucket is enough, such as {{ bucket: [8] }} and where: {{ {field}: 8 or more }}");
        }
        else if (stream.Shape.Fields[field].Kind == FieldKind.Name && measures.TrueForAll(m => m.Operation is MeasureOperation.Distinct))
        {
            problems.Add(at, DiagnosticCodes.NeedTooFine, $"'{field}' is collected by name and only counted: a pseudonym is enough");
        }
    }
}
