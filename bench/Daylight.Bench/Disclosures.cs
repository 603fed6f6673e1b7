using System.Globalization;
using Daylight.Agent.Sending;
using Daylight.Protocol;
using Daylight.Tests.Company;

namespace Daylight.Bench;

/// <summary>One disclosure end to end (signed ask, log, proof, keyholder, records), next to a plain SELECT of the same bytes.</summary>
internal static class Disclosures
{
    public static async Task RunAsync(TimeSpan length)
    {
        await using var company = await TestCompany.StartAsync();
        var device = await company.EnrollDeviceAsync("anna");
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        // A busy day of one person: a record for every five minutes, in one chunk.
        var records = Enumerable.Range(0, 108)
            .Select(i => new PayloadRecord(new DateTimeOffset(2026, 11, 2, 7, 0, 0, TimeSpan.Zero).AddMinutes(5 * i), 300, new Dictionary<string, string> { ["app"] = i % 3 == 0 ? "Browser" : "Editor" }))
            .ToList();
        await company.UploadAsync("anna", device, ChunkSealer.Records(program, company.Id("anna"), device, "window", "2026-11-02", records));
        await company.SignAskAsync("anna");
        var api = company.As("anna");
        var token = ApiClient.WithToken(company.Http, await company.Server.Founding().MakeTokenAsync(company.Id("anna"), 30));

        var looks = await Measure.LoopAsync(length, async () =>
        {
            company.Clock.Now += TimeSpan.FromMilliseconds(200); // the keyholder answers one asker 600 times a minute
            if ((await api.GetAsync("/api/v1/me/records?from=2026-11-02&to=2026-11-02", ProtocolJson.Default.IReadOnlyListShownRecord, default)).Value is not { Count: 108 })
            {
                await company.SignAskAsync("anna"); // the session's ask is over after eight hours of the company's clock
            }
        });
        var http = await Measure.LoopAsync(length / 4, async () => (await token.GetAsync("/api/v1/me", ProtocolJson.Default.Me, default)).OrThrow());
        var select = await Measure.LoopAsync(length / 4, () =>
        {
            using var connection = company.Database.Open();
            _ = Dapper.SqlMapper.Query<byte[]>(connection, "SELECT sealed FROM chunks WHERE kind = 'records' AND day >= '2026-11-02' AND day <= '2026-11-02'").ToList();
            return Task.CompletedTask;
        });
        string Line(string what, double[] t) => string.Create(CultureInfo.InvariantCulture, $"{what,-42} p50 {t.At(0.5),7:0.000} ms   p99 {t.At(0.99),7:0.000} ms   n {t.Length}");
        Console.WriteLine(Line("disclosure, HTTP call signed, all checks", looks));
        Console.WriteLine(Line("GET /api/v1/me with a token, same server", http));
        Console.WriteLine(Line("plain SELECT of the same sealed bytes", select));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"disclosure / SELECT: {looks.At(0.5) / select.At(0.5):0} at the median"));
    }
}
