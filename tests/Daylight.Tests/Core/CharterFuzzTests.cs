using System.Text;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Core;

/// <summary>The short run of what <c>bench/run fuzz</c> does for ten million inputs.</summary>
public sealed class CharterFuzzTests
{
    [Fact]
    public void nothing_makes_the_reader_throw()
    {
        var mutator = new CharterMutator(20_261_120, [.. Directory.GetFiles(Path.Combine(Repository.Folder, "charters"), "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]);
        var good = 0;
        for (var round = 0; round < 6_000; round++)
        {
            good += Outcome(mutator.Next(), $"round {round}") ? 1 : 0;
        }

        Assert.InRange(good, 50, 5_950); // both outcomes are reached, or the mutations are too wild or too tame
    }

    [Theory]
    [InlineData("a: &x [*x, *x]\n")]
    [InlineData("a: &a [lol]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n")]
    [InlineData("program:\tx\n")]
    [InlineData("program: !!binary aGk=\n")]
    [InlineData("<<: { program: x }\n")]
    [InlineData("? { a: 1 }\n: b\n")]
    [InlineData("\uFEFF\uFEFFprogram: x\n")]
    [InlineData("program: \"\\uD83D\"\n")]
    public void yamls_dark_corners_are_told_and_not_followed(string text) => Assert.False(Outcome(Encoding.UTF8.GetBytes(text), text));

    [Theory]
    [InlineData("version: 012\n")]
    [InlineData("version: 0x10\n")]
    [InlineData("version: 1e3\n")]
    [InlineData("version: 1_000\n")]
    [InlineData("version: .inf\n")]
    [InlineData("version: \"1\"\n")]
    [InlineData("version: yes\n")]
    public void a_number_is_written_as_one(string line) =>
        Assert.Contains(FocusTime.Problems(FocusTime.TextWith(("version: 1\n", line))), p => p.Message.StartsWith("'version' is a whole number", StringComparison.Ordinal));

    /// <summary>Found by the long run.</summary>
    [Fact]
    public void a_bucket_without_edges_that_a_measure_filters_by_is_told() =>
        Assert.Contains(FocusTime.Problems(FocusTime.TextWith(("  afk: { status: keep }", "  afk: { status: keep }\n  input: { presses: { bucket: [] } }"), ("from: window, sum: duration, where: { app: [Editor, Terminal, Office, Design] }", "from: input, sum: duration, where: { presses: 5 or more }"))), p => p.Message.StartsWith("'bucket' has 1 to 20 items", StringComparison.Ordinal));

    [Fact]
    public void norway_is_a_country() =>
        Assert.Equal("country:NO", Assert.Single(FocusTime.With(("covers: everyone", "covers: country:NO")).Covers.Who).ToString());

    [Theory]
    [InlineData("true", "put it in quotes")]
    [InlineData("2026", "put it in quotes")]
    [InlineData("~", "put it in quotes")]
    public void a_sentence_that_yaml_takes_for_something_else_is_put_in_quotes(string text, string advice) =>
        Assert.Contains(FocusTime.Problems(FocusTime.TextWith(("necessity: Meeting load was the first complaint of the 2026 survey. Minutes per team and week are enough to act on it.", "necessity: " + text))), p => p.Message.EndsWith(advice, StringComparison.Ordinal));

    [Fact]
    public void what_is_not_utf8_is_told_where_it_stops_to_be()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes("# ü\nprogram: x"), 0xFF, (byte)'\n'];
        var problem = Assert.Single(Assert.IsType<CharterReading.Bad>(CharterReader.Read(bytes, "x.yaml")).Problems);
        Assert.Equal((2, 11, "not-text"), (problem.Line, problem.Column, problem.Code));
    }

    [Fact]
    public void a_byte_order_mark_is_no_part_of_the_text()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(FocusTime.Text)];
        Assert.IsType<CharterReading.Good>(CharterReader.Read(bytes, FocusTime.File));
        Assert.Equal(FocusTime.Text, CharterReader.TextOf(bytes));
    }

    private static bool Outcome(byte[] input, string round)
    {
        try
        {
            var reading = CharterReader.Read(input, FocusTime.File);
            if (reading is CharterReading.Bad bad)
            {
                Assert.NotEmpty(bad.Problems);
                Assert.All(bad.Problems, p => Assert.True(p.Line >= 1 && p.Column >= 1 && p.Message.Length > 0 && DiagnosticCodes.All.Contains(p.Code)));
                return false;
            }

            Assert.NotNull(CharterCheck.Of(reading, FocusTime.File));
            return true;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{round} made the reader throw on:\n{Encoding.UTF8.GetString(input)}", e);
        }
    }
}
