using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Server.Features.SignIn.Oidc;

/// <summary>An account at the provider, and whose it is.</summary>
/// <param name="Person">Person id.</param>
/// <param name="Since">Since when.</param>
/// <param name="Claimed">Roles that its groups asked for when it signed in last.</param>
internal sealed record ProviderAccount(string Person, DateTimeOffset Since, IReadOnlyList<string> Claimed);

/// <summary>
/// Which account at the provider is whose: one each. An address finds the person once; from then on issuer and subject do, so that an address that is given to
/// somebody else brings them nowhere.
/// </summary>
internal sealed class ProviderAccounts(IDatabase database, GroupCommitWriter writer, ServerKeys keys)
{
    /// <summary>Whose an account is; null when it is nobody's yet.</summary>
    public ProviderAccount? Find(string issuer, string subject)
    {
        var id = RefOf(issuer, subject);
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<byte[]>("SELECT sealed FROM provider_accounts WHERE id = @id", new { id }) is { } box
            ? JsonSerializer.Deserialize(keys.Box.Open(box, "provider account " + id), ProviderAccountJson.Default.ProviderAccount)
            : null;
    }

    /// <summary>Makes an account somebody's, or keeps what changed; false when that person has another.</summary>
    public async Task<bool> KeepAsync(string issuer, string subject, ProviderAccount account)
    {
        var id = RefOf(issuer, subject);
        var row = new { id, holder = HolderOf(account.Person), box = keys.Box.Seal(JsonSerializer.SerializeToUtf8Bytes(account, ProviderAccountJson.Default.ProviderAccount), "provider account " + id) };
        return await writer.WriteAsync((c, t) => c.Execute("UPDATE provider_accounts SET sealed = @box WHERE id = @id AND holder_ref = @holder", row, t) == 1
            || c.Execute("INSERT INTO provider_accounts (id, holder_ref, sealed) VALUES (@id, @holder, @box) ON CONFLICT DO NOTHING", row, t) == 1);
    }

    /// <summary>Whether somebody has one.</summary>
    public bool Has(string person)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>("SELECT count(*) FROM provider_accounts WHERE holder_ref = @holder", new { holder = HolderOf(person) }) > 0;
    }

    /// <summary>Lets somebody's account go: the next that has their address becomes theirs. False when there was none.</summary>
    public async Task<bool> ReleaseAsync(string person) =>
        await writer.WriteAsync((c, t) => c.Execute("DELETE FROM provider_accounts WHERE holder_ref = @holder", new { holder = HolderOf(person) }, t)) > 0;

    private string RefOf(string issuer, string subject) => keys.Reference("provider account", issuer + "\n" + subject);

    private string HolderOf(string person) => keys.Reference("provider account holder", person);
}

/// <summary>Serialization of accounts.</summary>
[JsonSerializable(typeof(ProviderAccount))]
internal sealed partial class ProviderAccountJson : JsonSerializerContext;
