using System.CommandLine;
using System.Globalization;
using Daylight.Cli.Lifecycle;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight pause [PROGRAM]</c>: from the server's console no signature is needed.</summary>
internal static class PauseCommand
{
    public static Command Create()
    {
        var program = new Argument<string>("PROGRAM") { Description = "The program to stop; every program without it", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => PauseProgram.Everything };
        var reason = new Option<string>("--reason") { Description = "Why; it stands in the log", Required = true, HelpName = "TEXT" };
        var connection = new Connection();
        var command = new Command("pause", "Stops a program at once, or all of them: collection, looks and releases. How far it has come shows: daylight program status PROGRAM\n\nExamples:\n  daylight pause --reason \"suspected leak\" --data ./acme\n  daylight pause focus-time --reason \"suspected leak\" --data ./acme\n  daylight pause focus-time --reason \"suspected leak\" --server https://daylight.example --key petra.pem\n  daylight pause focus-time --reason \"server cannot be trusted\" --keyholder https://keys.acme.example:8443 --root FINGERPRINT --key petra.pem") { program, reason };
        connection.AddTo(command);
        var direct = new DirectPause();
        direct.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (name, why) = (parsed.GetValue(program)!, parsed.GetValue(reason)!);
            if (direct.IsWanted(parsed))
            {
                await direct.SendAsync(parsed, connection.OneKey(parsed), name, why, cancel);
                Console.WriteLine($"{Named(name)} is paused at the keyholder; the log will have it when the server is there");
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

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Named(name)} is paused, entry {result.OrThrow().Entry}"));
            return CommandLine.Done;
        });
        return command;
    }

    private static string Named(string program) => program == PauseProgram.Everything ? "every program" : program;
}

/// <summary><c>daylight resume PROGRAM</c>: starting takes a review that was signed off, and a signature.</summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        var (program, role) = (Signed.Program(), Signed.Role());
        return new Command("resume", "Lets a paused program go on. That takes a review of this very pause, with a report and the sign-offs that the charter names; without one it is refused.\n\nExample:\n  daylight resume focus-time --role program-owner --server http://localhost:8080 --key olga.pem") { program, role }.Bring(
            new Connection(),
            async (p, c) =>
            {
                var review = await ReviewCommand.OfAsync(c, p.GetValue(program)!);
                return review.Missing.Count > 0 || review.Report is null
                    ? throw new InvalidOperationException($"{review.Program} stays paused: {(review.Report is null ? "its review has no report yet" : "its review lacks the sign-off of " + string.Join(", ", review.Missing))}.")
                    : new ProgramResumed(c.Sign(new ResumeProgram(c.Root, c.Now, review.Program, review.Pause!.Value, review.Entry, p.GetValue(role)!)));
            },
            p => $"{p.GetValue(program)} goes on");
    }
}
