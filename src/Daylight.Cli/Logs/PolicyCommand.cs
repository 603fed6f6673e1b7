using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Cli.Logs;

/// <summary><c>daylight log policy</c>: which witnesses must cosign.</summary>
internal static class PolicyCommand
{
    public static Command Create()
    {
        var connection = new Connection();
        var file = new Option<string?>("--set") { Description = "Set this policy (C2SP tlog-policy); root approvers sign it", HelpName = "FILE" };
        var command = new Command(
            "policy",
            """
            Prints which keys must sign a checkpoint, or has root approvers set it.

            Looks at somebody else wait until the witnesses cosigned the look's own entry, looks at oneself and releases want a cosignature of the last 24 hours.
            Pauses, withdrawals and erasures wait for no witness. The keyholder is the first witness, and every policy needs it.

            Examples:
              daylight log policy --server https://daylight.example > policy.txt
              (add a line 'witness council VKEY URL' as `daylight witness` printed it, 'group both all keyholder council', and 'quorum both')
              daylight log policy --set policy.txt --server https://daylight.example --key petra.pem --key wim.pem
            """) { file };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(file) is not { } path)
            {
                using var http = connection.Http(parsed);
                Console.Write(await http.GetStringAsync("/log/policy", cancel));
                return CommandLine.Done;
            }

            var text = await File.ReadAllTextAsync(path, cancel);
            if (!TlogPolicy.TryParse(text, out var policy, out var problem))
            {
                throw new UsageException($"{path}: {problem}");
            }

            if (policy.Witnesses.FirstOrDefault(w => w.Url is not null && w.Url.Scheme is not ("http" or "https")) is { } odd)
            {
                throw new UsageException($"{path}: the witness {odd.Name} is at {odd.Url}; a witness is asked over http or https.");
            }

            _ = connection.OneKey(parsed);
            var (api, root) = await connection.ConnectAsync(parsed, cancel);
            var signed = SignedStatement.Sign(new SetWitnesses(root.Fingerprint, TimeProvider.System.GetUtcNow(), policy.ToString()), [.. connection.Keys(parsed)]);
            var recorded = (await api.PostAsync("/api/v1/events", new SubmitEvent(new WitnessesChanged(signed)), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"policy set, entry {recorded.Entry}"));
            return CommandLine.Done;
        });
        return command;
    }
}
