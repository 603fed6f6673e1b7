using System.Globalization;
using Dapper;
using Daylight.Sealing;
using Daylight.Server.Features.Ingest;
using Daylight.Server.Features.Log;
using Daylight.Storage;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>Erasure: the order goes into the log, the keyholder destroys the keys while it follows it, then the rows go, together with the keyholder's certificate.</summary>
internal sealed class Erasures(TransparencyLog log, KeyholderClient keyholder, OpeningStore openings, ChunkStore chunks, IDatabase database, GroupCommitWriter writer, TimeProvider time)
{
    private const string Owed = "erasure ";

    /// <summary>How long whoever brought an order has to finish it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Erases; returns the order's log index.</summary>
    /// <exception cref="LogUnavailableException">The order could not be published yet; where it was kept, it is obeyed when the keyholder is back.</exception>
    /// <exception cref="KeyholderException">The order stands and was obeyed, but the certificate could not be had now.</exception>
    public async Task<ulong> EraseAsync(KeysDestroyed order, CancellationToken cancel)
    {
        // That rows and certificate are owed is noted with the order: the keyholder may be away now, or this process end.
        var (entry, _) = await log.AppendAsync(
            order, (c, t, index) => c.Execute("INSERT INTO settings (name, sealed) VALUES (@name, @nothing) ON CONFLICT DO NOTHING", new { name = NameOf(index), nothing = Array.Empty<byte>() }, t));
        await FinishAsync(entry.Index, order.Order!, cancel);
        return entry.Index;
    }

    /// <summary>Finishes what is owed from orders that could not be obeyed at once; returns how many were finished.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        List<ulong> owed;
        using (var connection = database.Open())
        {
            owed = [.. connection.Query<string>("SELECT name FROM settings WHERE name LIKE 'erasure %'").Select(n => ulong.Parse(n.AsSpan(Owed.Length), NumberStyles.None, CultureInfo.InvariantCulture)).Order()];
        }

        var finished = 0;
        foreach (var index in owed.Where(i => i < log.Size))
        {
            if (OrderOf(index) is not { } order)
            {
                // What was never published gave way to another entry.
                await writer.WriteAsync((c, t) => c.Execute("DELETE FROM settings WHERE name = @name", new { name = NameOf(index) }, t));
            }
            else if (order.Time < time.GetUtcNow() - Patience)
            {
                finished += await TryFinishAsync(index, order, cancel) ? 1 : 0;
            }
        }

        return finished;
    }

    private async Task<bool> TryFinishAsync(ulong index, DestroyKeys order, CancellationToken cancel)
    {
        try
        {
            await FinishAsync(index, order, cancel);
            return true;
        }
        catch (KeyholderException e) when (e.Code == "certificate")
        {
            return false; // an order that its signatures did not carry when its turn came keeps none of the others waiting
        }
    }

    private async Task FinishAsync(ulong index, DestroyKeys order, CancellationToken cancel)
    {
        var certificate = new DestructionCertified(await keyholder.CertificateOfAsync(index, cancel));
        await log.AppendAsync(certificate, (c, t, _) =>
        {
            foreach (var program in order.Programs)
            {
                chunks.Delete(c, t, order.Person, program);
            }

            c.Execute("DELETE FROM settings WHERE name = @name", new { name = NameOf(index) }, t);
        });
    }

    private DestroyKeys? OrderOf(ulong index) => openings.Find(index) is { } opened
        && CanonicalJson.Read(System.Text.Encoding.UTF8.GetBytes(opened.Details.Json), SealingJson.Default.LogEvent) is KeysDestroyed { Order: { } order } ? order : null;

    private static string NameOf(ulong index) => string.Create(CultureInfo.InvariantCulture, $"{Owed}{index}");
}
