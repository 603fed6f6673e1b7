using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Daylight.Keyholder;

/// <summary>Where a keyholder of its own process listens.</summary>
public abstract record KeyholderAddress
{
    private KeyholderAddress()
    {
    }

    /// <summary>A Unix socket: whoever may open the file is the server.</summary>
    public sealed record Socket(string Path) : KeyholderAddress
    {
        /// <inheritdoc/>
        public override string ToString() => "unix://" + Path;
    }

    /// <summary>HTTPS with mutual authentication.</summary>
    /// <param name="Address">Address to listen on; null listens on every one.</param>
    /// <param name="Port">Port; 0 takes a free one.</param>
    /// <param name="Own">The keyholder's certificate, with its key.</param>
    /// <param name="Server">The server's certificate: nobody else is answered.</param>
    public sealed record Https(IPAddress? Address, int Port, X509Certificate2 Own, X509Certificate2 Server) : KeyholderAddress
    {
        /// <inheritdoc/>
        public override string ToString() => $"https://{Address?.ToString() ?? "*"}:{Port}";
    }
}

/// <summary>A keyholder as a process of its own. The server's messages come over a Unix socket, or over HTTPS with a pinned certificate; a signed pause from anybody.</summary>
public sealed class KeyholderHost : IAsyncDisposable
{
    private const int MostMessage = 512 * 1024 * 1024;
    private const int MostPause = 16 * 1024;

    private readonly WebApplication app;

    private KeyholderHost(WebApplication app) => this.app = app;

    /// <summary>URLs that it serves on.</summary>
    public IEnumerable<string> Urls => app.Urls;

    /// <summary>Serves.</summary>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<KeyholderHost> StartAsync(KeyholderService keyholder, KeyholderAddress address, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostMessage;
            Listen(kestrel, address);
        });
        var app = builder.Build();
        app.MapGet("/healthz", async (CancellationToken stop) => await TroubleAsync(keyholder, stop) is { } trouble
            ? Results.Text(trouble + "\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("ready\n"));
        app.MapPost("/v1/exchange", async (HttpContext context, CancellationToken stop) =>
            address is KeyholderAddress.Https https && !PinnedTls.Matches(context.Connection.ClientCertificate, https.Server)
                ? Results.StatusCode(StatusCodes.Status403Forbidden)
                : Results.Bytes(await keyholder.ExchangeAsync(await ReadAsync(context, MostMessage, stop), stop), "application/json"));
        app.MapPost("/v1/pause", async (HttpContext context, CancellationToken stop) => Results.Bytes(
            await keyholder.ExchangeAsync(Pause(await ReadAsync(context, MostPause, stop)), stop), "application/json"));
        await app.StartAsync(cancel);
        if (address is KeyholderAddress.Socket socket && !OperatingSystem.IsWindows())
        {
            // The owner and its group: a server that runs as another user shares the group.
            File.SetUnixFileMode(socket.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        }

        return new KeyholderHost(app);
    }

    /// <summary>Waits until the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancel) => app.WaitForShutdownAsync(cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static void Listen(KestrelServerOptions kestrel, KeyholderAddress address)
    {
        switch (address)
        {
            case KeyholderAddress.Socket socket:
                Folders.MakePrivate(Path.GetDirectoryName(Path.GetFullPath(socket.Path))!);
                ClearSocket(socket.Path);
                kestrel.ListenUnixSocket(Path.GetFullPath(socket.Path));
                break;
            case KeyholderAddress.Https https:
                kestrel.Listen(https.Address ?? IPAddress.IPv6Any, https.Port, listen => listen.UseHttps(tls =>
                {
                    tls.ServerCertificate = https.Own;
                    tls.ClientCertificateMode = ClientCertificateMode.AllowCertificate; // a pause comes without one
                    tls.ClientCertificateValidation = (shown, _, _) => PinnedTls.Matches(shown, https.Server);
                }));
                break;
            default:
                throw new InvalidOperationException("KeyholderAddress is closed.");
        }
    }

    /// <summary>Takes away a socket that a killed process left; never one that is answered, nor anything that is no socket.</summary>
    private static void ClearSocket(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        if (new FileInfo(path).Length > 0)
        {
            throw new InvalidOperationException($"{path} is not a socket, and is left as it is. Name another path.");
        }

        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Connect(new UnixDomainSocketEndPoint(Path.GetFullPath(path)));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new InvalidOperationException($"Another process listens on {path}. Stop it first, or name another path.");
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, int most, CancellationToken stop)
    {
        using var body = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, stop)) > 0;)
        {
            if (body.Length + read > most)
            {
                return ReadOnlyMemory<byte>.Empty;
            }

            body.Write(buffer, 0, read);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static ReadOnlyMemory<byte> Pause(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, SealingJson.Default.SignedStatement) is { } signed
                ? JsonSerializer.SerializeToUtf8Bytes(new KeyholderRequest.Pause(signed), ProtocolJson.Default.KeyholderRequest)
                : ReadOnlyMemory<byte>.Empty;
        }
        catch (JsonException)
        {
            return ReadOnlyMemory<byte>.Empty;
        }
    }

    private static async Task<string?> TroubleAsync(KeyholderService keyholder, CancellationToken stop)
    {
        var hello = JsonSerializer.SerializeToUtf8Bytes(new KeyholderRequest.Hello(), ProtocolJson.Default.KeyholderRequest);
        return JsonSerializer.Deserialize(await keyholder.ExchangeAsync(hello, stop), ProtocolJson.Default.KeyholderResponse) switch
        {
            KeyholderResponse.Identity identity => identity.Trouble,
            KeyholderResponse.Refused refused => refused.Message,
            _ => "it answers something else",
        };
    }
}
