using System.CommandLine;
using Daylight.Cli.Lifecycle;
using Daylight.Protocol;

namespace Daylight.Cli.Server;

/// <summary><c>daylight token new|list|end</c>.</summary>
internal static class TokenCommand
{
    public static Command Create() => new("token", "Tokens for scripts: what they may do, when they were used, and their end") { New(), List(), End() };

    private static Command New()
    {
        var connection = new Connection();
        var days = new Option<int>("--days") { Description = "How long it lives", DefaultValueFactory = _ => 30, HelpName = "N" };
        var name = new Option<string>("--name") { Description = "What you call it, to know it again", DefaultValueFactory = _ => "cli", HelpName = "TEXT" };
        var scope = new Option<string>("--scope") { Description = "read: it reads only; all: what you may do without a signature", DefaultValueFactory = _ => "all", HelpName = "read|all" };
        scope.AcceptOnlyFromAmong("read", "all");
        var command = new Command("new", "Makes a token for scripts. It names you, and opens no seal: asks are signed. It is printed once, and kept as a hash.\n\nExample:\n  daylight token new --name \"weekly figures\" --scope read --days 90 --server http://localhost:8080 --key anna.pem") { name, scope, days };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            _ = connection.OneKey(parsed);
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var wanted = new TokenWanted(parsed.GetValue(name)!, parsed.GetValue(days), parsed.GetValue(scope)!);
            Console.WriteLine((await api.PostAsync("/api/v1/tokens", wanted, ProtocolJson.Default.TokenWanted, ProtocolJson.Default.TokenMade, cancel)).OrThrow().Token);
            return CommandLine.Done;
        });
        return command;
    }

    private static Command List() => new Command("list", "Your tokens and sessions, with the day of their last use.\n\nExample:\n  daylight token list --server http://localhost:8080 --key anna.pem").Prints(
        new Connection(), _ => "/api/v1/me/tokens", ProtocolJson.Default.IReadOnlyListTokenView, ["token", "name", "scope", "made", "until", "last used"],
        t => [t.Id, t.Name, t.Scope, Storage.Sql.Day(t.Made), Storage.Sql.Day(t.Until), t.LastUsed is { } last ? Storage.Sql.Day(last) : "never"]);

    private static Command End()
    {
        var (id, connection) = (new Argument<string>("TOKEN") { Description = "Its id, as token list prints it" }, new Connection());
        var command = new Command("end", "Ends a token or a session of yours at once.\n\nExample:\n  daylight token end 3f2a9c01d4e5b678 --server http://localhost:8080 --key anna.pem") { id };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            (await api.DeleteAsync($"/api/v1/me/tokens/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancel)).OrThrow();
            Console.WriteLine("ended");
            return CommandLine.Done;
        });
        return command;
    }
}
