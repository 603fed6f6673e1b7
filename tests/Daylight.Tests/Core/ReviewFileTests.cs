using Daylight.Core.Reviews;

namespace Daylight.Tests.Core;

public sealed class ReviewFileTests
{
    private const string Good = """
        summary: A backup folder could be read by every account of the machine.
        findings:
          - what: The folder was readable for everybody
            fix: It belongs to the service alone
            test: { tried: reading it as another account, refused: Permission denied, output: "cat: Permission denied" }
          - what: Nobody looked at that folder for a year
            fix: A sweep looks every hour
            test: { tried: making it readable again, refused: the sweep reported it }
        """;

    [Fact]
    public void a_report_is_read_with_its_tests()
    {
        var (report, problems) = ReviewFile.Read(Good, "review.yaml");
        Assert.Empty(problems);
        Assert.Equal(2, report!.Findings.Length);
        Assert.Equal(("reading it as another account", "Permission denied", "cat: Permission denied"), (report.Findings[0].Test.Tried, report.Findings[0].Test.Refused, report.Findings[0].Test.Output));
        Assert.Equal(string.Empty, report.Findings[1].Test.Output);
    }

    [Theory]
    [InlineData("            test: { tried: making it readable again, refused: the sweep reported it }", "", 6, "test")]
    [InlineData("            fix: It belongs to the service alone", "            fixed: It belongs to the service alone", 4, "fixed")]
    [InlineData("refused: the sweep reported it", "refused: ''", 8, "refused")]
    [InlineData("summary: A backup", "summary: [A backup", 1, "")]
    public void what_is_wrong_comes_with_its_line(string line, string instead, int at, string names)
    {
        Assert.Contains(line.Trim(), Good, StringComparison.Ordinal);
        var (report, problems) = ReviewFile.Read(Good.Replace(line.TrimStart(), instead.TrimStart(), StringComparison.Ordinal), "review.yaml");
        Assert.Null(report);
        Assert.Contains(problems, p => p.Line >= at - 1 && p.Line <= at + 2 && p.Message.Contains(names, StringComparison.Ordinal));
        Assert.All(problems, p => Assert.Equal("review.yaml", p.File));
    }
}
