using System.Globalization;
using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Features.SignIn;
using Daylight.Server.Hosting;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Server.Features.Log;

/// <summary>The log for an auditor's eyes: who signs it, what stands in it, and what proves that. The same bytes as in the tiles, in words.</summary>
internal static class ExplorerEndpoints
{
    private const int PerPage = 50;

    /// <summary>How far back one call looks for entries that are wanted.</summary>
    private const ulong MostRead = 4096;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/log", StateAsync).WithSummary("Who signs the log and how far, and the keyholder's own count of what it opened; for auditors").Produces<LogState>();
        routes.MapGet("/api/v1/log/entries", EntriesAsync).WithSummary("What stands in the log, newest first; for auditors").Produces<LogPage>()
            .WithQuery(("before", "log index; entries below it"), ("only", "public: entries that stand there in full; committed: entries about people, of which only commitments do"));
        routes.MapGet("/api/v1/log/entries/{index}", EntryAsync).WithSummary("One entry with what proves it; for auditors").Produces<LogEntryProof>();
        routes.MapGet("/api/v1/log/consistency", ConsistencyAsync).WithSummary("That the log of today begins with the log of an earlier size; for auditors").Produces<LogGrowth>()
            .WithQuery(("from", "the earlier size; required"));
    }

    private static Task<IResult> StateAsync(HttpContext context, Callers callers, TransparencyLog log, LogStore store, WitnessRound witnesses, KeyholderClient keyholder) => LogEndpoints.AuditorsOnlyAsync(context, callers, async () =>
    {
        if (store.Checkpoint() is not { } text || !SignedNote.TryParse(text, out var note) || !Checkpoint.TryParse(note!.Text, out var checkpoint))
        {
            return Problems.NotFound("The log is empty.");
        }

        var (policy, own, key) = log.Read(a => (a.Policy, a.Witness, a.Keyholder));
        return NoStore(context, new LogState(
            text,
            checkpoint!.Origin,
            checkpoint.Size,
            checkpoint.Root.ToString(),
            Signers(note, store.Witnessed(), log.Verifier, own, policy),
            policy?.ToString(),
            witnesses.Trouble,
            key is null ? null : await OpeningsAsync(keyholder, key, context.RequestAborted)), ProtocolJson.Default.LogState);
    });

    private static Task<IResult> EntriesAsync(HttpContext context, Callers callers, LogStore store, TransparencyLog log) => LogEndpoints.AuditorsOnlyAsync(context, callers, () =>
    {
        var only = context.Request.Query["only"].ToString();
        var (before, size) = (context.Request.Query["before"].ToString(), log.Size);
        var end = size;
        if (only is not ("" or "public" or "committed") || (before.Length > 0 && !ulong.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out end)))
        {
            return Task.FromResult(Problems.BadRequest("'only' is public or committed, 'before' a log index."));
        }

        end = Math.Min(end, size);
        var (found, start) = (new List<LogEntryView>(), end);
        while (found.Count < PerPage && start > 0 && end - start < MostRead)
        {
            var from = start - Math.Min(start, (ulong)PerPage);
            var part = store.Entries(from, start - from).Select((bytes, i) => View(from + (ulong)i, bytes)).Where(v => only.Length == 0 || v.Kind is not null == (only == "public")).Reverse().ToList();
            (found, start) = ([.. found, .. part], from);
        }

        var shown = found.Take(PerPage).ToList();
        ulong? next = found.Count > PerPage ? shown[^1].Index : start > 0 ? start : null;
        return Task.FromResult(NoStore(context, new LogPage(size, shown, next), ProtocolJson.Default.LogPage));
    });

    private static Task<IResult> EntryAsync(string index, HttpContext context, Callers callers, LogStore store, TransparencyLog log) => LogEndpoints.AuditorsOnlyAsync(context, callers, () =>
        Task.FromResult(ulong.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && log.Prove(number) is { } proof && store.Entry(number) is { } bytes
            ? NoStore(context, new LogEntryProof(View(number, bytes), Convert.ToBase64String(bytes), new TlogProof(number, proof.Proof, proof.Checkpoint).ToString(), log.Verifier.ToString(), log.Read(a => a.Witness)!.ToString()), ProtocolJson.Default.LogEntryProof)
            : Problems.NotFound("The log has no entry of that number.")));

    private static Task<IResult> ConsistencyAsync(HttpContext context, Callers callers, LogStore store, TransparencyLog log) => LogEndpoints.AuditorsOnlyAsync(context, callers, () =>
    {
        if (store.Checkpoint() is not { } note || !Checkpoint.TryOpen(note, out var checkpoint, log.Verifier))
        {
            return Task.FromResult(Problems.NotFound("The log is empty."));
        }

        return Task.FromResult(ulong.TryParse(context.Request.Query["from"], NumberStyles.None, CultureInfo.InvariantCulture, out var from) && from > 0 && from <= checkpoint!.Size
            ? NoStore(context, new LogGrowth(note, [.. Proofs.Consistency(from, checkpoint.Size, new TileTree(checkpoint.Size, store.Tile).Node).Select(h => h.ToString())]), ProtocolJson.Default.LogGrowth)
            : Problems.BadRequest($"'from' is a size that the log had: 1 to {checkpoint!.Size}."));
    });

    /// <summary>How often the keyholder says that it opened anything; null while it cannot be asked.</summary>
    private static async Task<long?> OpeningsAsync(KeyholderClient keyholder, NoteVerifier key, CancellationToken cancel)
    {
        try
        {
            return KeyholderStatement.TryOpen((await keyholder.AllOpeningsAsync(0, 0, cancel)).Note, key) is TotalOfOpenings total ? total.Openings : null;
        }
        catch (KeyholderException)
        {
            return null;
        }
    }

    private static IResult NoStore<T>(HttpContext context, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(value, type);
    }

    /// <summary>The log, the keyholder, and every other witness of the policy: whose signatures the newest checkpoints carry, checked here.</summary>
    private static List<LogSigner> Signers(SignedNote newest, string? witnessed, NoteVerifier log, NoteVerifier? keyholder, TlogPolicy? policy)
    {
        var cosigned = witnessed is not null && SignedNote.TryParse(witnessed, out var note) ? note : null;
        List<LogSigner> signers = [new(log.Name, "log", log.ToString(), newest.IsSignedBy(log) ? SizeOf(newest) : null)];
        if (keyholder is not null)
        {
            signers.Add(new(keyholder.Name, "keyholder", keyholder.ToString(), newest.IsSignedBy(keyholder) ? SizeOf(newest) : null, At(newest, keyholder)));
        }

        signers.AddRange((policy?.Witnesses ?? []).Where(w => w.Key != keyholder).Select(w => new LogSigner(w.Name, "witness", w.Key.ToString(), cosigned?.IsSignedBy(w.Key) == true ? SizeOf(cosigned) : null, At(cosigned, w.Key))));
        return signers;

        static ulong? SizeOf(SignedNote note) => Checkpoint.TryParse(note.Text, out var checkpoint) ? checkpoint!.Size : null;
        static DateTimeOffset? At(SignedNote? note, NoteVerifier key) =>
            note?.IsSignedBy(key) == true ? note.Signatures.Where(s => s.Name == key.Name && s.KeyId == key.Id).Select(key.CosignedAt).FirstOrDefault(t => t is not null) : null;
    }

    private static LogEntryView View(ulong index, byte[] bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        var entry = json.RootElement;
        var day = DateOnly.ParseExact(entry.GetProperty("day").GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return entry.TryGetProperty("event", out var happened)
            ? new LogEntryView(index, day, happened.GetProperty("kind").GetString(), About(happened) ?? Said(happened))
            : new LogEntryView(index, day);
    }

    /// <summary>What an event says that it is about, in its own words: the first of these that it or its statement has.</summary>
    private static string? About(JsonElement part) => ((IEnumerable<string>)["program", "role", "incident", "expiredOn", "name", "id"])
        .Select(name => part.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null).FirstOrDefault(v => v is not null);

    private static string? Said(JsonElement happened)
    {
        if (!happened.TryGetProperty("signed", out var signed) || !signed.TryGetProperty("statement", out var text) || text.GetString() is not { } base64)
        {
            return null;
        }

        using var statement = JsonDocument.Parse(Convert.FromBase64String(base64));
        return About(statement.RootElement);
    }
}
