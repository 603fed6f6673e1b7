using Daylight.Core.Charters;
using Daylight.Core.Charters.Words;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Hosting;

namespace Daylight.Server.Features.Programs;

/// <summary>Says a charter in words, for people who do not read YAML.</summary>
internal static class ProgramWords
{
    private static CharterWords Words => Readers.Words;

    public static ProgramView View(CharterRecord record, string hash, Charter charter, bool paused, DateOnly today) => new(
        charter.Program,
        charter.Version,
        record.Activated is null ? record.Refused ? "refused" : "proposed" : record.End is not null || charter.Until < today ? "ended" : paused ? "paused" : "active",
        hash,
        charter.Explain.In(Words.Language),
        charter.Purpose,
        charter.Necessity.In(Words.Language),
        charter.From,
        charter.Until,
        string.Join(". ", new[] { Words.Hours(charter.Hours), Words.LongHours(charter.Hours) }.Where(t => t.Length > 0)),
        [.. charter.Collect.SelectMany(s => Fields(charter, s))],
        [.. charter.Keep.Kinds.Select(k => new KeptKind(Words.KeptKind(k.Kind), k.Days))],
        [.. charter.Show.Select(r => Words.Rule(r, charter))],
        [.. record.Approvals.Keys.Order(StringComparer.Ordinal)],
        [.. charter.GroupRules.Where(r => r.Level == GroupLevel.Team).Select(r => r.Measure).Distinct()],
        record.Text,
        Words.Consent(charter.Consent));

    // Every field that the stream has, named by the charter or not: what stays behind is worth saying too.
    private static IEnumerable<CollectedField> Fields(Charter charter, CollectedStream stream)
    {
        var leaving = charter.LeavingFields(stream).ToHashSet(StringComparer.Ordinal);
        return stream.Shape.Fields.Keys
            .Select(f => new CollectedField(Words.Stream(stream.Shape), Words.Field(stream.Shape, f), Words.Field(stream.Fields.GetValueOrDefault(f), leaving.Contains(f))))
            .Append(new CollectedField(Words.Stream(stream.Shape), Words.TimeField, leaving.Count == 0 ? Words.Field(stream.Time, leaves: false) : Words.TimeOf(stream)));
    }
}
