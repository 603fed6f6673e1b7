using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Daylight.Core.Access;
using Daylight.Core.Charters;
using Daylight.Core.Directory;
using Daylight.Sealing;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Core;

/// <summary>Everything in <c>tests/corpus/access</c>: small companies, who asks what there, and the answer. Its README says how a file is read.</summary>
internal static class AccessCorpus
{
    public static string Folder { get; } = Path.Combine(Repository.Folder, "tests", "corpus", "access");

    public static IReadOnlyList<CorpusCompany> Companies { get; } =
        [.. Directory.GetFiles(Folder, "*.yaml").Order(StringComparer.Ordinal).Select(f => new CorpusReader(Path.GetFileNameWithoutExtension(f), File.ReadAllText(f)).Read())];

    public static IEnumerable<(CorpusCompany Company, CorpusLook Look)> Looks => Companies.SelectMany(c => c.Looks.Select(l => (c, l)));

    public static CorpusCompany Company(string name) => Companies.First(c => c.Name == name);
}

/// <summary>A case of the corpus.</summary>
/// <param name="Facts">As the gate has it; the digest is its name in the file.</param>
/// <param name="Approvals">Who approved, in which role.</param>
internal sealed record CorpusCase(CaseFacts Facts, IReadOnlyList<(string Role, string Person)> Approvals);

/// <summary>What somebody said about a program: <c>yes</c>, <c>no</c>, or yes to an <c>earlier</c> charter of it.</summary>
internal sealed record CorpusConsent(string Who, string Program, string Says);

/// <summary>A charter of the corpus, and the one that was in force before it, which says the same.</summary>
internal sealed record CorpusCharter(string Text, string Earlier, Charter Charter)
{
    public string Hash { get; } = Authority.CharterHash(Text);

    public string EarlierHash { get; } = Authority.CharterHash(Earlier);
}

/// <summary>Somebody asks something, and the answer that every path must give.</summary>
internal sealed record CorpusLook(string Name, Look Look, DateTimeOffset Now, string? Allowed, IReadOnlyList<string> Refused)
{
    /// <summary>How many people the figure counts, where it is allowed.</summary>
    public int? Counted { get; init; }

    /// <summary>Whether they are too few for who asks.</summary>
    public bool IsWithheld { get; init; }

    /// <summary>What a look at a person carries that a group's has not.</summary>
    public Look.AtPerson? AtPerson => Look as Look.AtPerson;

    public override string ToString() => Name;
}

/// <summary>One file of the corpus.</summary>
internal sealed record CorpusCompany(
    string Name, IReadOnlyList<Person> People, IReadOnlyList<Team> Teams, IReadOnlyList<CorpusCharter> Charters, IReadOnlyList<RoleFacts> Roles, IReadOnlyList<CorpusCase> Cases,
    IReadOnlyList<CorpusConsent> Consents, IReadOnlyDictionary<string, string> Approvers, IReadOnlyList<string> Paused, IReadOnlyList<CorpusLook> Looks)
{
    /// <summary>People whom every company has, with the roles that they were given at its founding.</summary>
    public static readonly IReadOnlyList<(string Person, string Role)> Founders = [("owner", "program-owner"), ("officer", "privacy-officer"), ("council", "works-council")];

    /// <summary>Everything that is known at a time.</summary>
    public World At(DateTimeOffset now) => new(
        new OrgSnapshot(People, Teams, DateOnly.FromDateTime(now.UtcDateTime)),
        Charters.Select(c => new ProgramFacts(c.Hash, c.Charter, Paused.Contains(c.Charter.Program), [.. Approvers.Values])),
        Roles,
        Cases.Select(c => c.Facts with { Approvals = [.. c.Approvals] }),
        Consents.Select(c => new ConsentFacts(
            c.Who, c.Program, c.Says == "no" ? string.Empty : Charters.First(p => p.Charter.Program == c.Program) is var charter && c.Says == "yes" ? charter.Hash : charter.EarlierHash, c.Says != "no")));
}

/// <summary>Reads one file, strictly: a key that nobody knows would promise something that nobody checks.</summary>
internal sealed class CorpusReader(string file, string text)
{
    private const string Program = "focus-time";

