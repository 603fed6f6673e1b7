using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Daylight.Core.Charters;

/// <summary>The outcome of reading a charter file.</summary>
public abstract record CharterReading
{
    private CharterReading()
    {
    }

    /// <summary>A charter.</summary>
    public sealed record Good(Charter Charter) : CharterReading;

    /// <summary>Not a charter, and everything that is wrong with it.</summary>
    public sealed record Bad(IReadOnlyList<Diagnostic> Problems) : CharterReading;
}

/// <summary>
/// Reads charters strictly: an unknown key, a wrong type or a missing part each give file, line, column and what is allowed, all at once.
/// Also refuses what no option overrides (DESIGN.md, <em>Never</em>).
/// </summary>
public static partial class CharterReader
{
    /// <summary>Longest file that is read, in bytes of UTF-8; a charter must fit in a log entry, where JSON may double it.</summary>
    public const int MaxLength = 32_000;

    /// <summary>Smallest group about which anything is ever published.</summary>
    public const int SmallestGroup = 5;

    // The parser's own recursion ends the process on a file that is nothing but nesting.
    private const int MaxDepth = 16;

    /// <summary>Reads a charter's YAML.</summary>
    public static CharterReading Read(string yaml, string file)
    {
        var problems = new Diagnostics(file);
        if (System.Text.Encoding.UTF8.GetByteCount(yaml) is var length and > MaxLength)
        {
            problems.Add(1, 1, $"a charter has at most {MaxLength} bytes, this one has {length}");
            return new CharterReading.Bad(problems.Found);
        }

        if (Load(yaml, problems) is not { } root || YamlMap.Of(root, problems, "a charter") is not { } map)
        {
            return new CharterReading.Bad(problems.Found);
        }

        var charter = ReadCharter(map, problems);
        map.Done();
        return problems.Found.Count == 0 ? new CharterReading.Good(charter) : new CharterReading.Bad(problems.Found);
    }

    private static YamlNode? Load(string yaml, Diagnostics problems)
    {
        var parser = new Parser(new StringReader(yaml));
        try
        {
            // Aliases let a small file become a huge one, and hide what is signed: a charter says everything in its place.
            var depth = 0;
            while (parser.MoveNext())
            {
                depth += parser.Current!.NestingIncrease;
                if (depth > MaxDepth)
                {
                    problems.Add((int)parser.Current.Start.Line, (int)parser.Current.Start.Column, "a charter is not nested this deeply");
                    return null;
                }

                if (parser.Current is YamlDotNet.Core.Events.AnchorAlias or YamlDotNet.Core.Events.NodeEvent { Anchor.IsEmpty: false })
                {
                    problems.Add((int)parser.Current.Start.Line, (int)parser.Current.Start.Column, "a charter has no anchors and aliases: write it out");
                    return null;
                }
            }

            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents.Count == 1)
            {
                return stream.Documents[0].RootNode;
            }

            problems.Add(1, 1, stream.Documents.Count == 0 ? "the file is empty" : "one charter per file: there is a second document");
        }
        catch (YamlException e)
        {
            problems.Add((int)e.Start.Line, (int)e.Start.Column, "not YAML: " + e.Message);
        }
        catch (InvalidOperationException)
        {
            // The scanner loses count of brackets that do not match; what it read last is the nearest place it knows.
            var last = parser.Current?.End ?? Mark.Empty;
            problems.Add((int)last.Line, (int)last.Column, "not YAML from here on: check brackets and quotes");
        }

