using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Server.Features.Log;

/// <summary>Collects the cosignatures of the witnesses that the policy names (C2SP tlog-witness). Without other witnesses than the keyholder there is nothing to do.</summary>
internal sealed class WitnessRound(TransparencyLog log, LogStore store, GroupCommitWriter writer, HttpClient http, TimeProvider time) : IDisposable
{
    /// <summary>How old cosignatures may be before they are asked for again, where a day's age is allowed.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromHours(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, ulong> known = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Which witnesses did not cosign last time, in words; null when all is well.</summary>
    public string? Trouble { get; private set; }

    /// <summary>A checkpoint with the witnesses' cosignatures, for the keyholder; null when nobody else is to cosign, or nobody did.</summary>
    /// <param name="covering">The entry that it must cover, or null when a day's age will do.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<string?> ForAsync(ulong? covering, CancellationToken cancel)
    {
        if (log.Read(a => a.AsksOtherWitnesses ? a.Policy : null) is not { } policy)
        {
            Trouble = null;
            return null;
        }

        if (Serves(policy, covering) is { } note)
        {
            return note;
        }

        await turn.WaitAsync(cancel);
        try
        {
            // Somebody else's round may have brought it meanwhile.
            return Serves(policy, covering) ?? await AskAsync(policy, cancel) ?? store.Witnessed();
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private string? Serves(TlogPolicy policy, ulong? covering) => store.Witnessed() is { } note
        && policy.TryOpen(note, out var checkpoint, covering is null ? time.GetUtcNow() - Refresh : null) && (covering is null || checkpoint.Size > covering) ? note : null;

    private async Task<string?> AskAsync(TlogPolicy policy, CancellationToken cancel)
    {
        if (store.Checkpoint() is not { } published || !SignedNote.TryParse(published, out var note) || !Checkpoint.TryParse(note!.Text, out var checkpoint))
        {
            return null;
        }

        var asked = policy.Witnesses.Where(w => w.Url is not null).ToList();
        var answers = await Task.WhenAll(asked.Select(w => CosignAsync(w, note, checkpoint!, cancel)));
        Trouble = answers.Any(a => a.Line is null) ? $"no cosignature of {string.Join(", ", asked.Zip(answers).Where(p => p.Second.Line is null).Select(p => $"{p.First.Name} ({p.Second.Why})"))}" : null;
        var cosigned = note with { Signatures = [.. note.Signatures, .. answers.Select(a => a.Line).OfType<NoteSignature>()] };
        if (!policy.IsSatisfiedBy(cosigned))
        {
            return null;
        }

        await LogStore.KeepWitnessedAsync(writer, cosigned.ToString());
        return cosigned.ToString();
    }

    private async Task<(NoteSignature? Line, string Why)> CosignAsync(PolicyWitness witness, SignedNote note, Checkpoint checkpoint, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            // Once more when it knows another size than we remember; then it is the witness's turn to be right.
            var (status, body) = await SendAsync(witness, note, checkpoint, patience.Token);
            if (status == HttpStatusCode.Conflict && WitnessProtocol.TryReadSize(body, out var size) && size <= checkpoint.Size)
            {
                known[witness.Name] = size;
                (status, body) = await SendAsync(witness, note, checkpoint, patience.Token);
            }

            if (status == HttpStatusCode.OK && WitnessProtocol.ReadCosignature(body, note, witness.Key) is { } line)
            {
                known[witness.Name] = checkpoint.Size;
                return (line, string.Empty);
            }

            return (null, status == HttpStatusCode.OK ? "its signature is not its own" : $"it answers {(int)status}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return (null, "it cannot be reached");
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or FormatException)
        {
            // An address that is not of the web, an answer in no known encoding: one witness's nonsense must not keep the others from being asked.
            return (null, "it cannot be asked at that address");
        }
    }

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(PolicyWitness witness, SignedNote note, Checkpoint checkpoint, CancellationToken cancel)
    {
        var old = Math.Min(known.GetValueOrDefault(witness.Name), checkpoint.Size);
        var proof = Proofs.Consistency(old, checkpoint.Size, new TileTree(checkpoint.Size, store.Tile).Node);
        using var content = new StringContent(new AddCheckpointRequest(old, proof, note).ToString(), Encoding.UTF8, "text/plain");
        using var answer = await http.PostAsync(new Uri(witness.Url!.ToString().TrimEnd('/') + WitnessProtocol.Path), content, cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancel));
    }
}
