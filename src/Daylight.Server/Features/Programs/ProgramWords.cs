using System.Globalization;
using Daylight.Core.Charters;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Server.Features.Programs;

/// <summary>Says a charter in words, for people who do not read YAML.</summary>
internal static class ProgramWords
{
    public static ProgramView View(CharterRecord record, string hash, Charter charter, bool paused, DateOnly today) => new(
        charter.Program,
        charter.Version,
        record.Activated is null ? record.Refused ? "refused" : "proposed" : paused ? "paused" : charter.Until < today ? "ended" : "active",
        hash,
        charter.Explain,
        charter.Purpose,
        charter.Necessity,
        charter.From,
        charter.Until,
        Hours(charter.Hours),
        [.. charter.Collect.SelectMany(Fields)],
        [
            new KeptKind("records", charter.Keep.Records),
            new KeptKind("contributions", charter.Keep.Contributions),
            new KeptKind("releases", charter.Keep.Releases),
            new KeptKind("looks", charter.Keep.Looks),
        ],
        [.. charter.Show.Select(Rule)],
        [.. record.Approvals.Keys.Order(StringComparer.Ordinal)],
        [.. charter.Measures.Select(m => m.Name)],
        record.Text);

    private static string Hours(WorkingHours hours) => hours.IsAlways
        ? "any day, any hour"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(", ", hours.Days.OrderBy(d => ((int)d + 6) % 7).Select(d => d.ToString()[..3]))}, {hours.Start / 60:D2}:{hours.Start % 60:D2} to {hours.End / 60:D2}:{hours.End % 60:D2}, your own time");

    private static IEnumerable<CollectedField> Fields(CollectedStream stream)
    {
        // Every field that the stream has, named by the charter or not: what stays behind is worth saying too.
        foreach (var field in Vocabulary.Streams[stream.Stream].Fields.Keys)
        {
            yield return new CollectedField(stream.Stream, field, stream.Fields.GetValueOrDefault(field) switch
            {
                FieldTransform.Category when stream.TimeStep is not null => "only its category",
                FieldTransform.Keep when stream.TimeStep is not null => "as it is",
                FieldTransform.Category or FieldTransform.Keep => "never leaves your machine; only counted there",
                FieldTransform.Drop or _ => "never leaves your machine",
            });
        }

        yield return new CollectedField(stream.Stream, "time", stream.TimeStep is { } step
            ? string.Create(CultureInfo.InvariantCulture, $"rounded to {step.TotalMinutes:0} minutes")
            : "never leaves your machine; only counted there");
    }

    private static string Rule(ShowRule rule) => rule switch
    {
        ShowRule.Records { To: Audience.Self } r => $"You: your own records ({string.Join(", ", r.Fields)}).",
        ShowRule.Records r => string.Create(
            CultureInfo.InvariantCulture,
            $"{Who(r.To)}: one person's records ({string.Join(", ", r.Fields)}), only in a case approved by {string.Join(" and ", r.Approvals)}; the person is told {(r.TellWithinDays == 0 ? "at once" : $"within {r.TellWithinDays} days")}."),
        ShowRule.Group g => $"{Who(g.To)}: {g.Measure} of a {g.Level} per week, never of fewer than {g.MinimumGroup} people.",
        _ => rule.Name,
    };

    private static string Who(Audience audience) => audience switch
    {
        Audience.Manager => "Your manager",
        Audience.Role r => "People with the role " + r.Name,
        _ => "You",
    };
}
