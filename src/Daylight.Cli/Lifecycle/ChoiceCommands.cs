using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Lifecycle;

/// <summary><c>daylight consent</c> and <c>daylight objection</c>: what people decide about programs.</summary>
internal static class ChoiceCommands
{
    public static Command Consent() => new("consent", "Say yes or no to programs, see what you said, and take the receipt") { Status(), Give(), Withdraw(), Acknowledge(), Receipt() };

    public static Command Objection() => new("objection", "Object to a program that does not ask you, and answer objections") { Raise(), List(), Answer() };

    private static Command Status() => new Command("status", "What you may decide about programs that cover you, and have decided.\n\nExample:\n  daylight consent status --server http://localhost:8080 --key anna.pem").Prints(
        new Connection(), _ => "/api/v1/me/choices", ProtocolJson.Default.IReadOnlyListChoiceView, ["program", "asks", "you said", "collected", "why not", "from", "you may"],
        c => [c.Program, c.Asks, c.Said ?? "nothing", c.IsCollected ? "yes" : "no", c.Why ?? string.Empty, Storage.Sql.Day(c.Begins), c.Asks != "none" ? c.Said == "given" ? "withdraw" : "give, withdraw" : c.MayObject ? "object" : string.Empty]);

    private static Command Give()
    {
        var program = Signed.Program();
        return new Command("give", "Says yes to a program, under the charter in force. You can take it back at any time.\n\nExample:\n  daylight consent give model-training --server http://localhost:8080 --key anna.pem") { program }.Bring(
            new Connection(),
            async (p, c) => new ConsentGiven(c.Sign(new GiveConsent(c.Root, c.Now, c.Me, p.GetValue(program)!, (await Signed.ProgramAsync(c.Api, p.GetValue(program)!, c.Cancel)).Charter))),
            p => $"you said yes to {p.GetValue(program)}");
    }

    private static Command Withdraw()
    {
        var program = Signed.Program();
        var erase = new Option<bool>("--erase") { Description = "And destroys the keys of what is kept of you: nobody can read it again. Needs --yes" };
        var yes = Shared.Yes();
        return new Command("withdraw", "Says no, or takes a yes back: collection stops at once. What is kept stays until its day, unless --erase.\n\nExample:\n  daylight consent withdraw model-training --erase --yes --server http://localhost:8080 --key anna.pem") { program, erase, yes }.Bring(
            new Connection(),
            (p, c) => p.GetValue(erase) && !p.GetValue(yes) ? throw new UsageException("Erasing cannot be undone. Say --yes if you are sure; nothing was sent.") : Task.FromResult<LogEvent>(new ConsentWithdrawn(c.Sign(new WithdrawConsent(c.Root, c.Now, c.Me, p.GetValue(program)!)))),
            p => $"you said no to {p.GetValue(program)}",
            (p, c) => p.GetValue(erase) ? (new KeysDestroyed(c.Sign(new DestroyKeys(c.Root, c.Now, c.Me, [p.GetValue(program)!], "self", "erased by the person"))), $"{p.GetValue(program)} is erased") : null);
    }

    private static Command Acknowledge()
    {
        var program = Signed.Program();
        return new Command("acknowledge", "Puts on record that you read what a program collects. It is no consent.\n\nExample:\n  daylight consent acknowledge device-security --server http://localhost:8080 --key anna.pem") { program }.Bring(
            new Connection(),
            async (p, c) => new NoticeAcknowledged(c.Sign(new AcknowledgeNotice(c.Root, c.Now, c.Me, p.GetValue(program)!, (await Signed.ProgramAsync(c.Api, p.GetValue(program)!, c.Cancel)).Charter))),
            p => $"you acknowledged the notice of {p.GetValue(program)}");
    }

    private static Command Receipt()
    {
        var (program, connection) = (Signed.Program(), new Connection());
        var command = new Command("receipt", "Prints your consent record (ISO/IEC TS 27560, DPV JSON-LD) with its proofs from the log.\n\nExample:\n  daylight consent receipt model-training --server http://localhost:8080 --key anna.pem > receipt.jsonld") { program };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            Console.WriteLine((await api.GetTextAsync($"/api/v1/me/consents/{Uri.EscapeDataString(parsed.GetValue(program)!)}/receipt", cancel)).OrThrow());
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Raise()
    {
        var program = Signed.Program();
        var grounds = new Option<string>("--grounds") { Description = "Your reasons; the privacy officer reads them", Required = true, HelpName = "TEXT" };
        return new Command("raise", "Objects to a program that rests on a balance of interests (GDPR Art. 21). Nothing is collected of you from now on, until it is answered within a month.\n\nExample:\n  daylight objection raise focus-time --grounds \"my work is confidential by law\" --server http://localhost:8080 --key anna.pem") { program, grounds }.Bring(
            new Connection(), (p, c) => Task.FromResult<LogEvent>(new ObjectionRaised(c.Sign(new RaiseObjection(c.Root, c.Now, c.Me, p.GetValue(program)!, p.GetValue(grounds)!)))), p => $"you objected to {p.GetValue(program)}");
    }

    private static Command List() => new Command("list", "Objections, for the privacy officer: what waits, and until when.\n\nExample:\n  daylight objection list --server http://localhost:8080 --key petra.pem").Prints(
        new Connection(), _ => "/api/v1/objections", ProtocolJson.Default.IReadOnlyListObjectionView, ["objection", "who", "program", "due", "state", "grounds"],
        o => [o.Entry.ToString(CultureInfo.InvariantCulture), o.Name, o.Program, Storage.Sql.Day(o.Due), o.State, o.Grounds]);

    private static Command Answer()
    {
        var entry = new Argument<ulong>("OBJECTION") { Description = "Its log entry, as objection list prints it" };
        var outcome = new Option<string>("--outcome") { Description = "upheld: nothing is collected of the person any more; rejected: with compelling reasons", Required = true, HelpName = "upheld|rejected" };
        outcome.AcceptOnlyFromAmong("upheld", "rejected");
        var reason = new Option<string>("--reason") { Description = "Why; the person is shown it", Required = true, HelpName = "TEXT" };
        return new Command("answer", "Answers an objection, signed by a privacy officer who is not the person.\n\nExample:\n  daylight objection answer 412 --outcome upheld --reason \"legal privilege\" --server http://localhost:8080 --key petra.pem") { entry, outcome, reason }.Bring(
            new Connection(),
            async (p, c) => (await c.Api.GetAsync("/api/v1/objections", ProtocolJson.Default.IReadOnlyListObjectionView, c.Cancel)).OrThrow().FirstOrDefault(o => o.Entry == p.GetValue(entry)) is { } found
                ? new ObjectionAnswered(c.Sign(new AnswerObjection(c.Root, c.Now, found.Entry, p.GetValue(outcome) == "upheld", p.GetValue(reason)!, found.Person, found.Program)))
                : throw new InvalidOperationException($"There is no objection {p.GetValue(entry)}. See: daylight objection list"),
            p => $"answered: {p.GetValue(outcome)}");
    }
}
