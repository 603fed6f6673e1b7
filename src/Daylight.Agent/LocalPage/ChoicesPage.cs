using System.Globalization;
using Daylight.Agent.Sending;
using Daylight.Agent.Trust;
using Daylight.Core.Charters;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.LocalPage;

/// <summary>What the person decides, signed with this machine's key: yes and no, objection, acknowledgment, correction, erasure.</summary>
internal sealed class ChoicesPage(AgentParts parts, Frame frame)
{
    private const string Here = "/choices";

    public IResult Render(string? done)
    {
        var programs = parts.Sender.Bundle?.Covering ?? [];
        return frame.Page(Here, "My choices", Html.Of(
            $"""
            <p>What you decide here is signed with this machine's key and stands in the log; your managers never learn what you said. What you said last counts, and this machine goes by it at once.</p>
            {Html.If(parts.Sender.Bundle is null, $"<section><p>Nothing was verified since this program started. {frame.Button("/refresh", "Check now", Here)}</p></section>")}
            {Html.If(parts.Sender.Bundle is not null && programs.Count == 0, $"<section><p>No program in force covers you: there is nothing to decide.</p></section>")}
            {Html.Each(programs.OrderBy(p => p.Charter.Program, StringComparer.Ordinal), Program)}
            """), done);
    }

    private Html Program(VerifiedProgram program)
    {
        var (name, charter, choice, against) = (program.Charter.Program, program.Charter, program.Choice, parts.Against(program));
        return Html.Of(
            $"""
            <section id="{name}"><h2>{name} <span class="quiet">version {charter.Version}</span></h2>
            <p class="explain">{charter.Explain.ToString()}</p>
            <p><strong>{(against is null ? "It collects of you." : "It collects nothing of you: " + against + ".")}</strong> {Asked(charter)}</p>
            <div class="row">
            {Html.If(charter.Notice.Acknowledged && !choice.Noticed, $"{frame.Button(Here + "/noticed", "I have read what it collects", Here, ("program", name))}")}
            {Html.If(charter.Consent is not Consent.None && !(choice.Said == "given" && (choice.IsToThis || charter.Consent is Consent.OptOut)), $"{frame.Button(Here + "/yes", "Say yes", Here, ("program", name))}")}
            {Html.If(charter.Consent is Consent.OptIn ? choice.Said == "given" : charter.Consent is Consent.OptOut && choice.Said != "withdrawn", $"{frame.Form(Here + "/no", Here, Html.Of($"<button>{(choice.Said == "given" ? "Take my yes back" : "Say no")}</button> <label><input type=\"checkbox\" name=\"erase\" value=\"yes\"> Also erase what the company keeps of me, for good</label>"), ("program", name))}")}
            {Html.If(charter.Consent is Consent.None && choice.Said is "objected" or "upheld", $"{frame.Button(Here + "/yes", "Take my objection back", Here, ("program", name))}")}
            </div>
            {Html.If(charter.TakesObjections && choice.Said is not ("objected" or "upheld"), $"<details><summary>Object</summary><p>Nothing is collected of you from then on, until the privacy officer has answered, within a month (GDPR Art. 21 and 18).</p>{frame.Form(Here + "/object", Here, Html.Of($"<label>Your grounds <textarea name=\"grounds\" rows=\"3\" maxlength=\"1000\" required></textarea></label> <button>Object</button>"), ("program", name))}</details>")}
            {Html.If(charter.Keep.Records > 0, $"<details><summary>Set a day right</summary><p>What you write stands beside the records of that day, for whoever sees them. Nothing is taken away by it (GDPR Art. 16).</p>{frame.Form(Here + "/correct", Here, Html.Of($"<label>Day <input type=\"date\" name=\"day\" required max=\"{Storage.Sql.Day(parts.Person.Today)}\"></label> <label>What was it really <textarea name=\"text\" rows=\"2\" maxlength=\"1000\" required></textarea></label> <button>Add it</button>"), ("program", name))}</details>")}
            <details><summary>Erase what the company keeps of me</summary><p>The keys that your data is sealed to are destroyed: nobody can read it again, in the company's backups neither. Group figures that were published stay; they say nothing about one person.
            {(against is null ? "You are still covered, so it goes on under a new key from then on; say no or object first if it should not." : string.Empty)}</p>
            {frame.Danger(Here + "/erase", "Erase for good", Here, ("program", name))}</details>
            </section>
            """);
    }

    private static string Asked(Charter charter) => charter.Consent switch
    {
        Consent.OptIn => "It asks you: without a yes nothing is collected.",
        Consent.OptOut => "It collects unless you say no.",
        _ => charter.TakesObjections ? "It does not ask; you can object." : "It does not ask, by law or contract.",
    };
}

/// <summary>What the forms of choices do.</summary>
internal sealed class ChoiceForms(AgentParts parts)
{
    private readonly Decisions decisions = new(parts);

    public void Map(Action<string, Func<IFormCollection, CancellationToken, Task<string>>> on)
    {
        foreach (var answer in Decisions.Answers)
        {
            on("/choices/" + answer, async (form, cancel) =>
                (await decisions.TakeAsync(new Decision(form["program"].ToString(), answer, form["grounds"].ToString(), form["erase"].Count > 0), cancel)).Says);
        }

        on("/choices/correct", CorrectAsync);
    }

    private async Task<string> CorrectAsync(IFormCollection form, CancellationToken cancel)
    {
        if (form["text"].ToString().Trim() is not { Length: > 0 and <= Decisions.LongestText } text
            || !DateOnly.TryParseExact(form["day"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day > parts.Person.Today)
        {
            return "A correction has a day up to today, and says what it was really; nothing was sent.";
        }

        return (await Decisions.TryAsync(async () =>
        {
            var outcome = await parts.CorrectAsync(form["program"].ToString(), day, text, cancel);
            return outcome.Ok ? "It stands beside your records of that day." : "Sealed, and on its way as soon as the server takes it: " + outcome.Message + ".";
        })).Says;
    }
}
