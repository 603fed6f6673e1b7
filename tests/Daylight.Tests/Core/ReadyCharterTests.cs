using System.Text.RegularExpressions;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Core;

/// <summary>The ready-made charters: a company may take any of them as it stands.</summary>
public sealed partial class ReadyCharterTests
{
    public static string Folder { get; } = Path.Combine(Repository.Folder, "charters");

    public static TheoryData<string> Files() => [.. Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static string Text(string file) => File.ReadAllText(Path.Combine(Folder, file));

    [Theory]
    [MemberData(nameof(Files))]
    public void a_ready_made_charter_passes_the_check_as_it_is_and_once_its_days_are_fixed(string file)
    {
        var text = Text(file);
        var reading = CharterReader.Read(text, file);
        Assert.Empty(Assert.IsType<CheckReport>(CharterCheck.Of(reading, file)).Findings);
        if (reading is CharterReading.Template)
        {
            var proposed = Assert.IsType<CharterReading.Good>(CharterReader.Read(CharterReader.Fix(text, new DateOnly(2026, 10, 1)), file));
            Assert.Empty(CharterCheck.Of(proposed, file)!.Findings);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void a_ready_made_charter_has_the_name_of_its_program(string file) => Assert.Contains($"\nprogram: {Path.GetFileNameWithoutExtension(file)}\n", Text(file), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Files))]
    public void an_editor_finds_the_schema_of_a_ready_made_charter(string file)
    {
        var line = Text(file).Split('\n')[0];
        Assert.StartsWith("# yaml-language-server: $schema=", line, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Folder, line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..])));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void a_ready_made_charter_says_when_to_use_it_and_when_not(string file)
    {
        var comments = string.Join('\n', Text(file).Split('\n').TakeWhile(l => l.StartsWith('#')));
        Assert.Matches(@"When to use: .{20,}", comments);
        Assert.Matches(@"When not: .{20,}", comments);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void a_ready_made_charter_shows_no_ones_records_without_a_case_and_trains_nothing_unasked(string file)
    {
        var charter = CharterCheck.Of(CharterReader.Read(Text(file), file), file)!.Charter;
        Assert.All(charter.IndividualRules.Where(r => r.What == IndividualKind.Records), r => Assert.True(r.To is Audience.Self || r.Needs is { Case: true, Approvals.Length: >= 2 }));
        Assert.True(charter.AiTraining is AiTraining.Never || charter.Consent is Consent.OptIn);
    }

    [Fact]
    public void each_way_in_which_companies_measure_has_exactly_one_ready_made_charter() => Assert.Equal(
        Enumerable.Range(1, 13).Select(i => $"M{i}"),
        Files().SelectMany(f => Model().Matches(Text(f.Data)).Select(m => m.Groups[1].Value)).OrderBy(m => int.Parse(m.AsSpan(1))));

    [GeneratedRegex("^# (M[0-9]+),", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Model();
}
