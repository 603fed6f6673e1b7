using System.CommandLine;
using Daylight.Cli.Server;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Hosting;

namespace Daylight.Cli;

/// <summary>A data folder's layout.</summary>
internal sealed record DataFolder(string Path)
{
    public string Server => System.IO.Path.Combine(Path, "server");

    public string Keyholder => System.IO.Path.Combine(Path, "keyholder");

    public string Agent => System.IO.Path.Combine(Path, "agent");

    public string DefaultKeys => System.IO.Path.GetFullPath(Path).TrimEnd('/', '\\') + ".keys";
}

/// <summary>How a command reaches a server, and in whose name: a URL or a data folder, and a key, a persona of the demo, or a token.</summary>
internal sealed class Connection
{
    public Option<string?> ServerUrl { get; } = new("--server") { Description = "URL of the server", HelpName = "URL" };

    public Option<string?> Data { get; } = new("--data") { Description = "Data folder of a running server", HelpName = "DIR" };

    public Option<string[]> Key { get; } = new("--key") { Description = "Your credential (PEM); twice where two must sign", HelpName = "FILE" };

    public Option<string[]> As { get; } = new("--as") { Description = "A persona of the demo, whose keys the demo holds", HelpName = "PERSONA" };

    public Option<string?> Token { get; } = new("--token") { Description = "A token, instead of a credential", HelpName = "TOKEN" };

    public void AddTo(Command command)
    {
        command.Add(ServerUrl);
        command.Add(Data);
        command.Add(Key);
        command.Add(As);
        command.Add(Token);
    }

    /// <summary>The credentials that were named.</summary>
    public IReadOnlyList<CredentialKey> Keys(ParseResult parsed)
    {
        var files = (parsed.GetValue(Key) ?? []).ToList();
        foreach (var persona in parsed.GetValue(As) ?? [])
        {
            var folder = parsed.GetValue(Data) ?? throw new UsageException("--as goes with --data: the folder of the demo.");
            var file = Path.Combine(new DataFolder(folder).DefaultKeys, "personas", persona + ".pem");
            files.Add(File.Exists(file) ? file : throw new UsageException($"There is no persona '{persona}' there. Personas: {string.Join(", ", Personas(folder))}."));
        }

        return [.. files.Select(f => File.Exists(f) ? CredentialKey.FromPem(File.ReadAllText(f)) : throw new UsageException($"There is no file {f}."))];
    }

    /// <summary>The first credential.</summary>
    public CredentialKey OneKey(ParseResult parsed) => Keys(parsed) is [var key, ..] ? key : throw new UsageException("This needs a person's signature: --key FILE, or in the demo --as PERSONA.");

    /// <summary>Reaches the server as who was named; also says which trust root it has.</summary>
    public async Task<(ApiClient Api, TrustRoot Root)> ConnectAsync(ParseResult parsed, CancellationToken cancel)
    {
        var http = Http(parsed);
        var bytes = (await ApiClient.WithToken(http, null).GetBytesAsync("/api/v1/trust-root", cancel)).OrThrow();
        var root = TrustRoot.TryRead(bytes) ?? throw new InvalidOperationException("That server shows no trust root. Is it a Daylight server, and was it set up?");
        var api = parsed.GetValue(Token) is { } token ? ApiClient.WithToken(http, token)
            : Keys(parsed) is [var key, ..] ? ApiClient.WithCredential(http, key, root.Fingerprint, TimeProvider.System)
            : ApiClient.WithToken(http, null);
        return (api, root);
    }

    /// <summary>The HTTP client to the server that was named.</summary>
    public HttpClient Http(ParseResult parsed)
    {
        if (parsed.GetValue(ServerUrl) is { } url)
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var uri) ? new HttpClient { BaseAddress = uri } : throw new UsageException($"'{url}' is not a URL; one looks like http://localhost:8080");
        }

        if (parsed.GetValue(Data) is not { } data)
        {
            throw new UsageException("Say which server: --server URL, or --data DIR for one that runs on this machine.");
        }

        var socket = ServerOptions.ControlSocketOf(new DataFolder(data).Server);
        return File.Exists(socket) ? DaylightServer.ControlClient(socket) : throw new InvalidOperationException($"No server runs on {data}. Start it with: daylight serve --data {data}");
    }

    private static IEnumerable<string> Personas(string folder)
    {
        var personas = Path.Combine(new DataFolder(folder).DefaultKeys, "personas");
        return Directory.Exists(personas) ? Directory.EnumerateFiles(personas, "*.pem").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal) : [];
    }
}
