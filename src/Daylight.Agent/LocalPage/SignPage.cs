using Daylight.Agent.Sending;
using Daylight.Agent.Trust;
using Daylight.Protocol;
using Daylight.Sealing;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.LocalPage;

/// <summary>Looks at oneself that a browser waits with: this machine's key signs them, and no look at anybody else.</summary>
internal sealed class SignPage(AgentParts parts, Frame frame)
{
    private const string Here = "/sign";

    public async Task<IResult> RenderAsync(string? done, CancellationToken cancel)
    {
        IReadOnlyList<Ask> waiting = [];
        var read = await Decisions.TryAsync(async () =>
        {
            waiting = await parts.Sender.AsksAsync(cancel);
            return string.Empty;
        });
        return frame.Page(Here, "Sign for a browser", Html.Of(
            $"""
            <p>Who has no passkey in a browser has this machine sign the look at oneself there. Sign only what shows the code that your browser shows; another one is somebody else's doing, with your password or at your open session.</p>
            {Html.If(!read.Done, $"<section><p class=\"bad\">{read.Says}</p></section>")}
            {Html.If(read.Done && waiting.Count == 0, $"<section><p>No browser waits for you. Open <em>My day</em> in the portal, choose “Sign it with my machine's key”, and come back here.</p></section>")}
            {Html.Each(waiting, Waiting)}
            """), done);
    }

    private Html Waiting(Ask ask) => Html.Of(
        $"""
        <section><h2>{ask.Code()}</h2>
        <p>A look at yourself: {string.Join(" and ", ask.Kinds)} of {Storage.Sql.Day(ask.From)} to {Storage.Sql.Day(ask.To)}, in {string.Join(", ", ask.Programs)}. Asked for {frame.When(ask.Time)}; it serves that browser until {frame.When(ask.Expires)}.</p>
        {frame.Button(Here, "Sign it", Here, ("code", ask.Code()))}
        </section>
        """);

    /// <summary>What the form does.</summary>
    public async Task<string> SignAsync(IFormCollection form, CancellationToken cancel) => (await Decisions.TryAsync(async () =>
        await parts.Sender.SignAskAsync(form["code"].ToString(), cancel) ? "Signed: go back to your browser." : "Nothing waits under that code any more; nothing was signed.")).Says;
}
