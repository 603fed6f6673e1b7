using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight erase PERSON</c>: destroys the keys that a person's data is sealed to.</summary>
internal static class EraseCommand
{
    public static Command Create()
    {
        var person = new Argument<string>("PERSON") { Description = "Address, or person id, or 'me'" };
        var program = new Option<string[]>("--program") { Description = "Which programs (default: all that are or were in force)", HelpName = "NAME" };
        var reason = new Option<string>("--reason") { Description = "Why; the person is shown it", DefaultValueFactory = _ => "asked for by the person", HelpName = "TEXT" };
        var yes = Shared.Yes();
        var connection = new Connection();
        var command = new Command(
            "erase",
            """
            Destroys the keys that a person's data is sealed to, then the data. Nobody can read it again; the keyholder certifies it in the log.

            The person signs for themselves; for somebody else the privacy officer does.

            Examples:
              daylight erase me --yes --server https://daylight.example --key anna.pem
              daylight erase anna@sample.example --program focus-time --reason "left the company" --yes --data ./.daylight/demo --as privacy-officer
            """) { person, program, reason, yes };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (!parsed.GetValue(yes))
            {
                throw new UsageException("This cannot be undone. Say --yes if you are sure.");
            }

            var key = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var me = (await api.GetAsync("/api/v1/me", ProtocolJson.Default.Me, cancel)).OrThrow();
            var whom = parsed.GetValue(person) is "me" ? me.Person : await Exposures.ExposureCommand.IdOfAsync(api, parsed.GetValue(person)!, cancel);
            var programs = parsed.GetValue(program) is { Length: > 0 } named
                ? named
                : [.. (await api.GetAsync("/api/v1/programs", ProtocolJson.Default.IReadOnlyListProgramView, cancel)).OrThrow().Where(p => p.State is "active" or "paused" or "ended").Select(p => p.Program)];
            var order = new DestroyKeys(root.Fingerprint, TimeProvider.System.GetUtcNow(), whom, programs, whom == me.Person ? "self" : DestroyKeys.OfficerRole, parsed.GetValue(reason)!);
            var recorded = (await api.PostAsync("/api/v1/events", new SubmitEvent(new KeysDestroyed(SignedStatement.Sign(order, key))), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(recorded.Says is null ? "erased in" : "ordered for")} {string.Join(", ", programs)}, entry {recorded.Entry}"));
            await Console.Error.WriteLineAsync(recorded.Says ?? "Keys are destroyed: nobody can read it again, in this server's backups neither. Copies in the keyholder's own backups go on the day that its certificate names.");
            await Console.Error.WriteLineAsync(whom == me.Person ? "The certificate: daylight me erasures" : "The person finds the certificate under My choices.");
            await Console.Error.WriteLineAsync("Group figures that were published stay: they count the person in a group of at least the charter's minimum, and say nothing about one (GDPR Art. 17 is about personal data).");
            return CommandLine.Done;
        });
        return command;
    }
}
