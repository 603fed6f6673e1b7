using Daylight.Core.Charters.Words;

namespace Daylight.Core.Charters.Differences;

/// <summary>What is collected and computed, compared.</summary>
internal static class CollectDiff
{
    private static readonly CharterWords Words = CharterWords.English;

    public static void Compare(Charter before, Charter after, List<CharterChange> changes)
    {
        foreach (var name in after.Collect.Select(s => s.Stream).Union(before.Collect.Select(s => s.Stream)))
        {
            CompareStream(name, before, after, changes);
        }

        CompareLists(before, after, changes);
        foreach (var name in after.Measures.Select(m => m.Name).Union(before.Measures.Select(m => m.Name)))
        {
            var (old, now) = (before.Measures.FirstOrDefault(m => m.Name == name), after.Measures.FirstOrDefault(m => m.Name == name));
            if (old is null || now is null)
            {
                changes.Add(old is null, old is null ? $"People covered: {name} is computed now ({Words.Measure(now!)})." : $"People covered: {name} is no longer computed.");
            }
            else if (!Same(old, now))
            {
                // A narrower range makes a rounding in percent of it finer.
                var rounded = after.GroupRules.Any(r => r.Measure == name && r.Rounding is { IsPercent: true });
                changes.Add(rounded || !Same(old with { Clamp = now.Clamp }, now) || now.Clamp.Low < old.Clamp.Low || now.Clamp.High > old.Clamp.High,
                    $"People covered: {name} is computed otherwise: {Words.Measure(now)}, {now.Clamp} {now.Unit}; before {Words.Measure(old)}, {old.Clamp} {old.Unit}.");
            }
        }
    }

    private static void CompareStream(string name, Charter before, Charter after, List<CharterChange> changes)
    {
        var says = Streams.All[name].Says;
        if (before.Stream(name) is not { } old)
        {
            changes.Add(true, $"People covered: {says} is collected now: {string.Join(", ", after.Stream(name)!.Collected)}.");
            return;
        }

        if (after.Stream(name) is not { } now)
        {
            changes.Add(false, $"People covered: {says} is no longer collected.");
            return;
        }

        foreach (var field in now.Fields.Keys.Union(old.Fields.Keys).Append("time"))
        {
            var (was, becomes) = (Of(old, field), Of(now, field));
            if (!Same(was, becomes))
            {
                changes.Add(Widens(was, becomes), $"People covered: {field} of {says}: {Said(becomes)}; before: {Said(was)}.");
            }
        }

        var (left, leaves) = (before.LeavingFields(old).ToList(), after.LeavingFields(now).ToList());
        foreach (var field in leaves.Except(left).Where(f => Of(old, f) is not null))
        {
            changes.Add(true, $"People covered: {field} of {says} leaves the machine now; before it was only counted there.");
        }

        foreach (var field in left.Except(leaves).Where(f => Of(now, f) is not null))
        {
            changes.Add(false, $"People covered: {field} of {says} stays on the machine now, and is only counted there.");
        }
    }

    private static Transform? Of(CollectedStream stream, string field)
    {
        var transform = field == "time" ? stream.Time : stream.Fields.GetValueOrDefault(field);
        return transform is Transform.Drop ? null : transform;
    }

    private static string Said(Transform? transform) => transform is null ? "stays on the machine" : Words.What(transform);

    private static bool Same(Transform? left, Transform? right) => (left, right) switch
    {
        (Transform.Bucket a, Transform.Bucket b) => a.Edges.SequenceEqual(b.Edges),
        (Transform.Site a, Transform.Site b) => a.Sites.SequenceEqual(b.Sites),
        (Transform.Redact a, Transform.Redact b) => a.Patterns.ToHashSet().SetEquals(b.Patterns),
        _ => Equals(left, right),
    };

    /// <summary>Whether more of a field leaves than before. What cannot be compared counts as more.</summary>
    private static bool Widens(Transform? was, Transform? becomes) => (was, becomes) switch
    {
        (_, null) => false,
        (Transform.Keep, _) => false,
        (Transform.Round a, Transform.Round b) => b.Step % a.Step != 0,
        (Transform.Count a, Transform.Count b) => b.Period.Ticks % a.Period.Ticks != 0,
        (Transform.Presence a, Transform.Presence b) => b.Period.Ticks % a.Period.Ticks != 0,
        (Transform.Count a, Transform.Presence b) => b.Period.Ticks % a.Period.Ticks != 0,
        (Transform.Bucket a, Transform.Bucket b) => b.Edges.Except(a.Edges).Any(),
        (Transform.Site a, Transform.Site b) => b.Sites.Except(a.Sites).Any(),
        (Transform.Redact a, Transform.Redact b) => a.Patterns.Except(b.Patterns).Any(),
        (Transform.Degrade a, Transform.Degrade b) => b.Width > a.Width || b.Block < a.Block,
        (Transform.Round a, Transform.Presence b) => (decimal)b.Period.TotalMinutes % a.Step != 0,
        _ => true,
    };

    private static void CompareLists(Charter before, Charter after, List<CharterChange> changes)
    {
        foreach (var word in before.PrivateLife.Except(after.PrivateLife))
        {
            changes.Add(true, $"People covered: {word} is no longer on the list of what never leaves a machine.");
        }

        foreach (var word in after.PrivateLife.Except(before.PrivateLife))
        {
            changes.Add(false, $"People covered: {word} never leaves a machine now.");
        }

        CompareCategories(before, after, changes);
    }

    /// <summary>The first rule that fits names the category, so order counts; only leaving out the last ones tells less.</summary>
    private static void CompareCategories(Charter before, Charter after, List<CharterChange> changes)
    {
        if (before.Categories.Length == after.Categories.Length && before.Categories.Zip(after.Categories).All(p => Same(p.First, p.Second)))
        {
            return;
        }

        var shortened = after.Categories.Length < before.Categories.Length && after.Categories.Zip(before.Categories).All(p => Same(p.First, p.Second));
        changes.Add(!shortened, after.Categories.Length == 0
            ? "People covered: no categories of the charter's own are told apart any more."
            : $"People covered: categories are told apart otherwise: {string.Join("; ", after.Categories.Select(c => $"{c.Name} by {string.Join(", ", c.Apps.Concat(c.Titles).Concat(c.Hosts))}"))}.");
    }

    private static bool Same(CategoryRule left, CategoryRule right) =>
        left.Name == right.Name && left.Apps.SequenceEqual(right.Apps) && left.Titles.SequenceEqual(right.Titles) && left.Hosts.SequenceEqual(right.Hosts);

    private static bool Same(Measure left, Measure right) =>
        left.From == right.From && left.Per == right.Per && left.Clamp == right.Clamp && left.Unit == right.Unit && left.Between == right.Between
        && left.While.SequenceEqual(right.While) && Same(left.Where, right.Where)
        && (left.Operation, right.Operation) switch
        {
            (MeasureOperation.Share a, MeasureOperation.Share b) => a.OfTime == b.OfTime && Same(a.Of, b.Of),
            _ => left.Operation == right.Operation,
        };

    private static bool Same(IReadOnlyList<FieldFilter> left, IReadOnlyList<FieldFilter> right) => left.Count == right.Count
        && left.Zip(right).All(p => p.First.Field == p.Second.Field && p.First.Values.SequenceEqual(p.Second.Values) && p.First.Ranges.SequenceEqual(p.Second.Ranges));
}
