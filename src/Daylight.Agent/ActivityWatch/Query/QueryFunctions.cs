using System.Buffers;
using System.Collections;
using System.Text.RegularExpressions;
using Daylight.Agent.Store;

namespace Daylight.Agent.ActivityWatch.Query;

/// <summary>The functions of query2, each as ActivityWatch's own server has it, over one period.</summary>
internal sealed class QueryFunctions(RawStore store, QueryBudget budget)
{
    private const int MostEvents = 4_000_000;

    private readonly EventDataPool pool = new();
    private readonly Dictionary<(string, bool), Regex> patterns = [];

    /// <summary>Calls a function.</summary>
    /// <exception cref="QueryException">There is none of that name, or it cannot do that.</exception>
    public object? Call(string name, IReadOnlyList<object?> arguments, IReadOnlyDictionary<string, object?> variables)
    {
        var given = new Arguments(name, arguments);
        return name switch
        {
            "find_bucket" => FindBucket(given.Text(0), given.Count(1, 2) > 1 ? given.Value(1) as string : null),
            "query_bucket" when given.Count(1, 1) > 0 => QueryBucket(given.Text(0), variables),
            "query_bucket_eventcount" when given.Count(1, 1) > 0 => CountBucket(given.Text(0), variables),
            "filter_keyvals" when given.Count(3, 3) > 0 => FilterKeyvals(given.Events(0), given.Text(1), given.List(2), exclude: false),
            "exclude_keyvals" when given.Count(3, 3) > 0 => FilterKeyvals(given.Events(0), given.Text(1), given.List(2), exclude: true),
            "filter_keyvals_regex" when given.Count(3, 3) > 0 => FilterRegex(given.Events(0), given.Text(1), given.Text(2)),
            "filter_period_intersect" when given.Count(2, 2) > 0 => Periods.Intersect(Spent(given.Events(0)), Spent(given.Events(1))),
            "period_union" when given.Count(2, 2) > 0 => Periods.Union([.. Spent(given.Events(0)), .. Spent(given.Events(1))]),
            "union_no_overlap" when given.Count(2, 2) > 0 => Periods.UnionNoOverlap(Spent(given.Events(0)), Spent(given.Events(1))),
            "flood" when given.Count(1, 1) > 0 => Periods.Flood(Spent(given.Events(0)), SameData),
            "limit_events" when given.Count(2, 2) > 0 => given.Events(0).Take((int)Math.Clamp(given.Number(1), 0, int.MaxValue)).ToList(),
            "merge_events_by_keys" when given.Count(2, 2) > 0 => MergeByKeys(given.Events(0), given.Texts(1)),
            "chunk_events_by_key" when given.Count(2, 2) > 0 => ChunkByKey(given.Events(0), given.Text(1)),
            "sort_by_timestamp" when given.Count(1, 1) > 0 => Spent(given.Events(0)).OrderBy(e => e.Start).ToList(),
            "sort_by_duration" when given.Count(1, 1) > 0 => Spent(given.Events(0)).OrderByDescending(e => e.Duration).ToList(),
            "sum_durations" when given.Count(1, 1) > 0 => given.Events(0).Sum(e => e.Duration) / 1e6,
            "concat" when given.Count(2, 2) > 0 => Concat(given.Events(0), given.Events(1)),
            "split_url_events" when given.Count(1, 1) > 0 => Say(given.Events(0), SplitUrl),
            "simplify_window_titles" when given.Count(2, 2) > 0 => Say(given.Events(0), d => Simplify(d, given.Text(1))),
            "categorize" when given.Count(2, 2) > 0 => Categorize(given.Events(0), Rules(given.List(1))),
            "tag" when given.Count(2, 2) > 0 => Tag(given.Events(0), Rules(given.List(1))),
            "nop" => given.Count(0, 0) == 0 ? 1L : null,
            _ => throw QueryException.Interpret($"Tried to call function '{name}' which doesn't exist"),
        };
    }

    /// <summary>Whether two values of a query are the same.</summary>
    internal static bool Same(object? one, object? other) => ReferenceEquals(one, other) || (one, other) switch
    {
        (null, null) => true,
        (string a, string b) => a == b,
        (bool a, bool b) => a == b,
        (long a, long b) => a == b,
        (long or double, long or double) => Convert.ToDouble(one, System.Globalization.CultureInfo.InvariantCulture).Equals(Convert.ToDouble(other, System.Globalization.CultureInfo.InvariantCulture)),
        (IReadOnlyDictionary<string, object?> a, IReadOnlyDictionary<string, object?> b) => a.Count == b.Count && a.All(f => b.TryGetValue(f.Key, out var value) && Same(f.Value, value)),
        (QueryEvent a, QueryEvent b) => a.Start == b.Start && a.Duration == b.Duration && SameData(a.Data, b.Data),
        (IList a, IList b) => a.Count == b.Count && a.Cast<object?>().Zip(b.Cast<object?>()).All(p => Same(p.First, p.Second)),
        _ => false,
    };

