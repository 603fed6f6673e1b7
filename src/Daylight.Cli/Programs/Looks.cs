using System.CommandLine;
using System.Globalization;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Programs;

/// <summary>A look from the command line: make the ask, sign it, read, print.</summary>
internal static class Looks
{
    /// <summary>Makes an ask and signs it; returns its id.</summary>
    public static async Task<string> SignAsync(ApiClient api, CredentialKey key, AskWanted wanted, CancellationToken cancel)
    {
        var ask = (await api.PostAsync("/api/v1/asks", wanted, ProtocolJson.Default.AskWanted, ProtocolJson.Default.AskCreated, cancel)).OrThrow();
        var signature = new AskSignature("device", Convert.ToBase64String(key.Sign(Convert.FromBase64String(ask.Bytes))));
        (await api.PutAsync($"/api/v1/asks/{ask.Id}/signature", signature, ProtocolJson.Default.AskSignature, cancel)).OrThrow();
        return ask.Id;
    }

    public static async Task<int> ShowAsync(ApiClient api, CredentialKey key, AskWanted wanted, string path, bool json, CancellationToken cancel)
    {
        var ask = await SignAsync(api, key, wanted, cancel);
        var result = await api.GetAsync(path, ProtocolJson.Default.IReadOnlyListShownRecord, cancel, ask);
        var records = result.OrThrow();
        if (json)
        {
            CommandLine.PrintJson(records, ProtocolJson.Default.IReadOnlyListShownRecord);
        }
        else
        {
            CommandLine.Print(["start (UTC)", "seconds", "program", "stream", "data"], records.Select(r => (IReadOnlyList<string>)
                [r.Start.ToString("u", CultureInfo.InvariantCulture), r.Duration.ToString(CultureInfo.InvariantCulture), r.Program, r.Stream, string.Join(", ", r.Data.Select(d => $"{d.Key}={d.Value}"))]));
            await Console.Error.WriteLineAsync(result.Entry is { } entry
                ? string.Create(CultureInfo.InvariantCulture, $"{records.Count} {wanted.Kinds?[0] ?? "records"}; this look is entry {entry} of the log")
                : $"nothing was opened{(result.Notice is { } notice ? ": " + notice : string.Empty)}");
        }

        return CommandLine.Done;
    }
}

/// <summary>A range of local days on a command line.</summary>
internal static class Days
{
    public static Option<string?> From() => new("--from") { Description = "First local day", HelpName = "DAY" };

    public static Option<string?> To() => new("--to") { Description = "Last local day", HelpName = "DAY" };

    /// <summary>As a query; a day that was not named is the server's to choose.</summary>
    public static string Query(ParseResult parsed, Option<string?> from, Option<string?> to) =>
        string.Join('&', new[] { ("from", parsed.GetValue(from)), ("to", parsed.GetValue(to)) }.Where(q => q.Item2 is not null).Select(q => $"{q.Item1}={q.Item2}"));
}