        return null;
    }

    private static Charter ReadCharter(YamlMap map, Diagnostics problems)
    {
        var collect = ReadCollect(map, problems);
        var measures = ReadMeasures(map, problems, collect);
        var charter = new Charter
        {
            Program = ReadName(map, problems),
            Version = map.Integer("version", 1, 1_000_000),
            Explain = map.Text("explain"),
            Purpose = map.OneOf("purpose", Vocabulary.Purposes.Keys),
            LawfulBasis = map.OneOf("lawful-basis", Vocabulary.LawfulBases),
            Necessity = map.Text("necessity"),
            Owner = ReadAudience(map, "owner", problems),
            Covers = ReadCoverage(map, problems),
            From = map.Date("from"),
            Until = map.Date("until"),
            Hours = ReadHours(map, problems),
            Collect = collect,
            Measures = measures,
            Keep = ReadKeep(map, problems),
            Show = ReadShow(map, problems, collect, measures),
            Consent = map.Text("consent"),
            AiTraining = map.OneOf("ai-training", ["never"]),
            Review = ReadReview(map, problems),
        };
        if (charter.Until != default && charter.Until < charter.From)
        {
            problems.Add(map.Optional("until")!, "'until' is before 'from'");
        }

        if (charter.Owner is not Audience.Role && map.Optional("owner") is { } owner)
        {
            problems.Add(owner, "'owner' is a role, such as role:program-owner");
        }

        return charter;
    }

    private static string ReadName(YamlMap map, Diagnostics problems)
    {
        var name = map.Text("program");
        if (name.Length > 0 && !ProgramName().IsMatch(name))
        {
            problems.Add(map.Optional("program")!, $"'program' is a name of lower-case letters, digits and dashes, not '{name}'");
        }

        return name;
    }

    private static Audience ReadAudience(YamlMap map, string key, Diagnostics problems)
    {
        var text = map.Text(key);
        if (text.StartsWith("role:", StringComparison.Ordinal) && Vocabulary.Roles.Contains(text[5..]))
        {
            return new Audience.Role(text[5..]);
        }

        if (text is "manager")
        {
            return new Audience.Manager();
        }

        if (text.Length > 0 && text is not "self")
        {
            problems.Add(map.Optional(key)!, $"'{key}' cannot be '{text}'; allowed: self, manager, {string.Join(", ", Vocabulary.Roles.Select(r => "role:" + r))}");
        }

        return new Audience.Self();
    }

    private static Coverage ReadCoverage(YamlMap map, Diagnostics problems)
    {
        var (everyone, teams, sites) = (false, new List<string>(), new List<string>());
        if (map.Required("covers") is { } node)
        {
            foreach (var part in map.List(node, "covers"))
            {
                switch (part.Split(':', 2))
                {
                    case ["everyone"]:
                        everyone = true;
                        break;
                    case ["team", { Length: > 0 } team]:
                        teams.Add(team);
                        break;
                    case ["site", { Length: > 0 } site]:
                        sites.Add(site);
                        break;
                    default:
                        problems.Add(node, $"'covers' cannot be '{part}'; allowed: everyone, team:NAME, site:NAME, or a list of these");
                        break;
                }
            }
        }

        return new Coverage(everyone, [.. teams], [.. sites]);
    }

    private static WorkingHours ReadHours(YamlMap map, Diagnostics problems)
    {
        var text = map.Text("hours");
        var match = Hours().Match(text);
        if (match.Success)
        {
            var first = DayNames.IndexOf(match.Groups["first"].Value);
            var last = match.Groups["last"].Success ? DayNames.IndexOf(match.Groups["last"].Value) : first;
            var start = Minutes(match.Groups["start"].Value);
            var end = Minutes(match.Groups["end"].Value);
            if (first >= 0 && last >= first && start < end && end <= 1440)
            {
                return new WorkingHours([.. Enumerable.Range(first, last - first + 1).Select(d => (DayOfWeek)((d + 1) % 7))], start, end);
            }
        }

        if (text.Length > 0)
        {
            problems.Add(map.Optional("hours")!, $"'hours' is days and a time span such as 'Mon-Fri 08:00-18:00' or 'Mon-Sun 00:00-24:00', not '{text}'");
        }

        return new WorkingHours([], 0, 0);
    }

    private static int Minutes(string time) => (int.Parse(time[..2], CultureInfo.InvariantCulture) * 60) + int.Parse(time[3..], CultureInfo.InvariantCulture);

    private static ImmutableArray<CollectedStream> ReadCollect(YamlMap map, Diagnostics problems)
    {
        var streams = ImmutableArray.CreateBuilder<CollectedStream>();
        if (map.Required("collect") is not { } node || YamlMap.Of(node, problems, "'collect'") is not { } collect)
        {
            return [];
        }

        foreach (var (name, key, value) in collect.Members)
        {
            if (!Vocabulary.Streams.TryGetValue(name, out var shape))
            {
                problems.Add(key, $"there is no stream '{name}'; allowed: {string.Join(", ", Vocabulary.Streams.Keys)}");
            }
            else if (YamlMap.Of(value, problems, $"stream '{name}'") is { } fields)
            {
                streams.Add(ReadStream(name, shape, fields, problems));
            }
        }

        if (streams.Count == 0)
        {
            problems.Add(node, "a charter collects at least one stream");
        }

        return streams.ToImmutable();
    }

    private static CollectedStream ReadStream(string name, StreamShape shape, YamlMap map, Diagnostics problems)
    {
        var fields = ImmutableSortedDictionary.CreateBuilder<string, FieldTransform>(StringComparer.Ordinal);
        foreach (var (field, allowed) in shape.Fields)
        {
            if (map.Has(field))
            {
                var text = map.OneOf(field, allowed.Select(t => t.ToString().ToLowerInvariant()));
                fields[field] = Enum.TryParse<FieldTransform>(text, ignoreCase: true, out var transform) ? transform : FieldTransform.Drop;
            }
        }

        TimeSpan? step = null;
        if (map.Has("time"))
        {
            var text = map.Text("time");
            var match = Round().Match(text);
            step = match.Success ? TimeSpan.FromMinutes(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)) : null;
            if (step is null || step.Value.TotalMinutes is < 1 or > 60 || 60 % (int)step.Value.TotalMinutes != 0)
            {
                problems.Add(map.Optional("time")!, $"'time' is rounded to a part of an hour, such as 'round 5m', not '{text}'");
                step = null;
            }
        }

        map.Done();
        return new CollectedStream(name, fields.ToImmutable(), step);
    }

    private static ImmutableArray<Measure> ReadMeasures(YamlMap map, Diagnostics problems, ImmutableArray<CollectedStream> collect)
    {
        if (map.Optional("measures") is not { } node || YamlMap.Of(node, problems, "'measures'") is not { } measures)
        {
            return [];
        }

        var list = ImmutableArray.CreateBuilder<Measure>();
        foreach (var (name, _, value) in measures.Members)
        {
            if (YamlMap.Of(value, problems, $"measure '{name}'") is { } measure)
            {
                list.Add(ReadMeasure(name, measure, problems, collect));
            }
        }

        return list.ToImmutable();
    }

    private static Measure ReadMeasure(string name, YamlMap map, Diagnostics problems, ImmutableArray<CollectedStream> collect)
    {
        var from = map.OneOf("from", collect.Select(s => s.Stream));
        map.OneOf("sum", ["duration"]);
        map.OneOf("per", ["day"]);
        var unit = map.OneOf("unit", ["min"]);
        var where = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        if (map.Optional("where") is { } whereNode && YamlMap.Of(whereNode, problems, "'where'") is { } conditions)
        {
            foreach (var (field, key, value) in conditions.Members)
            {
                where[field] = conditions.List(value, field);
                if (collect.FirstOrDefault(s => s.Stream == from) is not { } stream || stream.Fields.GetValueOrDefault(field) == FieldTransform.Drop)
                {
                    problems.Add(key, $"'{field}' is not collected of '{from}', so nothing can be filtered by it");
                }
            }
        }

        var during = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (map.Optional("while") is { } whileNode && YamlMap.Of(whileNode, problems, "'while'") is { } states)
        {
            foreach (var (stream, key, value) in states.Members)
            {
                during[stream] = states.Scalar(value, stream);
                if (collect.All(s => s.Stream != stream))
                {
                    problems.Add(key, $"the charter does not collect '{stream}'");
                }
            }
        }

        var clamp = ReadClamp(map, problems);
        map.Done();
        return new Measure(name, from, where.ToImmutable(), during.ToImmutable(), clamp, unit);
    }

    private static (int Low, int High) ReadClamp(YamlMap map, Diagnostics problems)
    {
        var text = map.Text("clamp");
        var match = Range().Match(text);
        if (match.Success && int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var low)
            && int.TryParse(match.Groups[2].Value, CultureInfo.InvariantCulture, out var high) && low < high)
        {
            return (low, high);
        }

        if (text.Length > 0)
        {
            problems.Add(map.Optional("clamp")!, $"'clamp' is a range such as 0..600, not '{text}'");
        }

        return (0, 0);
    }

    private static Retention ReadKeep(YamlMap map, Diagnostics problems)
    {
        if (map.Required("keep") is not { } node || YamlMap.Of(node, problems, "'keep'") is not { } keep)
        {
            return new Retention(0, 0, 0, 0);
        }

        var retention = new Retention(Days(keep, "records", problems), Days(keep, "contributions", problems), Days(keep, "releases", problems), Days(keep, "looks", problems));
        keep.Done();
        return retention;
    }

    private static int Days(YamlMap map, string key, Diagnostics problems)
    {
        var text = map.Text(key);
        if (text.Length == 0)
        {
            return 0;
        }

        var match = Span().Match(text);
        if (!match.Success || !int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 3650)
        {
            problems.Add(map.Optional(key)!, $"'{key}' is a length of time such as 14d, 5w, 6m or 2y, not '{text}'");
            return 0;
        }

        return count * match.Groups[2].Value switch { "w" => 7, "m" => 30, "y" => 365, _ => 1 };
    }

    private static ImmutableArray<ShowRule> ReadShow(YamlMap map, Diagnostics problems, ImmutableArray<CollectedStream> collect, ImmutableArray<Measure> measures)
    {
        if (map.Required("show") is not { } node)
        {
            return [];
        }

        if (node is not YamlSequenceNode sequence)
        {
            problems.Add(node, "'show' is a list of rules, each starting with '- {'");
            return [];
        }

        var rules = ImmutableArray.CreateBuilder<ShowRule>();
        foreach (var item in sequence.Children)
        {
            if (YamlMap.Of(item, problems, "a rule of 'show'") is not { } rule)
            {
                continue;
            }

            var to = ReadAudience(rule, "to", problems);
            var what = rule.OneOf("what", ["records", .. measures.Select(m => m.Name)]);
            ShowRule read = what == "records" ? ReadRecordsRule(rule, to, problems, collect) : ReadGroupRule(rule, to, what, problems);
            rule.Done();
            if (rules.Any(r => r.Name == read.Name))
            {
                problems.Add(item, $"there are two rules '{read.Name}': one audience has one rule for one thing");
            }

            rules.Add(read);
        }

        return rules.ToImmutable();
    }

    private static ShowRule.Records ReadRecordsRule(YamlMap rule, Audience to, Diagnostics problems, ImmutableArray<CollectedStream> collect)
    {
        var collected = collect.SelectMany(s => s.Fields.Where(f => f.Value != FieldTransform.Drop).Select(f => f.Key)).Append("time").Distinct().ToList();
        var fields = rule.Optional("fields") is { } node ? rule.List(node, "fields") : [.. collected];
        foreach (var field in fields.Where(f => !collected.Contains(f)))
        {
            problems.Add(rule.Optional("fields")!, $"'{field}' is not collected; allowed: {string.Join(", ", collected)}");
        }

        var (needsCase, approvals, stepUp) = ReadNeeds(rule, problems);
        switch (to)
        {
            case Audience.Manager:
                problems.Add(rule.Node, "never: no rule shows one person's records to their manager. Show a measure by team instead");
                break;
            case Audience.Role when !needsCase || approvals.Length < 2:
                problems.Add(rule.Node, "one person's records are shown to a role only in a case with approvals of two roles: needs: { case: true, approvals: [privacy-officer, works-council] }");
                break;
            case Audience.Role when !rule.Has("tell"):
                problems.Add(rule.Node, "the person is told: add 'tell: at once' or 'tell: within 30d'");
                break;
            default:
                break;
        }

        return new ShowRule.Records(to, fields, needsCase, approvals, stepUp, ReadTell(rule, problems));
    }

    private static (bool NeedsCase, ImmutableArray<string> Approvals, TimeSpan? StepUp) ReadNeeds(YamlMap rule, Diagnostics problems)
    {
        if (rule.Optional("needs") is not { } node || YamlMap.Of(node, problems, "'needs'") is not { } needs)
        {
            return (false, [], null);
        }

        var needsCase = needs.Has("case") && needs.OneOf("case", ["true", "false"]) == "true";
        ImmutableArray<string> approvals = needs.Optional("approvals") is { } list ? needs.List(list, "approvals") : [];
        foreach (var role in approvals.Where(r => !Vocabulary.Roles.Contains(r)))
        {
            problems.Add(needs.Optional("approvals")!, $"there is no role '{role}'; allowed: {string.Join(", ", Vocabulary.Roles)}");
        }

        if (approvals.Distinct().Count() != approvals.Length)
        {
            problems.Add(needs.Optional("approvals")!, "each approval is by another role");
        }

        TimeSpan? stepUp = null;
        if (needs.Has("step-up"))
        {
            var match = StepUp().Match(needs.Text("step-up"));
            stepUp = match.Success ? TimeSpan.FromMinutes(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)) : null;
            if (stepUp is null)
            {
                problems.Add(needs.Optional("step-up")!, "'step-up' is a number of minutes such as 10m");
            }
        }

        needs.Done();
        return (needsCase, approvals, stepUp);
    }

    private static int ReadTell(YamlMap rule, Diagnostics problems)
    {
        if (!rule.Has("tell"))
        {
            return 0;
        }

        var text = rule.Text("tell");
        var match = Tell().Match(text);
        if (match.Success && int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is var days and <= 365)
        {
            return days;
        }

        if (text != "at once")
        {
            problems.Add(rule.Optional("tell")!, $"'tell' is 'at once' or 'within 30d' (at most 365), not '{text}'");
        }

        return 0;
    }

    private static ShowRule.Group ReadGroupRule(YamlMap rule, Audience to, string measure, Diagnostics problems)
    {
        if (to is Audience.Self)
        {
            problems.Add(rule.Node, "a group figure is shown to a manager or a role; oneself sees records");
        }

        var level = rule.OneOf("by", ["team"]);
        rule.OneOf("per", ["week"]);
        var minimum = rule.Integer("minimum-group", 0, 10_000);
        if (minimum < SmallestGroup && rule.Optional("minimum-group") is { } node)
        {
            problems.Add(node, $"never: a group of fewer than {SmallestGroup} is a handful of named people");
        }

        return new ShowRule.Group(to, measure, level, Math.Max(minimum, SmallestGroup));
    }

    private static ReviewCycle ReadReview(YamlMap map, Diagnostics problems)
    {
        if (map.Required("review") is not { } node || YamlMap.Of(node, problems, "'review'") is not { } review)
        {
            return new ReviewCycle(0, []);
        }

        var text = review.Text("every");
        var match = Every().Match(text);
        var months = match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        if (text.Length > 0 && months is < 1 or > 12)
        {
            problems.Add(review.Optional("every")!, $"'every' is 1 to 12 months, such as '3 months', not '{text}'");
        }

        var by = review.Required("by") is { } list ? review.List(list, "by") : [];
        foreach (var role in by.Where(r => !Vocabulary.Roles.Contains(r)))
        {
            problems.Add(review.Optional("by")!, $"there is no role '{role}'; allowed: {string.Join(", ", Vocabulary.Roles)}");
        }

        review.Done();
        return new ReviewCycle(months, by);
    }

    private static readonly ImmutableArray<string> DayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    [GeneratedRegex(@"^[a-z][a-z0-9-]{1,63}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ProgramName();

    [GeneratedRegex(@"^(?<first>[A-Z][a-z]{2})(-(?<last>[A-Z][a-z]{2}))? (?<start>[0-2][0-9]:[0-5][0-9])-(?<end>[0-2][0-9]:[0-5][0-9])\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hours();

    [GeneratedRegex(@"^round ([0-9]{1,2})m\z", RegexOptions.None, 1000)]
    private static partial Regex Round();

    [GeneratedRegex(@"^([0-9]{1,6})\.\.([0-9]{1,6})\z", RegexOptions.None, 1000)]
    private static partial Regex Range();

    [GeneratedRegex(@"^([0-9]{1,4})([dwmy])\z", RegexOptions.None, 1000)]
    private static partial Regex Span();

    [GeneratedRegex(@"^([0-9]{1,3})m\z", RegexOptions.None, 1000)]
    private static partial Regex StepUp();

    [GeneratedRegex(@"^within ([0-9]{1,3})d\z", RegexOptions.None, 1000)]
    private static partial Regex Tell();

    [GeneratedRegex(@"^([0-9]{1,2}) months?\z", RegexOptions.None, 1000)]
    private static partial Regex Every();
}
