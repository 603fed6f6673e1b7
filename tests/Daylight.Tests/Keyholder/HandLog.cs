using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Tests.Company;
using Daylight.Transparency;

namespace Daylight.Tests.Keyholder;

/// <summary>A log that is written by hand, under the log's own key: a server gone bad goes on with the real history as it likes.</summary>
internal sealed class HandLog
{
    private readonly IKeyholderChannel keyholder;
    private readonly NoteSigner signer;
    private readonly TestClock clock;
    private readonly List<FollowedEntry> entries;

    private HandLog(IKeyholderChannel keyholder, NoteSigner signer, TestClock clock, List<FollowedEntry> entries, ulong followed) =>
        (this.keyholder, this.signer, this.clock, this.entries, Followed) = (keyholder, signer, clock, entries, followed);

    public ulong Size => (ulong)entries.Count;

    /// <summary>How far the keyholder has followed.</summary>
    public ulong Followed { get; private set; }

    public IReadOnlyList<FollowedEntry> Entries => entries;

    /// <summary>Goes on with the history that one keyholder has followed, in front of the same or of another one.</summary>
    public static async Task<HandLog> ContinueAsync(IKeyholderChannel source, IKeyholderChannel keyholder, NoteSigner signer, TestClock clock)
    {
        var kept = (KeyholderResponse.EntriesKept)await ExchangeAsync(source, new KeyholderRequest.EntriesFrom(0, 2000));
        var identity = (KeyholderResponse.Identity)await ExchangeAsync(keyholder, new KeyholderRequest.Hello());
        return new HandLog(keyholder, signer, clock, [.. kept.Entries], identity.Size);
    }

    public static async Task<KeyholderResponse> ExchangeAsync(IKeyholderChannel keyholder, KeyholderRequest message) => JsonSerializer.Deserialize(
        await keyholder.ExchangeAsync(JsonSerializer.SerializeToUtf8Bytes(message, ProtocolJson.Default.KeyholderRequest), CancellationToken.None), ProtocolJson.Default.KeyholderResponse)!;

    /// <summary>Writes an entry, on a day of one's choice; nobody is asked yet.</summary>
    public Openings? Add(LogEvent happened, DateOnly? day = null)
    {
        var on = day ?? DateOnly.FromDateTime(clock.Now.UtcDateTime);
        var (entry, openings) = happened switch
        {
            PublicEvent open => (LogEntry.Of(on, open), (Openings?)null),
            PersonEvent person => LogEntry.Of(on, person),
            _ => throw new InvalidOperationException("LogEvent is closed."),
        };
        entries.Add(new FollowedEntry(Convert.ToBase64String(entry.ToBytes()), openings));
        return openings;
    }

    /// <summary>What the keyholder is told: entries, and a good checkpoint after the last of them.</summary>
    public KeyholderRequest.Follow Message(ulong from, ulong to) => new(from, entries[(int)from..(int)to], Checkpoint(to));

    /// <summary>Has the keyholder follow up to a size, or all.</summary>
    public async Task<KeyholderResponse> FollowAsync(ulong? to = null)
    {
        var answer = await ExchangeAsync(keyholder, Message(Followed, to ?? Size));
        Followed = answer is KeyholderResponse.Followed followed ? followed.Size : Followed;
        return answer;
    }

    /// <summary>Writes an entry, and has the keyholder follow it.</summary>
    public async Task<KeyholderResponse> AppendAsync(LogEvent happened, DateOnly? day = null)
    {
        Add(happened, day);
        return await FollowAsync();
    }

    /// <summary>Writes what the keyholder has for the log, as a server does.</summary>
    public async Task HearAsync()
    {
        var identity = (KeyholderResponse.Identity)await ExchangeAsync(keyholder, new KeyholderRequest.Hello());
        Assert.IsType<KeyholderResponse.Followed>(await AppendAsync(new KeyholderStarted(identity.Mark!)));
    }

    /// <summary>Takes entries back that nobody followed.</summary>
    public void Forget(ulong from) => entries.RemoveRange((int)from, entries.Count - (int)from);

    public string Checkpoint(ulong size) => SignedNote.Sign(new Checkpoint(signer.Verifier.Name, size, Merkle.Root(Leaves(size))).ToString(), clock.Now, signer).ToString();

    public IReadOnlyList<string> Proof(ulong index) => [.. Merkle.Path(Leaves(Size), (int)index).Select(h => h.ToString())];

    private Hash[] Leaves(ulong size) => [.. entries.Take((int)size).Select(e => Merkle.Leaf(Convert.FromBase64String(e.Entry)))];
}
