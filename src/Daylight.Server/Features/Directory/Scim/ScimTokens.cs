using Daylight.Protocol;
using Daylight.Server.Features.SignIn;
using Microsoft.AspNetCore.Http;

namespace Daylight.Server.Features.Directory.Scim;

/// <summary>Tokens of provisioning clients: they reach <c>/scim/v2</c> and nothing else.</summary>
internal sealed class ScimTokens(Tokens tokens)
{
    /// <summary>Stands where a person would: no person has this id, and no caller is found by it.</summary>
    private const string Holder = "\nscim";

    private const string Prefix = "dls_";

    /// <summary>Makes a token.</summary>
    public async Task<ScimToken> MakeAsync(int days)
    {
        var made = await tokens.MakeAsync(Prefix, Holder, "provisioning", Tokens.All, days);
        return new ScimToken(made.Token, made.Until);
    }

    /// <summary>Whether a request carries one.</summary>
    public async Task<bool> IsClientAsync(HttpContext context) =>
        Tokens.OfBearer(context) is { } token && token.StartsWith(Prefix, StringComparison.Ordinal) && await tokens.FindAsync(token) is { Held.Holder: Holder };
}