    private static bool SameData(EventData one, EventData other) => ReferenceEquals(one, other) || Same(one.Fields, other.Fields);

    private string FindBucket(string filter, string? hostname)
    {
        // The bucket itself, or else what begins so, or else what contains it: the two servers of ActivityWatch differ, and this is what both mean.
        var buckets = store.Buckets().Where(b => string.IsNullOrEmpty(hostname) || b.Hostname == hostname).OrderBy(b => b.Key).ToList();
        var found = buckets.Find(b => b.Id == filter) ?? buckets.Find(b => b.Id.StartsWith(filter, StringComparison.Ordinal)) ?? buckets.Find(b => b.Id.Contains(filter, StringComparison.Ordinal));
        return found?.Id ?? throw QueryException.Function($"Unable to find bucket matching '{filter}' (hostname filter set to '{hostname}')");
    }

    private List<QueryEvent> QueryBucket(string id, IReadOnlyDictionary<string, object?> variables)
    {
        var (bucket, from, to) = (Bucket(id), Time(variables, "STARTTIME"), Time(variables, "ENDTIME"));
        return store.Read(
            bucket.Key,
            from,
            to,
            (id, start, duration, data) =>
            {
                var begins = Math.Max(start, from);
                return new QueryEvent(id, begins, Math.Min(start + duration, to) - begins, pool.Get(data));
            },
            count => budget.Spend(count));
    }

    private long CountBucket(string id, IReadOnlyDictionary<string, object?> variables) => store.Count(Bucket(id).Key, Time(variables, "STARTTIME"), Time(variables, "ENDTIME"));

    private Bucket Bucket(string id) => store.Bucket(id) ?? throw QueryException.Function($"There's no bucket named '{id}'");

    private static long Time(IReadOnlyDictionary<string, object?> variables, string name) => variables[name] is string text && Iso8601.TryParse(text, out var time)
        ? RawStore.Micros(time)
        : throw QueryException.Function("Unable to parse starttime/endtime for query_bucket");

    private List<QueryEvent> FilterKeyvals(List<QueryEvent> events, string key, IReadOnlyList<object?> values, bool exclude)
    {
        var texts = values.OfType<string>().ToHashSet(StringComparer.Ordinal);
        return Those(events, d => (d.Fields.TryGetValue(key, out var value) && (value is string text ? texts.Contains(text) : values.Any(v => IsSame(v, value)))) != exclude);
    }

    private List<QueryEvent> FilterRegex(List<QueryEvent> events, string key, string pattern)
    {
        var regex = Pattern(pattern, ignoreCase: false);
        return Those(events, d => d.Fields.TryGetValue(key, out var value) && value is string text && IsMatch(regex, text));
    }

    private List<QueryEvent> MergeByKeys(List<QueryEvent> events, IReadOnlyList<string> keys)
    {
        if (keys.Count == 0)
        {
            return events;
        }

        var merged = new List<Merged>();
        var byValues = new Dictionary<KeyValues, Merged>(new KeyComparer(budget));
        var of = EventData.Once(data =>
        {
            var values = new KeyValues([.. keys.Select(k => data.Fields.TryGetValue(k, out var value) ? value : KeyValues.Absent)]);
            if (!byValues.TryGetValue(values, out var known))
            {
                merged.Add(byValues[values] = known = new Merged(values));
            }

            return known;
        });
        foreach (var e in Spent(events))
        {
            of(e.Data).Add(e);
        }

        return merged.ConvertAll(m => new QueryEvent(null, m.Start, m.Duration, new EventData(m.Values.Fields(keys))));
    }

    /// <summary>Neighbors with the same value, no more than five seconds apart, become one that holds them.</summary>
    private List<QueryEvent> ChunkByKey(List<QueryEvent> events, string key)
    {
        var chunks = new List<(object? Value, List<QueryEvent> Parts)>();
        foreach (var e in Spent(events))
        {
            if (!e.Data.Fields.TryGetValue(key, out var value))
            {
                continue;
            }

            if (chunks.Count > 0 && chunks[^1] is var last && Same(last.Value, value))
            {
                last.Parts.Add(e);
            }
            else
            {
                chunks.Add((value, [e]));
            }
        }

        return chunks.ConvertAll(c => new QueryEvent(null, c.Parts[0].Start, c.Parts.Sum(p => p.Duration), new EventData(new Dictionary<string, object?>(StringComparer.Ordinal) { [key] = c.Value, ["subevents"] = c.Parts })));
    }

