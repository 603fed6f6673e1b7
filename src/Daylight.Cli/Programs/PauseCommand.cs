using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight pause PROGRAM</c>: from the server's console no signature is needed.</summary>
internal static class PauseCommand
{
    public static Command Create()
    {
        var program = new Argument<string>("PROGRAM") { Description = "The program to stop" };
        var reason = new Option<string>("--reason") { Description = "Why; it stands in the log", Required = true, HelpName = "TEXT" };
        var connection = new Connection();
        var command = new Command("pause", "Stops a program at once: collection, looks and releases.\n\nExamples:\n  daylight pause focus-time --reason \"suspected leak\" --data ./acme\n  daylight pause focus-time --reason \"suspected leak\" --server https://daylight.example --key petra.pem\n  daylight pause focus-time --reason \"server cannot be trusted\" --keyholder https://keys.acme.example:8443 --root FINGERPRINT --key petra.pem") { program, reason };
        connection.AddTo(command);
        var direct = new DirectPause();
        direct.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (name, why) = (parsed.GetValue(program)!, parsed.GetValue(reason)!);
            if (direct.IsWanted(parsed))
            {
                await direct.SendAsync(parsed, connection.OneKey(parsed), name, why, cancel);
                Console.WriteLine($"{name} is paused at the keyholder; the log will have it when the server is there");
                return CommandLine.Done;
            }

            ApiResult<Recorded> result;
            if (connection.Keys(parsed) is [var key, ..])
            {
                var (api, root) = await connection.ConnectAsync(parsed, cancel);
                var now = TimeProvider.System.GetUtcNow();
                var happened = new ProgramPaused(name, why, now, SignedStatement.Sign(new PauseProgram(root.Fingerprint, now, name, why), key));
                result = await api.PostAsync("/api/v1/events", new SubmitEvent(happened), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel);
            }
            else
            {
                var api = ApiClient.WithToken(connection.Http(parsed), parsed.GetValue(connection.Token));
                result = await api.PostAsync($"/control/programs/{name}/pause", new PauseWanted(why), ProtocolJson.Default.PauseWanted, ProtocolJson.Default.Recorded, cancel);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} is paused, entry {result.OrThrow().Entry}"));
            return CommandLine.Done;
        });
        return command;
    }
}

/// <summary><c>daylight resume PROGRAM</c>: starting takes the signatures of two.</summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        var program = new Argument<string>("PROGRAM") { Description = "The paused program" };
        var pause = new Option<ulong>("--pause") { Description = "Log entry of the pause that this ends", Required = true, HelpName = "ENTRY" };
        var connection = new Connection();
        var command = new Command("resume", "Lets a paused program go on. Privacy officer and works council sign, in this order.\n\nExample:\n  daylight resume focus-time --pause 412 --data ./.daylight/demo --as privacy-officer --as works-council") { program, pause };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var keys = connection.Keys(parsed);
            if (keys.Count != Authority.ApprovingRoles.Count)
            {
                throw new UsageException("A resume takes two signatures: --key of the privacy officer, then --key of the works council.");
            }

            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var (name, entry) = (parsed.GetValue(program)!, parsed.GetValue(pause));
            var signed = Authority.ApprovingRoles.Zip(keys, (role, key) => SignedStatement.Sign(new ResumeProgram(root.Fingerprint, TimeProvider.System.GetUtcNow(), name, entry, role), key)).ToList();
            var recorded = (await api.PostAsync("/api/v1/events", new SubmitEvent(new ProgramResumed(name, signed)), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} goes on, entry {recorded.Entry}"));
            return CommandLine.Done;
        });
        return command;
    }
}
