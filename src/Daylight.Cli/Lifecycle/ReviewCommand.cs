using System.CommandLine;
using System.Globalization;
using Daylight.Core.Reviews;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Lifecycle;

/// <summary><c>daylight review</c>: what was found after a pause, and what shows that it is mended; and reviews that charters ask for.</summary>
internal static class ReviewCommand
{
    private const int Days = 30;

    public static Command Create() => new("review", "Reviews of programs: after a pause, and as their charters ask") { List(), Open(), Report(), Sign(), Show(), Close() };

    private static Command List() => new Command("list", "Every review, newest first.\n\nExample:\n  daylight review list --server http://localhost:8080 --key anna.pem").Prints(
        new Connection(), _ => "/api/v1/reviews", ProtocolJson.Default.IReadOnlyListReviewView, ["review", "program", "about", "state", "due", "findings", "signed off", "missing"],
        r => [r.Entry.ToString(CultureInfo.InvariantCulture), r.Program, r.Pause is { } pause ? string.Create(CultureInfo.InvariantCulture, $"pause {pause}") : "its charter's cadence", r.State, Storage.Sql.Day(r.Due),
            r.Report?.Findings.Count.ToString(CultureInfo.InvariantCulture) ?? string.Empty, string.Join(", ", r.SignedOff), string.Join(", ", r.Missing)]);

    private static Command Open()
    {
        var program = Signed.Program();
        return new Command("open", "Opens the review of a paused program: nothing goes on without one.\n\nExample:\n  daylight review open focus-time --server http://localhost:8080 --key petra.pem") { program }.Bring(
            new Connection(),
            async (p, c) =>
            {
                var (view, stop) = (await Signed.ProgramAsync(c.Api, p.GetValue(program)!, c.Cancel), (await c.Api.GetAsync($"/api/v1/programs/{Uri.EscapeDataString(p.GetValue(program)!)}/stop", ProtocolJson.Default.StopView, c.Cancel)).OrThrow());
                return new ReviewOpened(view.Program, view.Charter, DateOnly.FromDateTime(c.Now.UtcDateTime).AddDays(Days), stop.Pause ?? throw new InvalidOperationException($"{view.Program} is not paused: reviews that its charter asks for open by themselves."));
            },
            p => $"the review of {p.GetValue(program)} is open");
    }

    private static Command Report()
    {
        var program = Signed.Program();
        var file = new Option<FileInfo>("--file") { Description = "The report as YAML: summary, and findings with what, fix and test: { tried, refused, output }", Required = true, HelpName = "FILE" };
        var role = Signed.Role();
        return new Command(
            "report",
            """
            Brings the report of a review: what was found, what was done, and for each fix a test of something that must not work any more.

            The file:
              summary: Files with records were readable by everybody who may log in to the build machine.
              findings:
                - what: The backup folder was readable for the group staff, and everybody is in it.
                  fix: The folder belongs to the service alone, and a sweep looks every hour.
                  test: { tried: Reading it as an ordinary user of that machine, refused: Permission denied; the sweep reported it as well, output: "cat: Permission denied" }

            Example:
              daylight review report focus-time --file review.yaml --role security --server http://localhost:8080 --key sam.pem
            """) { program, file, role }.Bring(
            new Connection(),
            async (p, c) =>
            {
                var path = p.GetValue(file)!;
                var (written, problems) = ReviewFile.Read(path.Exists ? await File.ReadAllTextAsync(path.FullName, c.Cancel) : throw new UsageException($"There is no file {path}."), path.ToString());
                var report = written is null
                    ? throw new InvalidOperationException(string.Join(Environment.NewLine, problems))
                    : new ReviewReport(written.Summary, [.. written.Findings.Select(f => new ReviewFinding(f.What, f.Fix, new NegativeTest(f.Test.Tried, f.Test.Refused, f.Test.Output)))]);
                var review = await OfAsync(c, p.GetValue(program)!);
                return new ReviewReported(c.Sign(new ReportReview(c.Root, c.Now, review.Program, review.Entry, report.Digest(), p.GetValue(role)!)), report);
            },
            p => $"the report on {p.GetValue(program)} is public");
    }

