using Daylight.Sealing;
using Microsoft.AspNetCore.Http;

namespace Daylight.Agent.LocalPage;

/// <summary>What this machine checks by itself, and how it came out.</summary>
internal sealed class VerifyPage(AgentParts parts, Frame frame)
{
    public IResult Render(string? done)
    {
        if (parts.Sender.Enrolled is not { } enrolled)
        {
            return frame.Page("/verify", "Verify", Html.Of($"<section><p>This machine is not enrolled: it trusts nobody yet.</p></section>"), done);
        }

        var (root, bundle, unverifiable) = (enrolled.TrustRoot, parts.Sender.Bundle, parts.Sender.Unverifiable);
        return frame.Page("/verify", "Verify", Html.Of(
            $"""
            <section><h2>What it trusts</h2><p>One thing only, pinned when this machine was enrolled {frame.When(enrolled.Enrolled)}: the trust root of {root.Company}. Compare these words with the works council's own notice, not with a page of the server:</p>
            <p class="words">{TrustWords.Of(root.Fingerprint)}</p>
            <dl><dt>Fingerprint</dt><dd><code>{root.Fingerprint}</code></dd><dt>Log</dt><dd><code>{root.Log}</code></dd><dt>Keyholder</dt><dd><code>{bundle?.Keyholder.ToString() ?? root.Keyholder}</code></dd>
            <dt>Witnesses</dt><dd>{(bundle is null ? "not checked since this program started" : bundle.Witnesses.Count == 0 ? "none besides the keyholder" : string.Join(", ", bundle.Witnesses))}</dd></dl></section>
            <section><h2>What it checked last</h2>
            {(unverifiable is not null ? Html.Of($"<p class=\"bad\" role=\"alert\">It does not hold: {unverifiable}. Nothing is sent.</p>")
                : bundle is null ? Html.Of($"<p>Nothing yet since this program started.</p>")
                : Html.Of($"""
                    <ul class="checks">
                    <li>The log's signature and the keyholder's cosignature are those of the pinned keys.</li>
                    <li>The log of {bundle.Size} entries continues the one that this machine saw before: nothing was taken out or rewritten.</li>
                    {Html.Each(bundle.Programs, p => Html.Of($"<li>{p.Charter.Program}: its charter, its approvals by {string.Join(" and ", p.Approvals.Keys.Order(StringComparer.Ordinal))}, and what their authority rests on, are in that log; the keyholder said {frame.When(p.StatusTime)} that it is {(p.Paused ? "paused" : "in force")}.</li>"))}
                    <li>{(parts.Sender.Openings.Checked is { } at ? $"The keyholder's count of looks at you was held against your list {frame.When(at)}." : "The keyholder's count of looks at you was not checked yet.")}</li>
                    </ul>
                    """))}
            <p>{frame.Button("/refresh", "Verify now", "/verify")}</p></section>
            <section><h2>Do not believe this page alone</h2><p>It is drawn by a program on a machine that your company may administer. Anybody can check the whole log with <code>daylight log verify</code>, and your works council can run a witness that notices when it is rewritten.</p></section>
            """), done);
    }
}
