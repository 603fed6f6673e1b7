using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Daylight.Server.Features.SignIn.Local;

/// <summary>How somebody came in by password.</summary>
internal enum PasswordWay
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>With an authenticator's code.</summary>
    Authenticator,

    /// <summary>With a recovery code, which is gone now.</summary>
    Recovery,

    /// <summary>Not now: too many wait to be checked.</summary>
    Busy,
}

/// <summary>Passwords with an authenticator app: the fallback of people who have no passkey at hand. Neither opens or approves anything.</summary>
internal sealed class Passwords(IDatabase database, GroupCommitWriter writer, ServerKeys keys, ServerOptions options, TimeProvider time) : IDisposable
{
    /// <summary>How many recovery codes somebody gets.</summary>
    public const int RecoveryCodes = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly PasswordHasher<PasskeyUser> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = options.PasswordIterations }));

    // Nobody's: whoever types an address that nobody has waits as long as everybody.
    private string? nobodys;

    // Hashing is slow on purpose: it takes half of the cores at the most away from everything else.
    private readonly SemaphoreSlim turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Hashes a password. Slow on purpose.</summary>
    public string HashOf(string password) => hasher.HashPassword(null!, password);

    /// <summary>Somebody's; null when they have set none.</summary>
    public PasswordAccount? Of(string person) => Find(person)?.Account;

    /// <summary>Sets it; returns the recovery codes, which are readable now and never again.</summary>
    public async Task<IReadOnlyList<string>> SetAsync(string person, string hash, byte[] secret, long step)
    {
        IReadOnlyList<string> codes = [.. Enumerable.Range(0, RecoveryCodes).Select(_ => TypedCode.New(12, 4))];
        var box = Seal(new PasswordAccount(person, hash, secret, step, [.. codes.Select(RefOf)], time.GetUtcNow()));
        await writer.WriteAsync((c, t) => c.Execute(
            "INSERT INTO password_accounts (holder_ref, version, sealed) VALUES (@holder, 1, @box) ON CONFLICT (holder_ref) DO UPDATE SET version = password_accounts.version + 1, sealed = excluded.sealed",
            new { holder = HolderOf(person), box }, t));
        return codes;
    }

    /// <summary>Ends it; false when there was none.</summary>
    public async Task<bool> EndAsync(string person) => await writer.WriteAsync((c, t) => c.Execute("DELETE FROM password_accounts WHERE holder_ref = @holder", new { holder = HolderOf(person) }, t)) > 0;

    /// <summary>Whether a password and a second factor are somebody's. Each code serves once, also where two bring it at the same moment.</summary>
    /// <param name="person">Who they say they are; null for an address that nobody has, which takes as long.</param>
    /// <param name="password">Their password.</param>
    /// <param name="second">An authenticator's code, or a recovery code.</param>
    public async Task<PasswordWay> CheckAsync(string? person, string password, string second)
    {
        var found = person is null ? null : Find(person);
        if (!await turns.WaitAsync(Patience))
        {
            return PasswordWay.Busy; // a flood waits in no queue
        }

        try
        {
            nobodys ??= HashOf(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
            if (hasher.VerifyHashedPassword(null!, found?.Account.Hash ?? nobodys, password) == PasswordVerificationResult.Failed || found is null)
            {
                return PasswordWay.None;
            }
        }
        finally
        {
            turns.Release();
        }

        var account = found.Account;
        if (PasswordAccount.StepOf(account.Secret, second, time.GetUtcNow()) is { } step)
        {
            return step > account.LastStep && await KeepAsync(found, account with { LastStep = step }) ? PasswordWay.Authenticator : PasswordWay.None;
        }

        var used = RefOf(second);
        return account.Recovery.Contains(used) && await KeepAsync(found, account with { Recovery = [.. account.Recovery.Where(r => r != used)] }) ? PasswordWay.Recovery : PasswordWay.None;
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private sealed record Stored(long Version, PasswordAccount Account);

    private Stored? Find(string person)
    {
        var holder = HolderOf(person);
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<(long Version, byte[]? Sealed)>("SELECT version, sealed FROM password_accounts WHERE holder_ref = @holder", new { holder }) is { Sealed: { } box } row
            ? new Stored(row.Version, JsonSerializer.Deserialize(keys.Box.Open(box, "password " + holder), PasswordJson.Default.PasswordAccount)!)
            : null;
    }

    /// <summary>Keeps what changed; false when somebody else changed it meanwhile.</summary>
    private async Task<bool> KeepAsync(Stored before, PasswordAccount after)
    {
        var row = new { holder = HolderOf(after.Person), before.Version, box = Seal(after) };
        return await writer.WriteAsync((c, t) => c.Execute("UPDATE password_accounts SET version = version + 1, sealed = @box WHERE holder_ref = @holder AND version = @Version", row, t)) == 1;
    }

    private byte[] Seal(PasswordAccount account) => keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(account, PasswordJson.Default.PasswordAccount), "password " + HolderOf(account.Person));

    private string HolderOf(string person) => keys.Reference("password holder", person);

    private string RefOf(string code) => keys.Reference("recovery code", TypedCode.Plain(code));
}
