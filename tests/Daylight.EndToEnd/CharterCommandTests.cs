using System.Text.Json;

namespace Daylight.EndToEnd;

/// <summary>The program <c>daylight charter</c> as somebody at a terminal meets it, and the schema as an editor does.</summary>
[Collection(Lanes.Companies)]
public sealed class CharterCommandTests : IDisposable
{
    private static readonly string[] Ready = [.. Directory.GetFiles(Path.Combine(Programs.Root, "charters"), "*.yaml").Order(StringComparer.Ordinal)];

    private readonly string folder = Directory.CreateTempSubdirectory("daylight-charter-").FullName;

    [Fact]
    public async Task every_ready_made_charter_passes_without_a_waiver()
    {
        Assert.Equal(13, Ready.Length);
        var report = JsonDocument.Parse(await Programs.DaylightAsync(["charter", "check", "--json", .. Ready])).RootElement;
        Assert.All(report.EnumerateArray(), f => Assert.Equal(0, f.GetProperty("findings").GetArrayLength()));
        Assert.Equal(13, report.EnumerateArray().Select(f => f.GetProperty("program").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task a_directory_answers_who_in_numbers()
    {
        var people = Write("people.csv", "email,name,team,manager,roles\nboss@x.example,Boss,crew,,\n"
            + string.Concat(Enumerable.Range(1, 6).Select(i => $"p{i}@x.example,P{i},crew,boss@x.example,{(i == 1 ? "investigator" : "")}\n")));
        var text = await Programs.DaylightAsync("charter", "check", Focus, "--directory", people);
        Assert.Contains("7 of 7 people are covered", text);
        Assert.Contains("manager/focus-minutes: 1 could look at 6, boss@x.example at most, 6", text);
        Assert.Contains("role:investigator/records: 1 could look at 7, p1@x.example at most, 6", text);
    }

    [Fact]
    public async Task a_problem_is_shown_with_its_line_a_caret_and_a_code()
    {
        var file = Write("bad.yaml", (await File.ReadAllTextAsync(Focus)).Replace("afk: { status: keep }", "afk: { status: keep, mood: keep }", StringComparison.Ordinal));
        var (exit, _, error) = await Programs.RunAsync(Programs.Daylight, "charter", "check", file);
        Assert.Equal(1, exit);
        var lines = error.Split('\n');
        Assert.EndsWith("[unknown-key]", lines[0].TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(lines[1].IndexOf("mood", StringComparison.Ordinal), lines[2].IndexOf('^', StringComparison.Ordinal));
        Assert.Equal(2, (await Programs.RunAsync(Programs.Daylight, "charter", "check", "nowhere.yaml")).Exit);
    }

    [Fact]
    public async Task explain_writes_what_people_read_and_what_the_law_asks_for()
    {
        var written = (await Programs.DaylightAsync("charter", "explain", Focus, "--what", "all", "--language", "fr", "--format", "html", "--output", folder)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, written.Length);
        Assert.All(written, f => Assert.Contains("<!DOCTYPE html>", File.ReadAllText(f)));
        Assert.Contains("<html lang=\"fr\">", await File.ReadAllTextAsync(written[0]));
        Assert.StartsWith("# Was „focus-time“ misst", await Programs.DaylightAsync("charter", "explain", Focus, "--language", "de"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task diff_says_what_widens_and_exits_with_1()
    {
        var wider = Write("wider.yaml", (await File.ReadAllTextAsync(Focus)).Replace("records: 14d", "records: 28d", StringComparison.Ordinal));
        var (exit, output, _) = await Programs.RunAsync(Programs.Daylight, "charter", "diff", Focus, wider);
        Assert.Equal(1, exit);
        Assert.Contains("wider:    People covered: your records kept 28 days instead of 14 days.", output);
        Assert.Equal(0, (await Programs.RunAsync(Programs.Daylight, "charter", "diff", wider, Focus)).Exit);
    }

    [Fact]
    public async Task a_template_is_fixed_to_dates_and_then_is_a_charter()
    {
        var template = Path.Combine(Programs.Root, "charters", "meeting-load.yaml");
        var text = await Programs.DaylightAsync("charter", "fix", template, "--on", "2026-12-01");
        Assert.Contains("\nfrom: 2026-12-15\n", text);
        Assert.Contains("SHA-256", await Programs.DaylightAsync("charter", "check", Write("fixed.yaml", text)));
    }

    [Fact]
    public async Task an_editor_agrees_with_the_parser()
    {
        var schema = Write("charter.schema.json", await Programs.DaylightAsync("charter", "schema"));
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Programs.Root, "docs", "charter.schema.json")), await File.ReadAllTextAsync(schema));
        var good = await File.ReadAllTextAsync(Focus);
        string[] bad =
        [
            .. new (string Old, string New)[]
            {
                ("program: focus-time", "program: Focus Time"), ("version: 1", "version: one"), ("version: 1", "motto: x\nversion: 1"), ("purpose: workload-management", "purpose: curiosity"),
                ("covers: everyone", "covers: nobody"), ("from: 2026-12-01", "from: tomorrow"), ("hours: Mon-Fri 08:00-18:00", "hours: all day"), ("app: category", "app: keep"), ("app: category", "title: keep"),
                ("time: round 5m", "time: exactly"), ("  afk: {", "  keystrokes: {"), ("sum: duration", "score: duration"), ("clamp: 0..600", "clamp: lots"), ("records: 14d", "records: forever"), ("minimum-group: 5", "minimum-group: 4"),
                ("by: team", "by: person"), ("to: manager", "to: boss"), ("consent: none, by works agreement 2026-11", "consent: sure"), ("ai-training: never", "ai-training: later"), ("every: 3 months", "every: sometimes"),
                ("until: 2027-05-31\n", ""), ("necessity: Meeting load was the first complaint of the 2026 survey. Minutes per team and week are enough to act on it.", "necessity: 2026"),
            }.Select((edit, i) => Write($"bad{i}.yaml", Edited(good, edit.Old, edit.New))),
        ];
        var (exit, output, error) = await Programs.RunAsync("node", ["schema-check.js", schema, .. Ready, .. bad]);
        Assert.True(exit == 0, error);
        var verdicts = JsonDocument.Parse(output).RootElement.EnumerateArray().ToList();
        Assert.All(verdicts.Take(Ready.Length), v => Assert.True(v.GetProperty("holds").GetBoolean(), v.ToString()));
        Assert.All(verdicts.Skip(Ready.Length), v => Assert.False(v.GetProperty("holds").GetBoolean(), v.ToString()));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Focus { get; } = Path.Combine(Programs.Root, "charters", "focus-time.yaml");

    private static string Edited(string text, string old, string replacement)
    {
        Assert.Contains(old, text);
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
