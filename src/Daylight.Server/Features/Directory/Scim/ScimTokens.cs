using System.Security.Cryptography;
using System.Text;
using Dapper;
using Daylight.Protocol;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Daylight.Transparency;
using Microsoft.AspNetCore.Http;

namespace Daylight.Server.Features.Directory.Scim;

/// <summary>Tokens of provisioning clients: they reach <c>/scim/v2</c> and nothing else. Only a hash is stored.</summary>
internal sealed class ScimTokens(IDatabase database, GroupCommitWriter writer, ServerKeys keys, TimeProvider time)
{
    /// <summary>Stands where a person would: no person has this id, and no caller is found by it.</summary>
    public const string Holder = "\nscim";

    /// <summary>Makes a token.</summary>
    public async Task<ScimToken> MakeAsync(int days)
    {
        var token = "dls_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var until = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(days);
        var hash = HashOf(token);
        var box = keys.Box.Seal(Encoding.UTF8.GetBytes(Holder), "token " + hash);
        await writer.WriteAsync((c, t) => c.Execute("INSERT INTO tokens (hash, sealed, until) VALUES (@hash, @box, @until)", new { hash, box, until = Sql.Day(until) }, t));
        return new ScimToken(token, until);
    }

    /// <summary>Whether a request carries one.</summary>
    public bool IsClient(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer dls_", StringComparison.Ordinal))
        {
            return false;
        }

        var hash = HashOf(header["Bearer ".Length..].Trim());
        using var connection = database.Open();
        var (box, until) = connection.QuerySingleOrDefault<(byte[]?, string?)>("SELECT sealed, until FROM tokens WHERE hash = @hash", new { hash });
        return box is not null && Sql.Day(until!) >= DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime) && Encoding.UTF8.GetString(keys.Box.Open(box, "token " + hash)) == Holder;
    }

    private static string HashOf(string token) => Hash.Of(Encoding.UTF8.GetBytes(token)).ToHex();
}
