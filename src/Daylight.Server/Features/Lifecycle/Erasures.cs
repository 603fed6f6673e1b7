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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Erases; returns the order's log index, and which programs are done: a legal hold delays the others.</summary>
    /// <exception cref="LogUnavailableException">The order could not be published yet; where it was kept, it is obeyed when the keyholder is back.</exception>
    /// <exception cref="KeyholderException">The order stands and was obeyed, but the certificate could not be had now.</exception>
    public async Task<(ulong Entry, IReadOnlyList<string> Done)> EraseAsync(KeysDestroyed order, CancellationToken cancel)
    {
        // That rows and certificate are owed is noted with the order: the keyholder may be away now, or this process end.
        var (entry, _) = await log.AppendAsync(
            order, (c, t, index) => c.Execute("INSERT INTO settings (name, sealed) VALUES (@name, @nothing) ON CONFLICT DO NOTHING", new { name = NameOf(index), nothing = Array.Empty<byte>() }, t));
        try
        {
            return (entry.Index, await FinishAsync(entry.Index, order.Order!, cancel));
        }
        catch (KeyholderException e) when (e.Code == "held")
        {
            return (entry.Index, []);
        }
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
            return !order.Programs.Except(await FinishAsync(index, order, cancel), StringComparer.Ordinal).Any();
        }
        catch (KeyholderException e) when (e.Code is "certificate" or "held")
        {
            return false; // an order that its signatures did not carry when its turn came, or that a legal hold stands against, keeps none of the others waiting
        }
    }

    /// <summary>Deletes the rows of what the keyholder certifies, and keeps in mind what a legal hold stands against; returns the programs that are done.</summary>
    private async Task<IReadOnlyList<string>> FinishAsync(ulong index, DestroyKeys order, CancellationToken cancel)
    {
        var note = await keyholder.CertificateOfAsync(index, cancel);
        var certificate = KeyholderStatement.TryRead(note) as DestructionCertificate;
        var certified = certificate?.Programs ?? [];
        var isAll = !order.Programs.Except(certified, StringComparer.Ordinal).Any();
        if (!isAll && Certified(index) >= certified.Count)
        {
            return certified;
        }

        await log.AppendAsync(new DestructionCertified(note), (c, t, _) =>
        {
            foreach (var (program, epoch) in certified.Zip(certificate?.Epochs ?? []))
            {
                chunks.Delete(c, t, order.Person, program, epoch);
            }

            var row = new { name = NameOf(index), certified = new[] { (byte)certified.Count } };
            c.Execute(isAll ? "DELETE FROM settings WHERE name = @name" : "UPDATE settings SET sealed = @certified WHERE name = @name", row, t);
        });
        return certified;
    }

    /// <summary>How many programs of an order that is not done yet were certified.</summary>
    private int Certified(ulong index)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT sealed FROM settings WHERE name = @name", new { name = NameOf(index) }) is [var count] ? count : 0;
    }

    private DestroyKeys? OrderOf(ulong index) => openings.Find(index) is { } opened
        && opened.ReadEvent() is KeysDestroyed { Order: { } order } ? order : null;

    private static string NameOf(ulong index) => string.Create(CultureInfo.InvariantCulture, $"{Owed}{index}");
}
