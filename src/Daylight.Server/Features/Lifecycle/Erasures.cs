using Daylight.Sealing;
using Daylight.Server.Features.Ingest;
using Daylight.Server.Features.Log;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>Erasure: the order goes into the log, the keyholder destroys the keys while it follows it, then the rows go, together with the keyholder's certificate.</summary>
internal sealed class Erasures(TransparencyLog log, KeyholderClient keyholder, ChunkStore chunks)
{
    /// <summary>Erases; returns the order's log index.</summary>
    /// <exception cref="LogUnavailableException">The order could not be published yet; where it was kept, it is obeyed when the keyholder is back.</exception>
    /// <exception cref="KeyholderException">The order stands and was obeyed, but the certificate could not be had now.</exception>
    public async Task<ulong> EraseAsync(KeysDestroyed order, CancellationToken cancel)
    {
        var (entry, _) = await log.AppendAsync(order);
        var certificate = new DestructionCertified(await keyholder.CertificateOfAsync(entry.Index, cancel));
        var (person, programs) = (order.Order!.Person, order.Order.Programs);
        await log.AppendAsync(certificate, (c, t, _) =>
        {
            foreach (var program in programs)
            {
                chunks.Delete(c, t, person, program);
            }
        });
        return entry.Index;
    }
}
