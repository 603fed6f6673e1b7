using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Server.Features.Log;

/// <summary>The keyholder could not be reached, or refused: nothing is disclosed.</summary>
public sealed class KeyholderException(string code, string message) : Exception(message)
{
    /// <summary>The keyholder's name for the condition; <c>unreachable</c> when it did not answer.</summary>
    public string Code { get; } = code;
}

/// <summary>
/// The server's side of the keyholder's protocol. Seals are opened through <see cref="OpenAsync"/> alone, which wants a
/// <see cref="Disclosures.RecordedDisclosure"/>: something only the recording of a look can make.
/// </summary>
internal sealed class KeyholderClient(IKeyholderChannel channel)
{
    public Task<KeyholderResponse.Identity> HelloAsync(CancellationToken cancel) => SendAsync<KeyholderResponse.Identity>(new KeyholderRequest.Hello(), cancel);

    public Task<KeyholderResponse.Followed> FollowAsync(KeyholderRequest.Follow follow, CancellationToken cancel) => SendAsync<KeyholderResponse.Followed>(follow, cancel);

    public async Task<string> KeyOfAsync(string person, string program, CancellationToken cancel) =>
        (await SendAsync<KeyholderResponse.Statements>(new KeyholderRequest.KeyOf(person, program), cancel)).Notes[0];

    public async Task<IReadOnlyList<string>> StatusAsync(CancellationToken cancel) => (await SendAsync<KeyholderResponse.Statements>(new KeyholderRequest.StatusOf(), cancel)).Notes;

    public Task<KeyholderResponse.EntriesKept> EntriesFromAsync(ulong from, int most, CancellationToken cancel) => SendAsync<KeyholderResponse.EntriesKept>(new KeyholderRequest.EntriesFrom(from, most), cancel);

    public Task<KeyholderResponse.OpeningsMade> OpeningsOfAsync(string person, string nonce, CancellationToken cancel) => SendAsync<KeyholderResponse.OpeningsMade>(new KeyholderRequest.OpeningsOf(person, nonce), cancel);

    public Task<KeyholderResponse.AllOpeningsMade> AllOpeningsAsync(long from, int most, CancellationToken cancel) => SendAsync<KeyholderResponse.AllOpeningsMade>(new KeyholderRequest.AllOpenings(from, most), cancel);

    public async Task<string> CertificateOfAsync(ulong index, CancellationToken cancel) => (await SendAsync<KeyholderResponse.Statements>(new KeyholderRequest.CertificateOf(index), cancel)).Notes[0];

    public Task<KeyholderResponse.Paused> PauseAsync(SignedStatement signed, CancellationToken cancel) => SendAsync<KeyholderResponse.Paused>(new KeyholderRequest.Pause(signed), cancel);

    /// <summary>Has a run counted: its groups and people, then the contributions in parts. A run that was counted before is answered at once.</summary>
    public async Task<KeyholderResponse.Counted> CountAsync(KeyholderRequest.Count count, IEnumerable<IReadOnlyList<PersonChunk>> parts, CancellationToken cancel)
    {
        if (await SendAsync<KeyholderResponse>(count, cancel) is KeyholderResponse.Counted before)
        {
            return before;
        }

        foreach (var part in parts)
        {
            await SendAsync<KeyholderResponse.Counting>(new KeyholderRequest.CountMore(count.Index, part), cancel);
        }

        return await SendAsync<KeyholderResponse.Counted>(new KeyholderRequest.CountEnd(count.Index), cancel);
    }

    public Task<KeyholderResponse.Opened> OpenAsync(Disclosures.RecordedDisclosure recorded, IReadOnlyList<StoredChunk> chunks, string? witnessed, CancellationToken cancel) =>
        SendAsync<KeyholderResponse.Opened>(
            new KeyholderRequest.Open(recorded.Entry.Index, recorded.Openings, recorded.Entry.Checkpoint, recorded.Entry.Proof, chunks, witnessed), cancel);

    private async Task<T> SendAsync<T>(KeyholderRequest request, CancellationToken cancel)
        where T : KeyholderResponse
    {
        byte[] answer;
        try
        {
            answer = await channel.ExchangeAsync(JsonSerializer.SerializeToUtf8Bytes(request, ProtocolJson.Default.KeyholderRequest), cancel);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new KeyholderException("unreachable", "The keyholder cannot be reached.");
        }

        return Read(answer) switch
        {
            KeyholderResponse.Refused refused => throw new KeyholderException(refused.Code, refused.Message),
            T response => response,
            _ => throw new KeyholderException("message", "The keyholder answered something else."),
        };
    }

    private static KeyholderResponse? Read(byte[] answer)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, ProtocolJson.Default.KeyholderResponse);
        }
        catch (JsonException)
        {
            return null; // a proxy's page, or another version
        }
    }
}
