using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Daylight.Agent.Sending;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Tests.Server;
using Daylight.Transparency;

namespace Daylight.Tests.Lifecycle;

public sealed class ExportTests
{
    [Fact]
    public async Task an_export_holds_everything_in_open_formats_and_is_a_disclosure_to_oneself()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var device = await company.EnrollDeviceAsync("anna");
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-02"), Correction(company, device, program, "=it was \"a meeting\""));
        await company.ObjectAsync("anna", "focus-time");
        using var unsigned = new MemoryStream();
        Assert.Equal(403, (await Assert.ThrowsAsync<ApiException>(() => company.As("anna").DownloadAsync("/api/v1/me/export", unsigned, default))).Problem.Status);
        Assert.Equal(0, unsigned.Length);

        await company.SignAskAsync("anna");
        using var zip = await ZipAsync(company, "anna");
        var page = Read(zip, "index.html");
        Assert.Contains("focus-time: window, by day", page);
        Assert.Contains("<td>2026-11-02</td><td>5</td>", page); // minutes of the day, beside the chart
        Assert.Contains("<td>app</td><td>Editor</td><td>5</td>", page);
        Assert.DoesNotContain("a meeting", page); // what somebody wrote stands in the files
        var records = JsonSerializer.Deserialize(Read(zip, "records/focus-time/2026-11.json"), ProtocolJson.Default.IReadOnlyListShownRecord)!;
        Assert.Equal(["window", "correction"], records.Select(r => r.Stream));
        Assert.Contains("\"'=it was \"\"a meeting\"\"\"", Read(zip, "records/focus-time/2026-11.csv"));
        Assert.Contains("anna@test.example", Read(zip, "directory.json"));
        Assert.Contains("ConsentRefused", Read(zip, "consents/focus-time.jsonld"));
        Assert.Contains("focus-time", Read(zip, "programs/focus-time.md"));

        var proofs = zip.Entries.Where(e => e.FullName.EndsWith(".tlog-proof", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(proofs);
        Assert.All(proofs, p =>
        {
            var name = p.FullName[..^".tlog-proof".Length];
            var entry = LogEntry.TryRead(Bytes(zip, name + ".entry"))!;
            Assert.True(JsonSerializer.Deserialize(Read(zip, name + ".json"), SealingJson.Default.Opening)!.Opens(entry.Commitments!.Subject));
            Assert.True(TlogProof.TryParse(Read(zip, p.FullName), out var proof));
            Assert.EndsWith(proof!.Index.ToString(System.Globalization.CultureInfo.InvariantCulture), name, StringComparison.Ordinal);
        });
        var looked = await company.WhoLookedAsync("anna");
        Assert.Contains(looked, l => l is { Happened: "disclosure", Relation: "self" });
        Assert.Contains(looked, l => l.Happened == "export");
    }

    [Fact]
    public async Task a_correction_stands_beside_the_record_for_whoever_sees_it()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var device = await company.EnrollDeviceAsync("anna");
        var program = (await company.BundleAsync("anna", device)).Programs[0];
        await company.UploadAsync("anna", device, company.Day("anna", device, program, "2026-11-02"), Correction(company, device, program, "it was a meeting"));
        var digest = await company.HoldAsync("anna", new DateOnly(2026, 12, 1), tell: new DateOnly(2026, 11, 20));
        var seen = (await company.LookUnderAsync(digest, "anna")).OrThrow();
        Assert.Equal(["window", "correction"], seen.Select(r => r.Stream));
        Assert.Equal("it was a meeting", seen[1].Data["text"]);
    }

    private static UploadedChunk Correction(TestCompany company, CredentialKey device, Daylight.Agent.Trust.VerifiedProgram program, string text) => ChunkSealer.Correction(
        program, company.Id("anna"), device, "2026-11-02", new PayloadRecord(new DateTimeOffset(2026, 11, 2, 0, 0, 0, TimeSpan.Zero), 0, new Dictionary<string, string> { ["text"] = text }));

    private static async Task<ZipArchive> ZipAsync(TestCompany company, string name)
    {
        var stream = new MemoryStream();
        await company.As(name).DownloadAsync("/api/v1/me/export", stream, default);
        stream.Position = 0;
        return new ZipArchive(stream, ZipArchiveMode.Read);
    }

    private static string Read(ZipArchive zip, string name) => Encoding.UTF8.GetString(Bytes(zip, name));

    private static byte[] Bytes(ZipArchive zip, string name)
    {
        using var stream = zip.GetEntry(name)!.Open();
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }
}