    private static EventData SplitUrl(EventData data)
    {
        if (!data.Fields.TryGetValue("url", out var field) || field is not string url)
        {
            return data;
        }

        var parts = UrlParts.Of(url);
        var domain = parts.Host.Length > 0 ? parts.Host.StartsWith("www.", StringComparison.Ordinal) ? parts.Host[4..] : parts.Host : parts.Scheme;
        return data.With(("$protocol", parts.Scheme), ("$domain", domain), ("$path", parts.Path), ("$params", parts.Parameters), ("$options", parts.Query), ("$identifier", parts.Fragment));
    }

    private static EventData Simplify(EventData data, string key)
    {
        if (!data.Fields.TryGetValue(key, out var field) || field is not string text)
        {
            return data;
        }

        var simple = Titles.Counter().Replace(text, string.Empty);
        if (key == "title" && data.Fields.ContainsKey("app"))
        {
            simple = Titles.Unsaved().Replace(Titles.Frames().Replace(simple, "FPS: ..."), string.Empty);
        }

        return data.With((key, simple));
    }

    private List<QueryEvent> Categorize(List<QueryEvent> events, List<(object? Name, Rule Rule)> rules) => Say(events, data =>
    {
        // The deepest category wins, of equals the last.
        object? category = new List<object?> { "Uncategorized" };
        foreach (var (name, rule) in rules)
        {
            if (Matches(data, rule) && Depth(name) >= Depth(category))
            {
                category = name;
            }
        }

        return data.With(("$category", category));
    });

    private List<QueryEvent> Tag(List<QueryEvent> events, List<(object? Name, Rule Rule)> rules) =>
        Say(events, d => d.With(("$tags", rules.Where(r => Matches(d, r.Rule)).Select(r => r.Name).ToList())));

    private bool Matches(EventData data, Rule rule)
    {
        budget.Spend(1);
        if (rule.Pattern is not { } pattern)
        {
            return false;
        }

        foreach (var (key, value) in data.Fields)
        {
            if (value is string text && (rule.Keys is null || rule.Keys.Contains(key)) && IsMatch(pattern, text))
            {
                return true;
            }
        }

        return false;
    }

    private List<(object? Name, Rule Rule)> Rules(IReadOnlyList<object?> classes) => [.. classes.Select(c => c is IList { Count: 2 } pair && pair[1] is IReadOnlyDictionary<string, object?> rule
        ? (pair[0], new Rule(
            rule.GetValueOrDefault("regex") is string { Length: > 0 } pattern ? Pattern(pattern, rule.GetValueOrDefault("ignore_case") is true) : null,
            rule.GetValueOrDefault("select_keys") is IList { Count: > 0 } keys ? keys.OfType<string>().ToHashSet(StringComparer.Ordinal) : null))
        : throw QueryException.Function("A class is a list of a name and a rule, such as [[\"Work\"], {\"type\": \"regex\", \"regex\": \"…\"}]"))];

    private static int Depth(object? category) => category is IList list ? list.Count : category is string text ? text.Length : 0;

    private Regex Pattern(string pattern, bool ignoreCase)
    {
        if (patterns.TryGetValue((pattern, ignoreCase), out var known))
        {
            return known;
        }

        var options = RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            // What looks around or back cannot be matched in linear time, and gets a time limit instead.
            try
            {
                return patterns[(pattern, ignoreCase)] = new Regex(PythonPattern.ToNet(pattern), options | RegexOptions.NonBacktracking, QueryBudget.LongestMatch);
            }
            catch (NotSupportedException)
            {
                return patterns[(pattern, ignoreCase)] = new Regex(PythonPattern.ToNet(pattern), options, QueryBudget.LongestMatch);
            }
        }
        catch (ArgumentException e)
        {
            throw QueryException.Function($"'{pattern}' is no regular expression: {e.Message}");
        }
    }

    private bool IsSame(object? one, object? other)
    {
        budget.Spend(0);
        return Same(one, other);
    }

    private List<QueryEvent> Concat(List<QueryEvent> one, List<QueryEvent> other) =>
        one.Count + other.Count <= MostEvents ? Spent([.. one, .. other]) : throw QueryException.Function("There are too many events");

    private bool IsMatch(Regex regex, string text)
    {
        budget.Spend(0);
        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw QueryException.Function("A regular expression takes too long");
        }
    }

    /// <summary>The events whose data is wanted.</summary>
    private List<QueryEvent> Those(List<QueryEvent> events, Func<EventData, bool> wanted)
    {
        var once = EventData.Once(wanted);
        return Spent(events).FindAll(e => once(e.Data));
    }

    /// <summary>The events, saying something else.</summary>
    private List<QueryEvent> Say(List<QueryEvent> events, Func<EventData, EventData> what)
    {
        var once = EventData.Once(what);
        return Spent(events).ConvertAll(e => e.With(once(e.Data)));
    }

    private List<QueryEvent> Spent(List<QueryEvent> events)
    {
        budget.Spend(events.Count);
        return events;
    }

    private sealed record Rule(Regex? Pattern, HashSet<string>? Keys);

    private sealed class Merged(KeyValues values)
    {
        private bool isBegun;

        public KeyValues Values => values;

        public long Start { get; private set; }

        public long Duration { get; private set; }

        public void Add(QueryEvent e)
        {
            (Start, isBegun) = (isBegun ? Start : e.Start, true);
            Duration += e.Duration;
        }
    }
}

