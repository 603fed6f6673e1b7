using Daylight.Core.Charters;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.LocalPage;

/// <summary>Who looked: the list of the server, held against what the keyholder signs.</summary>
internal sealed class LookedPage(AgentParts parts, Frame frame)
{
    public IResult Render(string? done)
    {
        var (seen, warnings) = (parts.Sender.Openings, parts.Sender.Openings.WarningsAt(parts.Time.GetUtcNow()));
        return frame.Page("/looked", "Who looked", Html.Of(
            $"""
            <section>
            {(seen.Checked is not { } at ? Html.Of($"<p>{(parts.Enrollment.Exists ? "The keyholder's count was not checked yet." : "This machine is not enrolled: there is nothing to look at.")}</p>")
                : warnings.Count > 0 ? Html.Nothing
                : Html.Of($"<p><span class=\"good\">The list that you are shown is complete:</span> {(seen.Looks == 1 ? "one look" : $"{seen.Looks} looks")} at your records, and {(seen.Releases == 1 ? "one group figure" : $"{seen.Releases} group figures")} that counted you. Checked {frame.When(at)}.</p>"))}
            {Html.Each(warnings, w => Html.Of($"<p class=\"bad\" role=\"alert\">Warning: {w}.</p>"))}
            {Html.If(seen.Newest.Count > 0, $"{Frame.Table("The newest looks", ["When", "Who", "What for", "Program", "Entry"], seen.Newest.Select(l => (IReadOnlyList<Html>)[Frame.Cell(frame.When(l.Time)), Frame.Cell(Who(l.Relation)), Frame.Cell(string.Join(", ", l.Why.Select(Why))), Frame.Cell(string.Join(", ", l.Programs)), Html.Of($"{l.Entry}")]))}")}
            {Html.If(parts.Enrollment.Exists, $"<p>{frame.Button("/refresh", "Check now", "/looked")}</p>")}
            </section>
            {Html.If(seen.Asked > 0, $"""
                <section><h2>Looks in your name</h2><p>{(seen.Asked == 1 ? "One look at somebody else was" : $"{seen.Asked} looks at others were")} opened with a signature of yours. If you know of fewer, somebody had you sign what you did not mean to, or has a key of yours: end it in the portal under “Keys and sessions”, and tell security.</p>
                {Frame.Table("The newest", ["When", "At whom", "Days", "Program", "Rule", "Entry"], (seen.Mine ?? []).Select(l => (IReadOnlyList<Html>)[Frame.Cell(frame.When(l.Time)), Frame.Cell(l.Subject), Frame.Cell($"{Storage.Sql.Day(l.From)} to {Storage.Sql.Day(l.To)}"), Frame.Cell(string.Join(", ", l.Programs)), Frame.Cell(l.Rule), Html.Of($"{l.Entry}")]))}</section>
                """)}
            <section><h2>How this is known</h2><p>The keyholder is the only one that can open your seals, and it signs how often it did. This machine holds that count, and the log that it counts in, against the list that the server shows you: a look that the list leaves out shows here as a warning. A look whose telling is put off, as a charter may allow for an investigation, enters the count on its day.</p>
            <p class="quiet">Every look with its rule, and each refused one, stands in the portal under “Who looked”, where you can verify it too. Where server and keyholder are one process, as in the demo, whoever administers that machine could hide a look.</p></section>
            """), done);
    }

    private static string Who(string relation) => relation == "self" ? "you" : relation;

    private static string Why(string purpose) => Purposes.All.TryGetValue(purpose, out var known) ? known.Says.ToString() : purpose;
}
