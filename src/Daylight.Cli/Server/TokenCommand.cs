using System.CommandLine;
using Daylight.Protocol;

namespace Daylight.Cli.Server;

/// <summary><c>daylight token new</c>.</summary>
internal static class TokenCommand
{
    public static Command Create()
    {
        var connection = new Connection();
        var days = new Option<int>("--days") { Description = "How long it lives", DefaultValueFactory = _ => 30, HelpName = "N" };
        var make = new Command("new", "Makes a token for scripts. It names you, and opens no seal: asks are signed.\n\nExample:\n  daylight token new --server http://localhost:8080 --key anna.pem") { days };
        connection.AddTo(make);
        make.SetAction(async (parsed, cancel) =>
        {
            _ = connection.OneKey(parsed);
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var made = (await api.PostAsync("/api/v1/tokens", new TokenWanted("cli", parsed.GetValue(days)), ProtocolJson.Default.TokenWanted, ProtocolJson.Default.TokenMade, cancel)).OrThrow();
            Console.WriteLine(made.Token);
            return CommandLine.Done;
        });
        return new Command("token", "Tokens for scripts") { make };
    }
}
