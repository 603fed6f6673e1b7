using System.Net;
using System.Net.Sockets;
using System.Text;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Logs;

/// <summary>A server of somebody else's log: static files as tlog-tiles says, under a path of its own, which a test can change or close.</summary>
internal sealed class TileServer : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task serving;

    public TileServer(MemoryLog log)
    {
        Log = log;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/logs/2026/";
        }

        listener.Prefixes.Add(Url);
        listener.Start();
        serving = Task.Run(ServeAsync);
    }

    public string Url { get; }

    public MemoryLog Log { get; set; }

    /// <summary>What tiles and entries want; null when they are open to all.</summary>
    public string? Token { get; set; }

    /// <summary>Answers everything with this instead.</summary>
    public int? Status { get; set; }

    public void Dispose()
    {
        listener.Close();
        _ = serving.ContinueWith(static done => _ = done.Exception, TaskScheduler.Default); // closing is how it ends
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            var context = await listener.GetContextAsync();
            var name = context.Request.Url!.AbsolutePath["/logs/2026/".Length..];
            var bytes = name switch
            {
                "checkpoint" => Log.Checkpoint,
                "vkey" => Encoding.UTF8.GetBytes(MemoryLog.Signer.Verifier + "\n"),
                _ => Log.Files.GetValueOrDefault(name),
            };
            var closed = Token is not null && name.StartsWith("tile/", StringComparison.Ordinal) && context.Request.Headers["Authorization"] != "Bearer " + Token;
            context.Response.StatusCode = Status ?? (closed ? 401 : bytes is null ? 404 : 200);
            if (context.Response.StatusCode == 200)
            {
                await context.Response.OutputStream.WriteAsync(bytes);
            }

            context.Response.Close();
        }
    }
}
