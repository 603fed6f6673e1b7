using System.Globalization;
using Daylight.Agent.Collecting;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Words;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.LocalPage;

/// <summary>What is collected and why, program by program, and what is about to change.</summary>
internal sealed class CollectedPage(AgentParts parts, Frame frame)
{
    private static readonly CharterWords Words = CharterWords.English;

    public IResult Render(string? done)
    {
        var today = parts.Person.Today;
        var pages = parts.Book.Programs.Select(p => parts.Book.On(p, today)).OfType<AppliedCharter>().ToList();
        var coming = parts.Book.Coming(today).ToList();
        return frame.Page("/collected", "What is collected, and why", Html.Of(
            $"""
            {Html.If(pages.Count + coming.Count == 0, $"<section><p>Nothing: no charter that covers you could be verified{(parts.Enrollment.Exists ? "" : ", since this machine is not enrolled")}.</p></section>")}
            {Html.If(parts.Person.Coming is not null, $"<section class=\"coming\"><h2>From the next day on: another time zone</h2><p>The directory says that you are in {parts.Person.Coming ?? string.Empty} now, no longer in {parts.Person.Local.Zone.Id}: your days, and the hours in which anything is collected, are counted there. If that is wrong, tell whoever keeps the directory.</p></section>")}
            {Html.Each(coming, Coming)}
            {Html.Each(pages, Program)}
            <section><h2>What never enters this machine's store</h2><p>Private windows, and some five hundred applications and sites that tell about health, religion, union, finances or private life, with what charters add to that list. What was typed, said or written has no field in any charter.</p></section>
            """), done);
    }

    private Html Coming(AppliedCharter page) => Html.Of(
        $"""
        <section class="coming" id="{page.Program}"><h2>From {frame.DayName(page.Since)} on: {page.Program}, version {page.Charter!.Version}</h2>
        <p class="explain">{page.Charter.Explain.ToString()}</p>
        <h3>What becomes wider</h3><ul>{Html.Each(page.Changes, c => Html.Of($"<li>{c}</li>"))}</ul>
        <p class="quiet">This machine learned of it {frame.When(page.Told)}. Until then nothing more is collected than now.</p></section>
        """);

    private Html Program(AppliedCharter page)
    {
        var (charter, verified) = (page.Charter!, parts.Sender.Bundle?.Programs.FirstOrDefault(p => p.Hash == page.Hash));
        return Html.Of(
            $"""
            <section id="{page.Program}"><h2>{page.Program} <span class="quiet">version {charter.Version}</span></h2>
            <p class="explain">{charter.Explain.ToString()}</p>
            <dl>
            <dt>Why</dt><dd>{charter.Necessity.ToString()} <span class="quiet">Purpose: {Purposes.All[charter.Purpose].Says.ToString()}.</span></dd>
            <dt>When</dt><dd>{Frame.Sentence(Words.Hours(charter.Hours))} {Words.LongHours(charter.Hours)} Nobody has to do anything for that: outside of it nothing is collected.</dd>
            <dt>Until</dt><dd>{Words.Date(charter.Until)}; then it ends by itself. Here since {Words.Date(page.Since)}.</dd>
            <dt>Who is shown what</dt><dd><ul>{Html.Each(charter.Show, r => Html.Of($"<li>{Words.Rule(r, charter)}</li>"))}</ul></dd>
            <dt>Kept</dt><dd>{string.Join(", ", charter.Keep.Kinds.Select(k => $"{Words.KeptKind(k.Kind)} {Words.Days(k.Days)}"))}.</dd>
            <dt>Agreed by</dt><dd>{(verified is null ? "Not verified since this program started; see Verify." : $"{string.Join(", ", verified.Approvals.Keys.Order(StringComparer.Ordinal))}, and proposed by its owner: checked on this machine, from the trust root that it pinned.")}</dd>
            </dl>
            {Frame.Table("Fields of " + page.Program, ["From", "What", "What happens to it on this machine"], charter.Collect.SelectMany(s => Fields(charter, s)))}
            {Pause(page, charter)}
            </section>
            """);
    }

    private static IEnumerable<IReadOnlyList<Html>> Fields(Charter charter, CollectedStream stream)
    {
        var leaving = charter.LeavingFields(stream).ToHashSet(StringComparer.Ordinal);
        foreach (var field in stream.Shape.Fields.Keys)
        {
            yield return [Frame.Cell(Words.Stream(stream.Shape)), Frame.Cell(Words.Field(stream.Shape, field)), Frame.Cell(Words.Field(stream.Fields.GetValueOrDefault(field), leaving.Contains(field)))];
        }

        yield return [Frame.Cell(Words.Stream(stream.Shape)), Frame.Cell("time"), Frame.Cell(leaving.Count == 0 ? Words.Field(stream.Time, leaves: false) : Words.TimeOf(stream))];
    }

    private Html Pause(AppliedCharter page, Charter charter)
    {
        if (parts.Pauses.On.Any(p => p.Program == page.Program))
        {
            return frame.Button("/resume", $"Resume {page.Program}", "/collected", ("program", page.Program));
        }

        var asks = parts.Reasons.AskedBy(page.Program) is not null;
        return frame.Form("/pause", "/collected#" + page.Program, Html.Of(
            $"""
            <fieldset><legend>Pause {page.Program}</legend>
            {Html.If(asks, $"<p>Its charter asks for a reason when you pause it. You can pause in any case; the reason goes, sealed, to {PauseReasons.Readers(charter)}.</p><label>Reason <input name=\"reason\" required maxlength=\"500\"></label>")}
            <label>For <select name="for"><option value="hour">an hour</option><option value="today">today</option><option value="ever">until I resume</option></select></label>
            <button>Pause</button></fieldset>
            """), ("program", page.Program));
    }
}
