using System.Collections.Immutable;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Grammar;

namespace Daylight.Core.Reviews;

/// <summary>A review's report as somebody wrote it down.</summary>
/// <param name="Summary">What happened and what was done, for every employee to read.</param>
/// <param name="Findings">What was wrong.</param>
public sealed record ReviewFile(string Summary, ImmutableArray<WrittenFinding> Findings)
{
    private static readonly Key<string> Tried = new("tried", "What was tried against the fix", Terms.Prose, string.Empty);
    private static readonly Key<string> Refused = new("refused", "How it was refused", Terms.Text("(?s:.{3,1000})", "3 to 1000 characters"), string.Empty);
    private static readonly Key<string> Output = new("output", "What was seen, as it was printed", Terms.Text("(?s:.{0,1500})", "at most 1500 characters"), string.Empty, required: false);

    private static readonly Key<WrittenTest> Test = new(
        "test", "Something that must not work any more, was tried, and did not",
        new MapForm<WrittenTest>("a test", [Tried, Refused, Output], new WrittenTest(string.Empty, string.Empty, string.Empty), m => new WrittenTest(m.Get(Tried), m.Get(Refused), m.Get(Output))),
        new WrittenTest(string.Empty, string.Empty, string.Empty));

    private static readonly Key<string> What = new("what", "What was wrong", Terms.Prose, string.Empty);
    private static readonly Key<string> Fix = new("fix", "What was done about it", Terms.Prose, string.Empty);

    private static readonly Key<string> SummaryKey = new("summary", "What happened and what was done, for every employee to read", Terms.Prose, string.Empty);

    private static readonly Key<ImmutableArray<WrittenFinding>> FindingsKey = new(
        "findings", "What was wrong, each with its fix and the test that shows that the fix holds",
        new ListForm<WrittenFinding>(
            new MapForm<WrittenFinding>("a finding", [What, Fix, Test], new WrittenFinding(string.Empty, string.Empty, new WrittenTest(string.Empty, string.Empty, string.Empty)), m => new WrittenFinding(m.Get(What), m.Get(Fix), m.Get(Test))), most: 20),
        []);

    private static readonly MapForm<ReviewFile?> Form = new("a report", [SummaryKey, FindingsKey], null, m => new ReviewFile(m.Get(SummaryKey), m.Get(FindingsKey)));

    /// <summary>Reads a report's YAML, as strictly as a charter: what is wrong comes with line and column, all of it at once.</summary>
    public static (ReviewFile? Report, IReadOnlyList<Diagnostic> Problems) Read(string yaml, string file)
    {
        var problems = new Diagnostics(file);
        var report = Yaml.CheckCharacters(yaml, problems) is { } text && Yaml.Compose(text, problems) is { } root ? Form.Read(root, "a report", problems) : null;
        return problems.Any ? (null, problems.Found) : (report, []);
    }
}

/// <summary>Something that was wrong.</summary>
public sealed record WrittenFinding(string What, string Fix, WrittenTest Test);

/// <summary>Something that must not work any more, was tried, and did not.</summary>
public sealed record WrittenTest(string Tried, string Refused, string Output);
