using Daylight.Core.Charters;

namespace Daylight.Tests.Core;

public sealed class CharterTemplateTests
{
    private static readonly DateOnly Proposed = new(2026, 10, 1);

    private static string Template(string from = "+14d", string until = "+180d") => FocusTime.TextWith(("from: 2026-12-01", "from: " + from), ("until: 2027-05-31", "until: " + until));

    private static string Fixed(string from = "2026-10-15", string until = "2027-03-30") => Template(from, until);

    [Fact]
    public void a_template_is_no_charter_yet()
    {
        var template = Assert.IsType<CharterReading.Template>(CharterReader.Read(Template(), FocusTime.File));
        Assert.Equal((CharterReader.TemplateDay.AddDays(14), CharterReader.TemplateDay.AddDays(180)), (template.Sketch.From, template.Sketch.Until));
    }

    [Fact]
    public void fixing_a_template_changes_its_two_days_and_no_other_byte()
    {
        var text = CharterReader.Fix(Template(), Proposed);
        Assert.Equal(Fixed(), text);
        var charter = Assert.IsType<CharterReading.Good>(CharterReader.Read(text, FocusTime.File)).Charter;
        Assert.Equal((new DateOnly(2026, 10, 15), new DateOnly(2027, 3, 30)), (charter.From, charter.Until));
    }

    [Theory]
    [InlineData("\"+14d\"", "'+180d'", "\"2026-10-15\"", "'2027-03-30'")]
    [InlineData("   +14d   ", "+180d # half a year", "   2026-10-15   ", "2027-03-30 # half a year")]
    [InlineData("+0d", "+0d", "2026-10-01", "2026-10-01")]
    [InlineData("+14d", "+1000d", "2026-10-15", "2029-06-27")]
    public void quotes_blanks_and_comments_stay(string from, string until, string fixedFrom, string fixedUntil) =>
        Assert.Equal(Fixed(fixedFrom, fixedUntil), CharterReader.Fix(Template(from, until), Proposed));

    [Fact]
    public void line_endings_of_windows_stay() =>
        Assert.Equal(Fixed().ReplaceLineEndings("\r\n"), CharterReader.Fix(Template().ReplaceLineEndings("\r\n"), Proposed));

    [Fact]
    public void a_template_on_one_line_is_fixed_too()
    {
        const string Days = "from: 2026-12-01\nuntil: 2027-05-31\n";
        var lines = FocusTime.TextWith((Days, string.Empty)).Split('\n').Where(l => l.Length > 0 && !l.StartsWith('#'));
        var flow = "{ \"from\": \"+14d\", \"until\": \"+180d\", " + string.Join(", ", Flow(string.Join('\n', lines))) + " }";
        Assert.IsType<CharterReading.Template>(CharterReader.Read(flow, FocusTime.File));
        Assert.StartsWith("{ \"from\": \"2026-10-15\", \"until\": \"2027-03-30\", \"program\"", CharterReader.Fix(flow, Proposed), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+14d", "2027-05-31")]
    [InlineData("2026-12-01", "+180d")]
    public void days_are_both_dates_or_both_count_from_the_proposal(string from, string until) =>
        Assert.Equal(DiagnosticCodes.Template, Assert.Single(FocusTime.Problems(Template(from, until))).Code);

    [Fact]
    public void a_template_that_ends_before_it_begins_is_refused() => Assert.Equal(DiagnosticCodes.Dates, Assert.Single(FocusTime.Problems(Template("+14d", "+13d"))).Code);

    [Theory]
    [InlineData("2026-12-01", "2027-05-31")]
    [InlineData("+14d", "2027-05-31")]
    public void what_is_no_template_is_not_fixed(string from, string until) => Assert.Throws<ArgumentException>(() => CharterReader.Fix(Template(from, until), Proposed));

    [Theory]
    [InlineData("+14d", "+0d", DiagnosticCodes.Dates)]
    [InlineData("+14d", "+1111d", DiagnosticCodes.NeverEndless)]
    [InlineData("+14d", "+180d #\u2028", DiagnosticCodes.NotText)]
    public void what_no_charter_can_come_of_is_no_template(string from, string until, string code) => Assert.Equal(code, Assert.Single(FocusTime.Problems(Template(from, until))).Code);

    [Theory]
    [InlineData(">-\n  +14d", "+180d")]
    [InlineData("\"\\x2b14d\"", "+180d")]
    public void days_that_are_not_written_plainly_are_not_fixed(string from, string until)
    {
        Assert.IsType<CharterReading.Template>(CharterReader.Read(Template(from, until), FocusTime.File));
        Assert.Throws<InvalidOperationException>(() => CharterReader.Fix(Template(from, until), Proposed));
    }

    [Fact]
    public void days_beyond_all_calendars_are_not_fixed() => Assert.Throws<InvalidOperationException>(() => CharterReader.Fix(Template(), new DateOnly(9999, 12, 1)));

    // Block mappings of the committed charter, member by member, as members of a flow mapping.
    private static IEnumerable<string> Flow(string yaml)
    {
        foreach (var block in yaml.Split('\n').Aggregate(new List<List<string>>(), (blocks, line) =>
        {
            if (line[0] == ' ')
            {
                blocks[^1].Add(line.Trim());
            }
            else
            {
                blocks.Add([line]);
            }

            return blocks;
        }))
        {
            var (key, value) = (block[0][..block[0].IndexOf(':', StringComparison.Ordinal)], block[0][(block[0].IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            yield return block.Count == 1
                ? $"\"{key}\": {(value.StartsWith('{') || int.TryParse(value, out _) ? value : $"\"{value}\"")}"
                : block[1].StartsWith('-') ? $"\"{key}\": [ {string.Join(", ", block[1..].Select(i => i[2..]))} ]" : $"\"{key}\": {{ {string.Join(", ", block[1..])} }}";
        }
    }
}
