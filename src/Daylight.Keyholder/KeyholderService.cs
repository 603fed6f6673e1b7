using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Daylight.Transparency;

namespace Daylight.Keyholder;

/// <summary>The keyholder's door: a message in, a message out. It believes nothing but signatures, proofs and its own copy of the log.</summary>
public sealed class KeyholderService : IKeyholderChannel, IAsyncDisposable
{
    private readonly IDisposable exclusive;
    private readonly GroupCommitWriter writer;
    private readonly KeyVault vault;
    private readonly NoteSigner statementKey;
    private readonly NoteSigner witnessKey;
    private readonly LogFollower log;
    private readonly Opener opener;
    private readonly Counter counter;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim turn = new(1, 1);

    private KeyholderService(IDisposable exclusive, IDatabase database, GroupCommitWriter writer, KeyVault vault, NoteSigner statementKey, NoteSigner witnessKey, TimeProvider time)
    {
        (this.exclusive, this.writer, this.vault, this.time) = (exclusive, writer, vault, time);
        (this.statementKey, this.witnessKey) = (statementKey, witnessKey);
        log = new LogFollower(database, writer, vault, statementKey, witnessKey, time);
        var charters = new CharterShelf(log.Authority);
        opener = new Opener(writer, vault, log, charters, time);
        counter = new Counter(database, writer, vault, log, charters, time);
    }

    /// <summary>Opens a keyholder on its own database.</summary>
    /// <param name="database">Its database; nobody else's.</param>
    /// <param name="keyEncryptionKey">32 bytes from the <c>--keys</c> folder.</param>
    /// <param name="time">Its clock.</param>
    /// <exception cref="CryptographicException">The key-encryption key is not the one that this database was made with.</exception>
    public static async Task<KeyholderService> OpenAsync(IDatabase database, byte[] keyEncryptionKey, TimeProvider time)
    {
        Migrations.Apply(database, typeof(KeyholderService).Assembly);
        var exclusive = database.LockExclusively("this keyholder");
        var writer = new GroupCommitWriter(database);
        var vault = new KeyVault(database, writer, keyEncryptionKey);
        var name = "keyholder-" + Hash.Of(await vault.SeedAsync("name")).ToHex()[..8];
        var statementKey = new NoteSigner(name, NoteKeyType.Ed25519, await vault.SeedAsync("statements"));
        var witnessKey = new NoteSigner(name, NoteKeyType.Cosignature, await vault.SeedAsync("witness"));
        return new KeyholderService(exclusive, database, writer, vault, statementKey, witnessKey, time);
    }

    /// <inheritdoc/>
    public async Task<byte[]> ExchangeAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        KeyholderResponse response;
        try
        {
            response = JsonSerializer.Deserialize(message.Span, ProtocolJson.Default.KeyholderRequest) is { } request
                ? await AnswerAsync(request, cancel)
                : Refuse("message", "an empty message");
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            response = Refuse("message", "not a message of this protocol");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            response = Refuse("internal", $"the keyholder could not do that ({e.GetType().Name}); nothing was opened");
        }

        return JsonSerializer.SerializeToUtf8Bytes(response, ProtocolJson.Default.KeyholderResponse);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await turn.WaitAsync();
        await writer.DisposeAsync();
        exclusive.Dispose();
        turn.Dispose();
    }

    private async Task<KeyholderResponse> AnswerAsync(KeyholderRequest request, CancellationToken cancel)
    {
        // One at a time: a look is answered at a size of the log, and nothing may be followed meanwhile.
        await turn.WaitAsync(cancel);
        try
        {
            return request switch
            {
                KeyholderRequest.Hello => new KeyholderResponse.Identity(statementKey.Verifier.ToString(), witnessKey.Verifier.ToString(), log.Size),
                KeyholderRequest.Follow follow => await log.FollowAsync(follow),
                KeyholderRequest.KeyOf key => await KeyAsync(key),
                KeyholderRequest.StatusOf => Status(),
                KeyholderRequest.Open open => await opener.OpenAsync(open),
                KeyholderRequest.Count count => await counter.CountAsync(count),
                _ => Refuse("message", "an unknown verb"),
            };
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<KeyholderResponse> KeyAsync(KeyholderRequest.KeyOf request)
    {
        if (log.Authority.Program(request.Program).Active is null || log.Authority.Credentials.Values.All(c => c.Person != request.Person))
        {
            return Refuse("key", "there is no such program in force, or the person has no credential");
        }

        var (epoch, key) = await vault.PublicKeyAsync(request.Person, request.Program);
        var statement = new KeyStatement(log.Authority.RootHash, time.GetUtcNow(), request.Person, request.Program, epoch, Convert.ToBase64String(key));
        return new KeyholderResponse.Statements([statement.Sign(statementKey)]);
    }

    private KeyholderResponse.Statements Status() => new([.. log.Authority.Programs.Select(p => new StatusStatement(
        log.Authority.RootHash,
        time.GetUtcNow(),
        p.Key,
        p.Value.Active ?? string.Empty,
        p.Value.PausedBy is not null ? "paused" : p.Value.Active is not null ? "active" : "none",
        log.Size,
        log.Root.ToString()).Sign(statementKey))]);

    private static KeyholderResponse.Refused Refuse(string code, string message) => new(code, message);
}
