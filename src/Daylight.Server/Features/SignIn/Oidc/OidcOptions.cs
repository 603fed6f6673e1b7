namespace Daylight.Server.Features.SignIn.Oidc;

/// <summary>The company's identity provider: anything that speaks OpenID Connect with discovery.</summary>
public sealed class OidcOptions
{
    /// <summary>Roles that a group may ask for. Those that open people's days, or judge over it, no claim asks for.</summary>
    public static readonly IReadOnlyList<string> ClaimableRoles = ["analyst", "auditor", "operator", "program-owner", "security", "workplace-planner"];

    /// <summary>The issuer, as its tokens name it: <c>https</c>, or <c>http</c> on this machine.</summary>
    public required string Issuer { get; init; }

    /// <summary>What this installation is called at the provider.</summary>
    public required string ClientId { get; init; }

    /// <summary>Its secret; null for a public client. PKCE is used in any case.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What people know the provider as.</summary>
    public required string Name { get; init; }

    /// <summary>The claim that holds somebody's address in the directory.</summary>
    public string AddressClaim { get; init; } = "email";

    /// <summary>Whether the provider's addresses are the company's own, so that <c>email_verified</c> is not asked for. Off by default: at some providers anybody writes there what they like.</summary>
    public bool TrustAddress { get; init; }

    /// <summary>The claim that holds groups; null where none is read.</summary>
    public string? GroupsClaim { get; init; }

    /// <summary>Which group stands for which role. A group asks for a role; who grants it signs.</summary>
    public IReadOnlyDictionary<string, string> RoleOfGroup { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether a URL may be spoken to: TLS, or this machine.</summary>
    public static bool IsSafe(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
}
