using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Keyholders;

/// <summary><c>daylight keyholder accept|change</c>: what root approvers sign when a keyholder was restored or replaced.</summary>
internal static class OfficeCommands
{
    public static Command Accept()
    {
        var mark = new Argument<string>("MARK") { Description = "The mark that the keyholder does not remember, as its health says" };
        var reason = new Option<string>("--reason") { Description = "What happened; it stands in the log", Required = true, HelpName = "TEXT" };
        var connection = new Connection();
        var command = new Command(
            "accept",
            "Lets a keyholder go on that was restored from an older copy. A quorum of root approvers signs.\n\nExample:\n  daylight keyholder accept 3f2a… --reason \"disk replaced, restored from Tuesday\" --server https://daylight.example --key petra.pem --key wim.pem") { mark, reason };
        connection.AddTo(command);
        command.SetAction((parsed, cancel) => SubmitAsync(
            connection, parsed, root => new KeyholderAccepted(Sign(connection, parsed, new AcceptKeyholder(root.Fingerprint, Now, parsed.GetValue(mark)!, parsed.GetValue(reason)!))), "accepted", cancel));
        return command;
    }

    public static Command Change()
    {
        var keyholder = new Option<string>("--keyholder-vkey") { Description = "The new keyholder's vkey for statements, as it prints at its start", Required = true, HelpName = "VKEY" };
        var witness = new Option<string>("--witness-vkey") { Description = "Its vkey for cosignatures", Required = true, HelpName = "VKEY" };
        var reason = new Option<string>("--reason") { Description = "What happened to the old one; it stands in the log", Required = true, HelpName = "TEXT" };
        var connection = new Connection();
        var command = new Command(
            "change",
            "Names another keyholder, when the old one and its snapshots are lost. What was sealed to the old one's keys stays shut for good. A quorum of root approvers signs.\n\nExample:\n  daylight keyholder change --keyholder-vkey 'keyholder-…+…' --witness-vkey 'keyholder-…+…' --reason \"machine and backups lost\" --server https://daylight.example --key petra.pem --key wim.pem") { keyholder, witness, reason };
        connection.AddTo(command);
        command.SetAction((parsed, cancel) => SubmitAsync(
            connection,
            parsed,
            root => new KeyholderChanged(Sign(connection, parsed, new ChangeKeyholder(root.Fingerprint, Now, parsed.GetValue(keyholder)!, parsed.GetValue(witness)!, parsed.GetValue(reason)!))),
            "changed",
            cancel));
        return command;
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static SignedStatement Sign(Connection connection, ParseResult parsed, Statement statement)
    {
        _ = connection.OneKey(parsed);
        return SignedStatement.Sign(statement, [.. connection.Keys(parsed)]);
    }

    private static async Task<int> SubmitAsync(Connection connection, ParseResult parsed, Func<TrustRoot, LogEvent> make, string done, CancellationToken cancel)
    {
        var (api, root) = await connection.ConnectAsync(parsed, cancel);
        var recorded = (await api.PostAsync("/api/v1/events", new SubmitEvent(make(root)), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done}, entry {recorded.Entry}"));
        return CommandLine.Done;
    }
}