/// <summary>The arguments of a call, with complaints that name what was wanted.</summary>
internal sealed class Arguments(string function, IReadOnlyList<object?> values)
{
    /// <summary>How many there are.</summary>
    /// <exception cref="QueryException">Fewer or more than the function takes.</exception>
    public int Count(int least, int most) => values.Count >= least && values.Count <= most
        ? values.Count
        : throw QueryException.Interpret($"Tried to call function {function} with invalid amount of arguments");

    public object? Value(int i) => i < values.Count ? values[i] : throw QueryException.Interpret($"Tried to call function {function} with invalid amount of arguments");

    public string Text(int i) => Value(i) as string ?? throw Wrong(i, "a text");

    public long Number(int i) => Value(i) is long number ? number : throw Wrong(i, "a whole number");

    public IReadOnlyList<object?> List(int i) => Value(i) is IList list ? [.. list.Cast<object?>()] : throw Wrong(i, "a list");

    public IReadOnlyList<string> Texts(int i) => [.. List(i).Select(v => v as string ?? throw Wrong(i, "a list of texts"))];

    public List<QueryEvent> Events(int i) => Value(i) switch
    {
        List<QueryEvent> events => events,
        List<object?> list => list.ConvertAll(v => v as QueryEvent ?? throw Wrong(i, "a list of events")),
        _ => throw Wrong(i, "a list of events"),
    };

    private QueryException Wrong(int i, string wanted) => QueryException.Function($"Argument {i + 1} of {function} is of invalid type. Expected {wanted}");
}

/// <summary>What is cut from titles.</summary>
internal static partial class Titles
{
    [GeneratedRegex(@"^\([0-9]+\)\s*", RegexOptions.NonBacktracking)]
    public static partial Regex Counter();

    [GeneratedRegex(@"FPS:\s+[0-9\.]+", RegexOptions.NonBacktracking)]
    public static partial Regex Frames();

    [GeneratedRegex(@"^(●|\*)\s*", RegexOptions.NonBacktracking)]
    public static partial Regex Unsaved();
}

/// <summary>A URL taken apart as Python's urlparse does (RFC 1808): scheme, host with port, path, parameters, query, fragment.</summary>
internal sealed record UrlParts(string Scheme, string Host, string Path, string Parameters, string Query, string Fragment)
{
    private static readonly SearchValues<char> InScheme = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    public static UrlParts Of(string url)
    {
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        var hasScheme = colon > 0 && char.IsAsciiLetter(url[0]) && url.AsSpan(0, colon).IndexOfAnyExcept(InScheme) < 0;
        var (scheme, rest) = hasScheme ? (url[..colon].ToLowerInvariant(), url[(colon + 1)..]) : (string.Empty, url);
        var host = string.Empty;
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var end = rest.AsSpan(2).IndexOfAny("/?#");
            (host, rest) = end < 0 ? (rest[2..], string.Empty) : (rest[2..(end + 2)], rest[(end + 2)..]);
        }

        (rest, var fragment) = Cut(rest, '#');
        (rest, var query) = Cut(rest, '?');
        var last = rest.LastIndexOf('/') + 1;
        var (segment, parameters) = Cut(rest[last..], ';');
        return new UrlParts(scheme, host, rest[..last] + segment, parameters, query, fragment);
    }

    private static (string, string) Cut(string text, char at) => text.IndexOf(at, StringComparison.Ordinal) is >= 0 and var index ? (text[..index], text[(index + 1)..]) : (text, string.Empty);
}