    private const string Kept = "{ records: 14d, contributions: 35d, releases: 2y, looks: 2y }";

    /// <summary>The charter of a company that says nothing else; a file replaces its keys.</summary>
    private static readonly (string Key, string Value)[] Base =
    [
        ("program", Program), ("version", "2"),
        ("explain", "We measure focus time per team; nobody sees your own day but you, or whom the rules below name, in an approved case."),
        ("purpose", "workload-management"), ("lawful-basis", "legitimate-interests"), ("necessity", "A corpus needs this and nothing more."), ("owner", "role:program-owner"),
        ("covers", "everyone"), ("from", "2026-11-02"), ("until", "2027-05-31"), ("hours", "{ when: always, because: people of the corpus work at any hour }"),
        ("collect", "window: { app: category, time: round 5m }\nafk: { status: keep }\n"),
        ("measures", "focus-minutes: { from: window, sum: duration, where: { app: [Editor] }, while: { afk: not-afk }, per: day, clamp: 0..600, unit: min }\n"),
        ("keep", Kept),
        ("show",
            """
            - { to: self, what: records, fields: [app, time] }
            - { to: manager, what: focus-minutes, by: team, per: week, minimum-group: 5 }
            - { to: role:investigator, what: records, fields: [app, time], needs: { case: true, approvals: [privacy-officer, works-council] }, tell: within 30d }

            """),
        ("consent", "none, by agreement"), ("ai-training", "never"), ("review", "{ every: 3 months, by: [privacy-officer] }"),
    ];

    private DateTimeOffset now;

    private DateOnly Today => DateOnly.FromDateTime(now.UtcDateTime);

    public CorpusCompany Read()
    {
        var problems = new Diagnostics(file);
        var root = Map(Yaml.Compose(text, problems) ?? throw Wrong("not YAML: " + string.Join("; ", problems.Found)));
        if (problems.Any)
        {
            throw Wrong(string.Join("; ", problems.Found));
        }

        var keys = Known(root, "now", "teams", "people", "charter", "charters", "approvers", "roles", "cases", "consents", "paused", "looks");
        now = Time(Text(keys["now"]) ?? "2026-11-20T10:00Z");
        var charters = keys["charters"] is { } several ? Map(several).Members.Select(m => CharterOf(m.Key.Text, m.Value)).ToList() : [CharterOf(Program, keys["charter"])];
        return new CorpusCompany(
            file,
            [.. Map(keys["people"]!).Members.SelectMany(m => PeopleOf(m.Key.Text, Map(m.Value))), .. CorpusCompany.Founders.Select(f => Somebody(f.Person) with { Team = "office" })],
            [.. Map(keys["teams"]!).Members.Select(m => new Team(m.Key.Text, m.Key.Text, Text(m.Value)!)), new Team("office", "office", string.Empty)],
            charters,
            [.. CorpusCompany.Founders.Select(f => new RoleFacts(f.Person, f.Role, DateOnly.MaxValue)), .. Items(keys["roles"]).Select(r => RoleOf(Known(r, "who", "role", "scope", "until")))],
            keys["cases"] is { } cases ? [.. Map(cases).Members.Select(m => CaseOf(m.Key.Text, Known(m.Value, "asker", "subject", "rule", "programs", "days", "until", "opened", "closed", "approvals")))] : [],
            [.. Items(keys["consents"]).Select(c => ConsentOf(Known(c, "who", "says", "program")))],
            keys["approvers"] is { } approvers ? Map(approvers).Members.ToDictionary(m => m.Key.Text, m => Text(m.Value)!) : new Dictionary<string, string> { ["privacy-officer"] = "officer", ["works-council"] = "council" },
            Words(keys["paused"]),
            [.. Items(keys["looks"]).Select(l => LookOf(Known(l, "name", "asker", "subject", "group", "level", "program", "what", "days", "case", "signed", "address", "now", "allowed", "refused", "counted", "figure")))]);
    }

