using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Core.Directory;
using Daylight.Server.Features.Directory;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Core;

/// <summary>The reference says what the code does: its tables name everything there is, and its examples give the codes that they stand under.</summary>
public sealed partial class CharterReferenceTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Folder, "docs", "charter-reference.md")).ReplaceLineEndings("\n");

    /// <summary>The section of each code, in the order of the page.</summary>
    private static readonly List<(string Code, string Text)> Sections =
        [.. Heading().Split(Text[Text.IndexOf("\n## Codes\n", StringComparison.Ordinal)..])[1..].Chunk(2).Select(s => (s[0], s[1]))];

    /// <summary>The byte or the length that gives these cannot stand in an excerpt; two tests below give them.</summary>
    private static readonly string[] InWords = [DiagnosticCodes.NotText, DiagnosticCodes.TooLong];

    /// <summary>No charter gives this one, so there is nothing to say about it.</summary>
    private static readonly string[] NeverGiven = [];

    private static readonly CheckDirectory People = ReadPeople();

    public static TheoryData<string> Codes() => [.. DiagnosticCodes.All.Except(InWords).Except(NeverGiven)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void the_bad_excerpt_of_a_code_gives_that_code_and_no_other(string code) => Assert.Equal([code], Found(code, "bad").Select(d => d.Code).Distinct());

    [Theory]
    [MemberData(nameof(Codes))]
    public void the_good_excerpt_of_a_code_gives_none(string code) => Assert.Empty(Found(code, "good"));

    [Fact]
    public void every_code_has_a_section_and_every_section_is_a_code_in_their_order() => Assert.Equal(DiagnosticCodes.All.Except(NeverGiven), Sections.Select(s => s.Code));

    [Fact]
    public void a_code_is_told_in_a_sentence_or_two_before_its_excerpts() =>
        Assert.All(Sections, s => Assert.InRange(s.Text[..(s.Text.IndexOf("```", StringComparison.Ordinal) is >= 0 and var i ? i : s.Text.Length)].Trim().Length, 20, 420));

    [Fact]
    public void a_file_in_another_encoding_is_not_text()
    {
        byte[] latin = [.. Encoding.UTF8.GetBytes(FocusTime.Text + "# f"), 0xFC, .. "r alle\n"u8];
        var problem = Assert.Single(Assert.IsType<CharterReading.Bad>(CharterReader.Read(latin, FocusTime.File)).Problems);
        Assert.Equal((DiagnosticCodes.NotText, FocusTime.Text.Split('\n').Length, 4), (problem.Code, problem.Line, problem.Column));
        Assert.IsType<CharterReading.Good>(CharterReader.Read(Encoding.UTF8.GetBytes(FocusTime.Text + "# für alle\n"), FocusTime.File));
    }

    [Fact]
    public void a_file_of_more_than_32_000_bytes_is_too_long()
    {
        static CharterReading Read(int comment) => CharterReader.Read(Encoding.UTF8.GetBytes(FocusTime.Text + "# " + new string('x', comment)), FocusTime.File);
        Assert.Equal(DiagnosticCodes.TooLong, Assert.Single(Assert.IsType<CharterReading.Bad>(Read(32_000)).Problems).Code);
        Assert.IsType<CharterReading.Good>(Read(29_000));
    }

    [Fact]
    public void the_complete_example_is_the_committed_charter_without_its_comments() =>
        Assert.Contains("```yaml\n" + string.Concat(FocusTime.Text.TrimEnd('\n').Split('\n').Where(l => !l.StartsWith('#')).Select(l => l + "\n")) + "```\n", Text, StringComparison.Ordinal);

    [Fact]
    public void the_table_of_streams_has_every_stream_and_no_other() => Assert.Equal(
        Streams.All.Values.Select(s => $"| `{s.Name}` | {s.Says} | {s.Nature.ToString().ToLowerInvariant()} | `{s.BucketType}` |"),
        Table("| stream | what it tells | nature | ActivityWatch bucket type |"));

    [Fact]
    public void the_table_of_fields_has_every_field_with_its_values_and_transforms() => Assert.Equal(
        Streams.All.Values.SelectMany(s => s.Fields.Values, (s, f) =>
            $"| `{s.Name}` | `{f.Name}` | {f.Says} |{(f.Values.IsEmpty ? string.Empty : " " + string.Join(", ", f.Values))} | {string.Join(", ", Streams.AllowedTransforms(f.Kind, s.Nature).Select(t => $"`{t}`"))} |"),
        Table("| stream | field | what it is | values | may be |"));

    [Fact]
    public void the_table_of_transforms_has_every_transform() => Assert.Equal(
        Enum.GetValues<FieldKind>().SelectMany(k => Enum.GetValues<StreamNature>().SelectMany(n => Streams.AllowedTransforms(k, n))).Distinct().Order(StringComparer.Ordinal),
        Table("| transform | what happens | before | after |").Select(FirstWord).Order(StringComparer.Ordinal));

    [Fact]
    public void the_table_of_measures_has_every_operation_with_its_folds()
    {
        static string Said(MeasureOperation operation) => operation.Fold switch { MeasureFold.Add => "add up", MeasureFold.Largest => "the largest", MeasureFold.Mean => "their mean", _ => string.Empty };
        MeasureOperation[] all =
        [
            new MeasureOperation.Sum("duration"), new MeasureOperation.Sum("FIELD"), new MeasureOperation.Count(), new MeasureOperation.Distinct("FIELD"), new MeasureOperation.Mean("FIELD"),
            new MeasureOperation.Share([], OfTime: true), new MeasureOperation.LongestRun(TimeSpan.Zero),
        ];
        Assert.Equal(
            all.Select(o => $"{o.Word} | {Said(o)} | {Said(o)}"),
            Table("| operation | what it computes | example | days of a week | devices of a day |").Select(r => $"{FirstWord(r)} | {string.Join(" | ", r.Trim('|', ' ').Split(" | ")[^2..])}"));
    }

    [Fact]
    public void the_table_of_purposes_has_every_purpose() => Assert.Equal(
        Purposes.All.Values.Select(p => $"| `{p.Name}` | {p.Says.English} | `{p.Dpv}` | {string.Join(", ", p.Streams.Select(s => $"`{s}`"))} | {p.Records.Days} d | {p.Submissions.Days} d |"),
        Table("| purpose | what it is for | DPV 2.3 term | served by | records | submissions |"));

    [Fact]
    public void the_table_of_limits_has_every_limit_with_its_source() => Assert.Equal(
        Purposes.All.Values.SelectMany(p => new[] { p.Records, p.Submissions }).Append(Purposes.Contributions).Append(Purposes.Releases).Append(Purposes.Looks)
            .Select(l => $"{l.Days} … {l.Source}").Distinct().Order(StringComparer.Ordinal),
        Table("| days | for | who says so |").Select(r => r.Trim('|', ' ').Split(" | ")).Select(c => $"{c[0]} … {c[2]}").Order(StringComparer.Ordinal));

    [Fact]
    public void the_table_of_limits_says_for_which_purposes_they_are() => Assert.All(
        Table("| days | for | who says so |").Select(r => r.Trim('|', ' ').Split(" | ")).Where(c => c[1].Contains("for `", StringComparison.Ordinal)),
        cells => Assert.All(cells[1].Split("; "), part => Assert.Equal(
            Purposes.All.Values.Where(p => (part.StartsWith("records", StringComparison.Ordinal) ? p.Records : p.Submissions).Source == cells[2]).Select(p => p.Name),
            Quoted().Matches(part).Select(m => m.Groups[1].Value))));

    [Fact]
    public void every_role_basis_and_key_is_named()
    {
        Assert.All(Vocabulary.Roles.Concat(Vocabulary.LawfulBases.Keys).Concat(Categories()).Concat(Enum.GetNames<RedactPattern>().Select(n => n.ToLowerInvariant())), word => Assert.Contains(word, Text, StringComparison.Ordinal));
        var keys = Keys(JsonNode.Parse(CharterSchema.Text())!).Distinct().ToList();
        Assert.Contains("minimum-people", keys);
        Assert.All(keys, key => Assert.Matches(@"[`{ ]" + Regex.Escape(key) + "[`: ]", Text));
    }

    [Fact]
    public void the_committed_schema_is_the_one_that_the_code_makes() =>
        Assert.Equal(CharterSchema.Text(), File.ReadAllText(Path.Combine(Repository.Folder, "docs", "charter.schema.json")).ReplaceLineEndings("\n"));

    private static IEnumerable<string> Categories() => Daylight.Core.Minimization.Categories.Names;

    private static IReadOnlyList<Diagnostic> Found(string code, string kind)
    {
        var section = Sections.Single(s => s.Code == code).Text;
        var excerpt = Assert.Single(Block().Matches(section), m => m.Groups[1].Value == "yaml " + kind).Groups[2].Value;
        return Excerpt.Found(excerpt, code.StartsWith("who-", StringComparison.Ordinal) || code == "noise-swamps" ? People : null);
    }

    private static CheckDirectory ReadPeople()
    {
        var csv = Assert.Single(Block().Matches(Text), m => m.Groups[1].Value == "csv").Groups[2].Value;
        var people = PeopleCsv.Read(new StringReader(csv), "people.csv", new Dictionary<string, string>(), "Etc/UTC");
        Assert.Empty(people.Problems);
        return new CheckDirectory(new OrgSnapshot(people.People, people.Teams, new DateOnly(2026, 11, 20)), people.Roles);
    }

    private static IEnumerable<string> Table(string header)
    {
        var lines = Text.Split('\n');
        var at = Array.IndexOf(lines, header);
        Assert.True(at >= 0, $"The table '{header}' is not there.");
        return lines.Skip(at + 2).TakeWhile(l => l.StartsWith('|'));
    }

    private static string FirstWord(string row) => row.Trim('|', ' ', '`').Split(' ', ':', '`')[0];

    // Keys of mappings that a charter's author does not choose: names of properties, at any depth.
    private static IEnumerable<string> Keys(JsonNode schema) => schema switch
    {
        JsonObject map => map.SelectMany(m => m is { Key: "properties", Value: JsonObject properties }
            ? properties.SelectMany(p => Keys(p.Value!).Prepend(p.Key))
            : m.Value is null ? [] : Keys(m.Value)),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Keys),
        _ => [],
    };

    [GeneratedRegex("^### (.+)$", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Heading();

    [GeneratedRegex("^```([a-z ]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Block();

    [GeneratedRegex("`([a-z-]+)`", RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();
}
