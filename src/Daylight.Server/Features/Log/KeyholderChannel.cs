using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Daylight.Protocol;

namespace Daylight.Server.Features.Log;

/// <summary>A keyholder in a process of its own: over its Unix socket, or over HTTPS where each side knows the other's certificate. The messages are those of one process.</summary>
public sealed class KeyholderChannel : IKeyholderChannel, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient http;

    private KeyholderChannel(SocketsHttpHandler handler, Uri address) => http = new HttpClient(handler) { BaseAddress = address, Timeout = Patience };

    /// <summary>Reaches a keyholder over its socket.</summary>
    public static KeyholderChannel OverSocket(string path) => new(
        new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        },
        new Uri("http://keyholder"));

    /// <summary>Reaches a keyholder over HTTPS.</summary>
    /// <param name="address">Its URL.</param>
    /// <param name="own">The server's certificate, with its key.</param>
    /// <param name="keyholder">The one certificate that the keyholder may show.</param>
    public static KeyholderChannel OverHttps(Uri address, X509Certificate2 own, X509Certificate2 keyholder) => new(
        new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [own],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => own,
                RemoteCertificateValidationCallback = PinnedTls.Only(keyholder),
            },
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        },
        address);

    /// <inheritdoc/>
    public async Task<byte[]> ExchangeAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        using var content = new ReadOnlyMemoryContent(message);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await http.PostAsync("/v1/exchange", content, cancel);
        return answer.IsSuccessStatusCode
            ? await answer.Content.ReadAsByteArrayAsync(cancel)
            : throw new HttpRequestException($"The keyholder answers {(int)answer.StatusCode}.");
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