    private static Person Somebody(string id) => new(id, id + "@example.com", id, string.Empty, [], string.Empty, "Europe/Berlin");

    private IEnumerable<Person> PeopleOf(string names, YamlNode.Mapping says)
    {
        var keys = Known(says, "team", "managers", "site", "country", "employment", "since", "before", "left");
        return names.Split(", ").Select(name => Somebody(name) with
        {
            Team = Text(keys["team"]) ?? string.Empty,
            Managers = [.. (keys["managers"] is YamlNode.Scalar one ? [one] : Items(keys["managers"])).Select(ManagerOf)],
            Site = Text(keys["site"]) ?? string.Empty,
            Country = Text(keys["country"]) ?? string.Empty,
            Employment = Text(keys["employment"]) ?? string.Empty,
            TeamSince = keys["since"] is { } since ? Day(Text(since)!) : DateOnly.MinValue,
            Before = [.. Items(keys["before"]).Select(b => Known(b, "team", "days")).Select(b => new TeamSpan(Text(b["team"])!, Days(b["days"]).From, Days(b["days"]).To))],
            Left = keys["left"] is { } left ? Day(Text(left)!) : null,
        });
    }

    private ManagerLink ManagerOf(YamlNode says)
    {
        if (says is YamlNode.Scalar { Text: var name })
        {
            return new ManagerLink(name);
        }

        var keys = Known(says, "who", "from", "until");
        return new ManagerLink(Text(keys["who"])!, keys["from"] is { } from ? Day(Text(from)!) : DateOnly.MinValue, keys["until"] is { } until ? Day(Text(until)!) : DateOnly.MaxValue);
    }

    private CorpusCharter CharterOf(string program, YamlNode? says)
    {
        // A charter that stands beside the product is taken as it is, with its days fixed.
        if (says is YamlNode.Scalar { Text: var ready })
        {
            var template = File.ReadAllText(Path.Combine(Repository.Folder, "charters", ready));
            var read = CharterReader.Read(template, ready) is CharterReading.Template ? CharterReader.Fix(template, new DateOnly(2026, 10, 1)) : template;
            return Good(read, read.Replace("version: 1", "version: 9", StringComparison.Ordinal));
        }

        var own = says is null ? [] : Map(says).Members.ToDictionary(m => m.Key.Text, m => Text(m.Value)!);
        if (own.GetValueOrDefault("show") is { } show && !show.Contains("per:", StringComparison.Ordinal))
        {
            own.TryAdd("keep", Kept.Replace(" contributions: 35d, releases: 2y,", string.Empty, StringComparison.Ordinal)); // without figures there are none to keep
        }

        var lines = Base.Select(b => (b.Key, Value: b.Key == "program" ? program : own.Remove(b.Key, out var other) ? other : b.Value)).ToList();
        if (own.Count > 0)
        {
            throw Wrong("no key of a charter: " + string.Join(", ", own.Keys));
        }

        var whole = string.Concat(lines.Select(l => l.Value.Contains('\n', StringComparison.Ordinal) ? $"{l.Key}:\n{Indented(l.Value)}\n" : $"{l.Key}: {l.Value}\n"));
        return Good(whole, whole.Replace("version: 2", "version: 1", StringComparison.Ordinal));
    }

    private CorpusCharter Good(string whole, string earlier) => CharterReader.Read(whole, file) switch
    {
        CharterReading.Good good => new CorpusCharter(whole, earlier, good.Charter),
        CharterReading.Bad bad => throw Wrong(string.Join("\n", bad.Problems) + "\n" + whole),
        _ => throw Wrong("a template"),
    };

    private static string Indented(string value) => string.Join('\n', value.TrimEnd('\n').Split('\n').Select(l => "  " + l));

    private RoleFacts RoleOf(YamlNode.Mapping keys)
    {
        PeopleGroup? scope = Text(keys["scope"]) is { } words ? PeopleGroup.TryParse(words, out var group) ? group : throw Wrong("no scope: " + words) : null;
        return new RoleFacts(Text(keys["who"])!, Text(keys["role"])!, keys["until"] is { } until ? Day(Text(until)!) : Today.AddDays(100), scope);
    }

