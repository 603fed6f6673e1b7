using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight me records|disclosures</c>: what is kept about oneself, and who looked.</summary>
internal static class MeCommand
{
    public static Command Create() => new("me", "What is kept about you, and who looked") { Records(), Disclosures() };

    private static Command Records()
    {
        var from = new Option<string?>("--from") { Description = "First local day", HelpName = "DAY" };
        var to = new Option<string?>("--to") { Description = "Last local day", HelpName = "DAY" };
        var json = Shared.Json();
        var connection = new Connection();
        var command = new Command("records", "Shows your own records. Your credential signs the ask; the look is recorded.\n\nExample:\n  daylight me records --from 2026-11-20 --to 2026-11-20 --server http://localhost:8080 --key anna.pem") { from, to, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var ask = (await api.PostAsync("/api/v1/asks", new AskWanted(key.Credential.Id.Value), ProtocolJson.Default.AskWanted, ProtocolJson.Default.AskCreated, cancel)).OrThrow();
            var signature = new AskSignature("device", Convert.ToBase64String(key.Sign(Convert.FromBase64String(ask.Bytes))));
            (await api.PutAsync($"/api/v1/asks/{ask.Id}/signature", signature, ProtocolJson.Default.AskSignature, cancel)).OrThrow();
            var query = string.Join('&', new[] { ("from", parsed.GetValue(from)), ("to", parsed.GetValue(to)) }.Where(q => q.Item2 is not null).Select(q => $"{q.Item1}={q.Item2}"));
            var result = await api.GetAsync("/api/v1/me/records?" + query, ProtocolJson.Default.IReadOnlyListShownRecord, cancel, ask.Id);
            var records = result.OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(records, ProtocolJson.Default.IReadOnlyListShownRecord);
            }
            else
            {
                CommandLine.Print(["start (UTC)", "seconds", "program", "stream", "data"], records.Select(r => (IReadOnlyList<string>)
                    [r.Start.ToString("u", CultureInfo.InvariantCulture), r.Duration.ToString(CultureInfo.InvariantCulture), r.Program, r.Stream, string.Join(", ", r.Data.Select(d => $"{d.Key}={d.Value}"))]));
                await Console.Error.WriteLineAsync(result.Entry is { } entry
                    ? string.Create(CultureInfo.InvariantCulture, $"{records.Count} records; this look is entry {entry} of the log")
                    : $"nothing was opened{(result.Notice is { } notice ? ": " + notice : string.Empty)}");
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static Command Disclosures()
    {
        var json = Shared.Json();
        var connection = new Connection();
        var command = new Command("disclosures", "Every look at you, and every one that was refused.") { json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var looks = (await api.GetAsync("/api/v1/me/disclosures", ProtocolJson.Default.IReadOnlyListLookAtMe, cancel)).OrThrow();
            if (parsed.GetValue(json))
            {
                CommandLine.PrintJson(looks, ProtocolJson.Default.IReadOnlyListLookAtMe);
            }
            else
            {
                CommandLine.Print(["entry", "when (UTC)", "what", "who", "rule", "why"], looks.Select(l => (IReadOnlyList<string>)
                    [l.Entry.ToString(CultureInfo.InvariantCulture), l.Time.ToString("u", CultureInfo.InvariantCulture), l.Happened, l.Relation, l.Rule, string.Join(" ", l.Why)]));
            }

            return CommandLine.Done;
        });
        return command;
    }
}
