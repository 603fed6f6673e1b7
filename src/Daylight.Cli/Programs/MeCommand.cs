using System.CommandLine;
using System.Globalization;
using Daylight.Cli.Lifecycle;
using Daylight.Protocol;

namespace Daylight.Cli.Programs;

/// <summary><c>daylight me records|submissions|disclosures</c>: what is kept about oneself, and who looked.</summary>
internal static class MeCommand
{
    public static Command Create() => new("me", "What is kept about you, and who looked") { Records(), Submissions(), Disclosures(), Erasures(), Export() };

    private static Command Erasures() => new Command("erasures", "What was erased of yours, with the keyholder's certificates, and what still waits.\n\nExample:\n  daylight me erasures --json --server http://localhost:8080 --key anna.pem").Prints(
        new Connection(), _ => "/api/v1/me/erasures", ProtocolJson.Default.IReadOnlyListErasureView, ["entry", "when (UTC)", "by", "programs", "certified", "keyholder's backups unreadable from", "waits"],
        e => [e.Entry.ToString(CultureInfo.InvariantCulture), e.Time.ToString("u", CultureInfo.InvariantCulture), e.By, string.Join(", ", e.Programs), string.Join(", ", e.Certificates.SelectMany(c => c.Programs).Distinct()),
            e.Certificates.Count == 0 ? string.Empty : Storage.Sql.Day(e.Certificates.Max(c => c.BackupsUnreadable)), e.Waiting ?? string.Empty]);

    private static Command Export()
    {
        var (file, connection) = (new Option<FileInfo>("--out") { Description = "The file to write", HelpName = "FILE", DefaultValueFactory = _ => new FileInfo("daylight-export.zip") }, new Connection());
        var command = new Command("export", "Writes everything about you into a ZIP (GDPR Art. 15 and 20): records, what you handed in, the log's entries about you with proofs, and a page to read. Your credential signs the looks; they are recorded.\n\nExample:\n  daylight me export --out anna.zip --server http://localhost:8080 --key anna.pem") { file };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            foreach (var kind in (string[])["records", "submissions"])
            {
                await Looks.SignAsync(api, key, new AskWanted(key.Credential.Id.Value, Kinds: [kind]), cancel);
            }

            await using var target = parsed.GetValue(file)!.Create();
            var bytes = await api.DownloadAsync("/api/v1/me/export", target, cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(file)}: {bytes:N0} bytes"));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command Records() => Reading(
        "records",
        "Shows your own records. Your credential signs the ask; the look is recorded.\n\nExample:\n  daylight me records --from 2026-11-20 --to 2026-11-20 --server http://localhost:8080 --key anna.pem");

    private static Command Submissions() => Reading(
        "submissions",
        "Shows what you handed in, as you handed it in last. Your credential signs the ask; the look is recorded.\n\nExample:\n  daylight me submissions --from 2026-11-16 --server http://localhost:8080 --key anna.pem");

    private static Command Reading(string kind, string description)
    {
        var (from, to, json, connection) = (Days.From(), Days.To(), Shared.Json(), new Connection());
        var command = new Command(kind, description) { from, to, json };
        connection.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var key = connection.OneKey(parsed);
            var (api, _) = await connection.ConnectAsync(parsed, cancel);
            var look = new AskWanted(key.Credential.Id.Value, Kinds: [kind]);
            return await Looks.ShowAsync(api, key, look, "/api/v1/me/" + kind + "?" + Days.Query(parsed, from, to), parsed.GetValue(json), cancel);
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