    private CorpusCase CaseOf(string name, YamlNode.Mapping keys)
    {
        var (from, to) = keys["days"] is { } days ? Days(days) : (Today.AddDays(-10), Today);
        var approvals = keys["approvals"] is { } given ? Map(given).Members.Select(m => (m.Key.Text, Text(m.Value)!)).ToList() : [("privacy-officer", "officer"), ("works-council", "council")];
        return new CorpusCase(
            new CaseFacts(
                name, Text(keys["asker"])!, Text(keys["subject"])!, Text(keys["rule"]) ?? "role:investigator/records", keys["programs"] is { } programs ? [.. Words(programs)] : [Program], from, to,
                keys["until"] is { } until ? Day(Text(until)!) : Today.AddDays(7), keys["opened"] is { } opened ? Time(Text(opened)!) : now.AddHours(-2), Text(keys["closed"]) == "true", []),
            approvals);
    }

    private static CorpusConsent ConsentOf(YamlNode.Mapping keys) => new(Text(keys["who"])!, Text(keys["program"]) ?? Program, Text(keys["says"])!);

    private CorpusLook LookOf(YamlNode.Mapping keys)
    {
        var (asker, program, time) = (Text(keys["asker"])!, Text(keys["program"]) ?? Program, keys["now"] is { } other ? Time(Text(other)!) : now);
        var today = DateOnly.FromDateTime(time.UtcDateTime);
        var (from, to) = keys["days"] is { } days ? Days(days) : (today, today);
        Look look = keys["subject"] is { } subject
            ? new Look.AtPerson(asker, Text(subject)!, program, Text(keys["what"]) == "submissions" ? IndividualKind.Submissions : IndividualKind.Records, from, to, Text(keys["case"]))
            {
                Signed = keys["signed"] is { } ago ? time.AddMinutes(-int.Parse(Text(ago)!, CultureInfo.InvariantCulture)) : null,
                Address = keys["address"] is { } address ? IPAddress.Parse(Text(address)!) : null,
            }
            : new Look.AtGroup(asker, program, Text(keys["what"]) ?? "focus-minutes", Enum.Parse<GroupLevel>(Text(keys["level"]) ?? "team", ignoreCase: true), Text(keys["group"])!);
        var made = new CorpusLook(Text(keys["name"])!, look, time, Text(keys["allowed"]), Words(keys["refused"]))
        {
            Counted = keys["counted"] is { } counted ? int.Parse(Text(counted)!, CultureInfo.InvariantCulture) : null,
            IsWithheld = Text(keys["figure"]) == "withheld",
        };
        return made.Allowed is null == made.Refused.Count > 0 && (look is Look.AtGroup && made.Allowed is not null) == made.Counted is not null
            ? made
            : throw Wrong($"'{made.Name}' is either allowed or refused, and what is allowed about a group says how many it counts");
    }

    private YamlNode.Mapping Map(YamlNode node) => node as YamlNode.Mapping ?? throw Wrong($"line {node.At.Line}: keys and values are expected");

    private YamlNode.Mapping Known(YamlNode node, params ReadOnlySpan<string> keys)
    {
        var map = Map(node);
        foreach (var (key, _) in map.Members)
        {
            _ = keys.Contains(key.Text) ? true : throw Wrong($"line {key.At.Line}: nobody knows '{key.Text}'");
        }

        return map;
    }

    private static IReadOnlyList<YamlNode> Items(YamlNode? node) => node is YamlNode.Sequence list ? list.Items : [];

    private static IReadOnlyList<string> Words(YamlNode? node) => [.. Items(node).Select(n => Text(n)!)];

    private static string? Text(YamlNode? node) => (node as YamlNode.Scalar)?.Text;

    private static (DateOnly From, DateOnly To) Days(YamlNode? node) => Text(node)!.Split("..") is [var from, var to] ? (Day(from), Day(to)) : (Day(Text(node)!), Day(Text(node)!));

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string text) => DateTimeOffset.ParseExact(text, "yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private InvalidDataException Wrong(string what) => new($"{file}.yaml: {what}");
}
