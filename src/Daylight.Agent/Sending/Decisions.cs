using System.Globalization;
using Daylight.Agent.Trust;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Agent.Sending;

/// <summary>What the person decides about programs, on the agent's page or by its commands: signed with this machine's key, recorded in the log, and gone by at once.</summary>
internal sealed class Decisions(AgentParts parts)
{
    /// <summary>Longest text of grounds.</summary>
    public const int LongestText = 1000;

    /// <summary>Every answer there is.</summary>
    public static readonly string[] Answers = ["yes", "no", "noticed", "object", "erase"];

    /// <summary>How this person stands to every program that covers them.</summary>
    public IReadOnlyList<AgentChoice> All() => [.. (parts.Sender.Bundle?.Covering ?? []).OrderBy(p => p.Charter.Program, StringComparer.Ordinal).Select(p => new AgentChoice(
        p.Charter.Program, p.Charter.Version, p.Charter.Explain.ToString(), p.Charter.Consent switch { Core.Charters.Consent.OptIn => "opt-in", Core.Charters.Consent.OptOut => "opt-out", _ => "none" },
        p.Charter.TakesObjections, p.Choice.Said, parts.Against(p)))];

    /// <summary>Signs a decision and has it recorded.</summary>
    public async Task<Decided> TakeAsync(Decision wanted, CancellationToken cancel)
    {
        var (grounds, said) = (wanted.Grounds?.Trim() ?? string.Empty, wanted.Answer);
        var taken = said switch
        {
            "object" when grounds.Length is 0 or > LongestText => new Decided(false, $"An objection says on which grounds, in {LongestText} characters at the most; nothing was sent."),
            "yes" => await SignAsync(wanted, (p, root, person, now) => new GiveConsent(root, now, person, p.Charter.Program, p.Hash), s => new ConsentGiven(s), "You said yes.", cancel),
            "no" => await SignAsync(wanted, (p, root, person, now) => new WithdrawConsent(root, now, person, p.Charter.Program), s => new ConsentWithdrawn(s), "You said no: nothing is collected of you from now on.", cancel),
            "noticed" => await SignAsync(wanted, (p, root, person, now) => new AcknowledgeNotice(root, now, person, p.Charter.Program, p.Hash), s => new NoticeAcknowledged(s), "That is on record. It is no consent.", cancel),
            "object" => await SignAsync(wanted, (p, root, person, now) => new RaiseObjection(root, now, person, p.Charter.Program, grounds), s => new ObjectionRaised(s), "You objected. Nothing is collected of you until it is answered.", cancel),
            "erase" => await EraseAsync(wanted, cancel),
            _ => new Decided(false, $"An answer is one of: {string.Join(", ", Answers)}; nothing was sent."),
        };
        if (taken.Done && wanted.Erase && said is "no" or "object")
        {
            var erased = await EraseAsync(wanted, cancel);
            return new Decided(erased.Done, taken.Says + " " + erased.Says);
        }

        return taken;
    }

    /// <summary>Does something that the server or the network may refuse.</summary>
    public static async Task<Decided> TryAsync(Func<Task<string>> act)
    {
        try
        {
            return new Decided(true, await act());
        }
        catch (Exception e) when (e is UnverifiableException or HttpRequestException or ApiException)
        {
            return new Decided(false, "It was not done: " + (e is HttpRequestException ? "the server cannot be reached" : e.Message.TrimEnd('.')) + ".");
        }
    }

    private Task<Decided> EraseAsync(Decision wanted, CancellationToken cancel) => SignAsync(
        wanted, (p, root, person, now) => new DestroyKeys(root, now, person, [p.Charter.Program], "self", "erased by the person"), s => new KeysDestroyed(s), "Erased: the keys are destroyed. The certificate is under My choices in the portal.", cancel);

    private Task<Decided> SignAsync(Decision wanted, Func<VerifiedProgram, string, string, DateTimeOffset, Statement> make, Func<SignedStatement, LogEvent> wrap, string done, CancellationToken cancel) => TryAsync(async () =>
    {
        var program = parts.Sender.Bundle?.Covering.FirstOrDefault(p => p.Charter.Program == wanted.Program)
            ?? throw new UnverifiableException($"no program '{wanted.Program}' that covers you was verified on this machine");
        var recorded = await parts.Sender.SubmitAsync((root, person, sign) => wrap(sign(make(program, root, person, parts.Time.GetUtcNow()))), cancel);
        return string.Create(CultureInfo.InvariantCulture, $"{done} Entry {recorded.Entry} of the log.{(recorded.Says is { } more ? " " + more : string.Empty)}");
    });
}
