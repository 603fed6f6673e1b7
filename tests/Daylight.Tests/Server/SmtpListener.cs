using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Daylight.Tests.Server;

/// <summary>Enough of RFC 5321 to receive what the platform's client sends; some mailboxes are gone.</summary>
internal sealed class SmtpListener : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Task serving;

    public SmtpListener(string? refuses = null)
    {
        listener.Start();
        serving = ServeAsync(refuses);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Mails with their envelope's recipient.</summary>
    public ConcurrentQueue<(string To, string Text)> Received { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Stop();
        await serving;
        end.Dispose();
        listener.Dispose();
    }

    private async Task ServeAsync(string? refuses)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(end.Token);
                await TalkAsync(client, refuses);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(TcpClient client, string? refuses)
    {
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 test");
        var to = string.Empty;
        while (await reader.ReadLineAsync(end.Token) is { } line)
        {
            if (line.StartsWith("RCPT", StringComparison.Ordinal))
            {
                to = line.Split('<', '>')[1];
                await writer.WriteLineAsync(to == refuses ? $"550 no mailbox {to}" : "250 ok");
            }
            else if (line == "DATA")
            {
                await writer.WriteLineAsync("354 go on");
                var text = new StringBuilder();
                while (await reader.ReadLineAsync(end.Token) is { } part && part != ".")
                {
                    text.AppendLine(part);
                }

                Received.Enqueue((to, text.ToString().ReplaceLineEndings("\n").Replace("=\n", "", StringComparison.Ordinal))); // soft breaks of quoted-printable
                await writer.WriteLineAsync("250 ok");
            }
            else
            {
                await writer.WriteLineAsync(line.StartsWith("QUIT", StringComparison.Ordinal) ? "221 bye" : "250 ok");
            }
        }
    }
}
