using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Words;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.Directory;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Ingest;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.Releases;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>
/// Everything about a person for that person (GDPR Art. 15 and 20): a ZIP in open formats, streamed as it is opened. Each look at a month is a disclosure to oneself, signed
/// for and recorded like any other.
/// </summary>
internal sealed class Export(
    DisclosurePath path, ProgramCatalog programs, ChunkStore chunks, OpeningStore openings, LogStore store, TransparencyLog log, DirectoryStore directory, Callers callers, Choices choices, Receipts receipts, LifecycleRules rules,
    NoticeStore notices, ReleaseStore releases, TimeProvider time)
{
    private const int MostNotices = 10_000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/me/export", async (HttpContext context, Callers callers, Export export) =>
        await callers.FindAsync(context) is { } caller ? await export.StartAsync(context, caller) : Problems.NotSignedIn())
        .WithSummary("Everything about me as a ZIP: records, what I handed in, the groups whose figures counted me, the log's entries about me with proofs, and a summary to read");

    /// <summary>Answers with the export, or says what is missing before anything is sent.</summary>
    private async Task<IResult> StartAsync(HttpContext context, Caller caller)
    {
        var slices = Slices(caller.Person);
        LookOutcome? first = null;
        foreach (var slice in slices.Take(1))
        {
            first = await LookAsync(caller, slice, context.RequestAborted);
            switch (first)
            {
                case LookOutcome.AskMissing missing:
                    return Problems.AskRequired(missing.Wanted);
                case LookOutcome.Unavailable unavailable:
                    return Problems.Unavailable(unavailable.Why);
                default:
                    break;
            }
        }

        await log.AppendAsync(new DataExported(caller.Person, caller.Person, "everything about oneself", time.GetUtcNow()));
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"daylight-{Sql.Day(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime))}.zip\"";
        return Results.Stream(body => WriteAsync(body, caller, slices, first, context.RequestAborted), "application/zip");
    }

    private async Task WriteAsync(Stream body, Caller caller, IReadOnlyList<Slice> slices, LookOutcome? first, CancellationToken cancel)
    {
        var (person, notes, summary) = (caller.Person, new List<string>(), new ExportSummary(ZoneOf(caller.Person)));
        await using var outgoing = new Outgoing(body);
        await using var zip = new Zip(outgoing);
        foreach (var slice in slices)
        {
            var outcome = first ?? await LookAsync(caller, slice, cancel);
            first = null;
            if (outcome is not LookOutcome.Shown shown)
            {
                notes.Add($"{slice.Kind} of {Sql.Day(slice.From)} to {Sql.Day(slice.To)} could not be opened: {(outcome as LookOutcome.Unavailable)?.Why ?? "refused"}");
                continue;
            }

            notes.AddRange(shown.Notices.Select(n => $"{Sql.Day(slice.From)} to {Sql.Day(slice.To)}: {n}"));
            foreach (var program in shown.Records.GroupBy(r => r.Program, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                var name = $"{slice.Kind}/{program.Key}/{slice.From:yyyy-MM}";
                await zip.AddAsync(name + ".json", JsonSerializer.SerializeToUtf8Bytes<IReadOnlyList<ShownRecord>>([.. program], ProtocolJson.Default.IReadOnlyListShownRecord), cancel);
                await zip.AddAsync(name + ".csv", Csv([.. program]), cancel);
                program.ToList().ForEach(summary.Add);
            }
        }

        var about = openings.Concerning(person, "subject", DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), int.MaxValue);
        await LogAsync(zip, about, cancel);
        var mine = choices.Of(person);
        foreach (var said in mine.Where(c => c.Said is not null))
        {
            await zip.AddAsync($"consents/{said.Program}.jsonld", Encoding.UTF8.GetBytes(receipts.Of(person, said.Program)!.ToJsonString(new JsonSerializerOptions { WriteIndented = true })), cancel);
        }

        await zip.AddAsync("choices.json", JsonSerializer.SerializeToUtf8Bytes(mine, ProtocolJson.Default.IReadOnlyListChoiceView), cancel);
        await zip.AddAsync("erasures.json", JsonSerializer.SerializeToUtf8Bytes(ErasureEndpoints.Of(person, openings, rules), ProtocolJson.Default.IReadOnlyListErasureView), cancel);
        await zip.AddAsync("notices.json", JsonSerializer.SerializeToUtf8Bytes<IReadOnlyList<NoticeView>>(
            [.. notices.Of(person, MostNotices).Select(n => new NoticeView(n.Id, n.Notice.Kind, NoticeWords.Of(n.Notice, openings), n.Due, n.Seen, n.Notice.Entry))], ProtocolJson.Default.IReadOnlyListNoticeView), cancel);
        await zip.AddAsync("counted.json", JsonSerializer.SerializeToUtf8Bytes(MyReleaseEndpoints.Of(person, int.MaxValue, releases, directory), ProtocolJson.Default.IReadOnlyListCountedMe), cancel);
        await zip.AddAsync("directory.json", DirectoryOf(person), cancel);
        foreach (var choice in mine)
        {
            if (programs.Find(choice.Program) is { Charter: var charter } && Core.Charters.Checks.CharterCheck.Of(new CharterReading.Good(charter), choice.Program) is { } report)
            {
                await zip.AddAsync($"programs/{choice.Program}.md", Encoding.UTF8.GetBytes(EmployeeText.Write(report, Language.English)), cancel);
            }
        }

        await zip.AddAsync("index.html", Encoding.UTF8.GetBytes(ExportPage.Write(directory.Current.Person(person)?.Name ?? person, time.GetUtcNow(), summary, about.Select(ViewOf).OfType<(ulong, SubjectView)>().ToList(), mine, notes)), cancel);
    }

    private TimeZoneInfo ZoneOf(string person) => directory.Current.Person(person) is { Zone: var zone } && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : TimeZoneInfo.Utc;

    private Task<LookOutcome> LookAsync(Caller caller, Slice slice, CancellationToken cancel) =>
        path.LookAsync(caller, new Wanted(caller.Person, slice.What, null, slice.From, slice.To, null, null, null), cancel);

    /// <summary>Months of which there is anything, by kind: what is opened at once stays small, and each month is one entry.</summary>
    private IReadOnlyList<Slice> Slices(string person)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var days = programs.InForce().SelectMany(p => chunks.DaysOf(person, p.Program)).Select(d => (What: d.Kind == "submissions" ? IndividualKind.Submissions : IndividualKind.Records, Month: new DateOnly(d.Day.Year, d.Day.Month, 1)));
        return [.. days.Distinct().OrderBy(d => d.What).ThenBy(d => d.Month).Select(d => new Slice(d.What, d.Month, d.Month.AddMonths(1) <= today ? d.Month.AddMonths(1).AddDays(-1) : today))];
    }

    private async Task LogAsync(Zip zip, IReadOnlyList<(ulong Index, Openings Openings)> about, CancellationToken cancel)
    {
        await zip.AddAsync("log/vkey", Encoding.UTF8.GetBytes(log.Verifier + "\n"), cancel);
        await zip.AddAsync("log/README.txt", Encoding.UTF8.GetBytes(
            "One entry about you per number: N.entry is what stands in the log, N.json opens your part of it (SHA-256 over salt and text is the commitment 'subject'),\n"
            + "N.tlog-proof shows that it is in the log that vkey signs (C2SP tlog-proof). docs/formats/log-entries.md says it in full.\n"), cancel);
        foreach (var (index, opened) in about)
        {
            if (store.Entry(index) is not { } bytes || log.Prove(index) is not { } proof)
            {
                continue;
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"log/{index:00000000}");
            await zip.AddAsync(name + ".entry", bytes, cancel);
            await zip.AddAsync(name + ".json", JsonSerializer.SerializeToUtf8Bytes(opened.Subject, SealingJson.Default.Opening), cancel);
            await zip.AddAsync(name + ".tlog-proof", Encoding.UTF8.GetBytes(new TlogProof(index, proof.Proof, proof.Checkpoint).ToString()), cancel);
        }
    }

    private byte[] DirectoryOf(string person)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            if (directory.Current.Person(person) is { } p)
            {
                json.WriteString("id", p.Id);
                json.WriteString("email", p.Email);
                json.WriteString("name", p.Name);
                json.WriteString("team", p.Team);
                json.WriteString("site", p.Site);
                json.WriteString("zone", p.Zone);
                json.WriteString("country", p.Country);
                json.WriteString("employment", p.Employment);
                json.WriteStartArray("managers");
                p.Managers.ToList().ForEach(m => json.WriteStringValue(m.Manager));
                json.WriteEndArray();
            }

            json.WriteStartArray("roles");
            callers.RolesOf(person).ToList().ForEach(json.WriteStringValue);
            json.WriteEndArray();
            json.WriteStartArray("credentials");
            foreach (var (id, held) in log.Read(a => a.Credentials.Where(c => c.Value.Person == person).ToList()))
            {
                json.WriteStartObject();
                json.WriteString("id", id.Value);
                json.WriteString("use", held.Use);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static (ulong, SubjectView)? ViewOf((ulong Index, Openings Openings) o) => CanonicalJson.Read(Encoding.UTF8.GetBytes(o.Openings.Subject.Json), SealingJson.Default.SubjectView) is { } view ? (o.Index, view) : null;

    private static byte[] Csv(IReadOnlyList<ShownRecord> records)
    {
        var fields = records.SelectMany(r => r.Data.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var csv = new StringBuilder().AppendJoin(',', ["start", "seconds", "stream", .. fields]).Append("\r\n"); // RFC 4180
        foreach (var r in records)
        {
            csv.AppendJoin(',', [r.Start.ToString("O", CultureInfo.InvariantCulture), r.Duration.ToString(CultureInfo.InvariantCulture), r.Stream, .. fields.Select(f => Quoted(r.Data.GetValueOrDefault(f) ?? string.Empty))]).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    // A spreadsheet takes a text that begins like a formula for one.
    private static string Quoted(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny("\",\r\n") < 0 ? safe : "\"" + safe.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    private sealed record Slice(IndividualKind What, DateOnly From, DateOnly To)
    {
        public string Kind => What == IndividualKind.Records ? "records" : "submissions";
    }
}

/// <summary>A ZIP that is sent as it grows.</summary>
internal sealed class Zip(Outgoing outgoing) : IAsyncDisposable
{
    private readonly ZipArchive archive = new(outgoing, ZipArchiveMode.Create, leaveOpen: true);

    /// <summary>Adds a file, and sends what there is.</summary>
    public async Task AddAsync(string name, byte[] bytes, CancellationToken cancel)
    {
        using (var entry = archive.CreateEntry(name, CompressionLevel.Fastest).Open())
        {
            entry.Write(bytes);
        }

        await outgoing.SendAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        archive.Dispose();
        await outgoing.SendAsync(CancellationToken.None);
    }
}

/// <summary>Takes what a ZIP writes, which it does without waiting, and sends it on with waiting: a response may not be written otherwise.</summary>
internal sealed class Outgoing(Stream body) : Stream
{
    private readonly MemoryStream waiting = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Sends what was written.</summary>
    public async Task SendAsync(CancellationToken cancel)
    {
        await body.WriteAsync(waiting.GetBuffer().AsMemory(0, (int)waiting.Length), cancel);
        waiting.SetLength(0);
    }

    public override void Write(byte[] buffer, int offset, int count) => waiting.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => waiting.Write(buffer);

    public override void Flush()
    {
        // Sent by SendAsync.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        waiting.Dispose();
        base.Dispose(disposing);
    }
}