    private static Command Sign()
    {
        var (program, role) = (Signed.Program(), Signed.Role());
        return new Command("sign", "Signs the report of a review off, after printing it. Each role that the charter names does, each by another person.\n\nExample:\n  daylight review sign focus-time --role works-council --server http://localhost:8080 --key wim.pem") { program, role }.Bring(
            new Connection(),
            async (p, c) =>
            {
                var review = await OfAsync(c, p.GetValue(program)!);
                await Console.Error.WriteLineAsync(Text(review));
                return new ReviewSigned(c.Sign(new SignReview(c.Root, c.Now, review.Program, review.Entry, review.Digest ?? throw new InvalidOperationException("The review has no report yet: there is nothing to sign off."), p.GetValue(role)!)));
            },
            p => $"signed off as {p.GetValue(role)}");
    }

    private static Command Show()
    {
        var entry = new Argument<ulong>("REVIEW") { Description = "Its log entry, as review list prints it" };
        var (json, connection) = (Shared.Json(), new Connection());
        var command = new Command("show", "Prints a review. With --json also the entries that it rests on, with their proofs, to check without the server.\n\nExample:\n  daylight review show 417 --server http://localhost:8080 --key anna.pem") { entry, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var review = (await api.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/v1/reviews/{parsed.GetValue(entry)}"), ProtocolJson.Default.ReviewView, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(review, ProtocolJson.Default.ReviewView);
            }
            else
            {
                Console.WriteLine(Text(review));
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Close()
    {
        var program = Signed.Program();
        var outcome = new Option<string>("--outcome") { Description = "What becomes of the program", Required = true, HelpName = "continue|change|end" };
        outcome.AcceptOnlyFromAmong("continue", "change", "end");
        var finding = new Option<string>("--finding") { Description = "What was found", Required = true, HelpName = "TEXT" };
        var role = Signed.Role();
        return new Command("close", "Closes a review that a charter asked for. Its facts: daylight program facts PROGRAM\n\nExample:\n  daylight review close focus-time --outcome continue --finding \"meetings moved in three teams\" --role privacy-officer --server http://localhost:8080 --key petra.pem") { program, outcome, finding, role }.Bring(
            new Connection(),
            async (p, c) =>
            {
                var review = (await c.Api.GetAsync("/api/v1/reviews", ProtocolJson.Default.IReadOnlyListReviewView, c.Cancel)).OrThrow().FirstOrDefault(r => r.Program == p.GetValue(program) && r.Pause is null && r.State != "closed")
                    ?? throw new InvalidOperationException($"No review of {p.GetValue(program)} is open.");
                return new ReviewClosed(c.Sign(new CloseReview(c.Root, c.Now, review.Program, review.Entry, p.GetValue(role)!, p.GetValue(outcome)!, p.GetValue(finding)!)));
            },
            p => $"closed: {p.GetValue(outcome)}");
    }

    /// <summary>The review of a pause that is open.</summary>
    public static async Task<ReviewView> OfAsync(Context c, string program) =>
        (await c.Api.GetAsync("/api/v1/reviews", ProtocolJson.Default.IReadOnlyListReviewView, c.Cancel)).OrThrow().FirstOrDefault(r => r.Program == program && r.Pause is not null && r.State != "closed")
        ?? throw new InvalidOperationException($"No review of a pause of {program} is open. Open one with: daylight review open {program}");

    private static string Text(ReviewView review)
    {
        var lines = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"Review {review.Entry} of {review.Program}: {review.State}"),
            review.Why is { } why ? (review.Pause is null ? "Outcome: " : "Paused because: ") + why : "Not closed yet",
        };
        if (review.Report is { } report)
        {
            lines.Add(report.Summary);
            lines.AddRange(report.Findings.SelectMany((f, i) => new[]
            {
                string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {f.What}"), "   Fix: " + f.Fix, "   Tried against it: " + f.Tried, "   Refused: " + f.Refused, f.Output.Length > 0 ? "   Output: " + f.Output.Trim() : string.Empty,
            }.Where(l => l.Length > 0)));
        }

        lines.Add($"Signed off: {(review.SignedOff.Count == 0 ? "by nobody yet" : string.Join(", ", review.SignedOff))}{(review.Missing.Count == 0 ? string.Empty : "; missing: " + string.Join(", ", review.Missing))}");
        return string.Join(Environment.NewLine, lines);
    }
}
