using System.Net;
using System.Text;
using Daylight.Storage;
using Daylight.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Daylight.Witness;

/// <summary>A witness over HTTP (C2SP tlog-witness): cosigns a checkpoint of a log that it watches when the log only appended. Reads no entry.</summary>
public sealed partial class WitnessHost : IAsyncDisposable
{
    /// <summary>Most bytes of a request: 63 hashes and a checkpoint with 64 signatures, post-quantum ones included.</summary>
    private const int MostBody = 256 * 1024;

    private const int MostConnections = 256;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly WebApplication app;
    private readonly WitnessFolder folder;
    private readonly GroupCommitWriter writer;

    private WitnessHost(WebApplication app, WitnessFolder folder, GroupCommitWriter writer) => (this.app, this.folder, this.writer) = (app, folder, writer);

    /// <summary>What others verify its cosignatures with.</summary>
    public NoteVerifier Verifier => folder.Signer.Verifier;

    /// <summary>The keys of the logs that it watches.</summary>
    public IReadOnlyList<NoteVerifier> Logs => folder.Logs;

    /// <summary>Where it serves.</summary>
    public Uri Url => new(app.Urls.First());

    /// <summary>Whether a witness was made in this folder before.</summary>
    public static bool Exists(string data) => WitnessFolder.Exists(data);

    /// <summary>Opens the folder, or makes key and record on the first run, and serves.</summary>
    /// <param name="options">How.</param>
    /// <param name="time">The clock, whose time it signs.</param>
    /// <param name="cancel">Cancels the start.</param>
    /// <exception cref="IOException">The address is in use.</exception>
    /// <exception cref="InvalidOperationException">Another process uses the folder, or key and record do not belong together; the message says what to do.</exception>
    public static async Task<WitnessHost> StartAsync(WitnessOptions options, TimeProvider time, CancellationToken cancel)
    {
        var folder = WitnessFolder.Open(options, time);
        var writer = new GroupCommitWriter(folder.Database);
        try
        {
            var app = Build(folder, new WitnessRecord(folder.Database, writer, folder.Signer, folder.Logs, time));
            await app.StartAsync(cancel);
            return new WitnessHost(app, folder, writer);
        }
        catch
        {
            await writer.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancel) => app.WaitForShutdownAsync(cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await writer.DisposeAsync();
        folder.Dispose();
    }

    private static WebApplication Build(WitnessFolder folder, WitnessRecord record)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(WitnessHost).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(o => o.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddFilter("Microsoft", LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBody;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            var url = new Uri(folder.Listen);
            if (url.Host == "localhost" && url.Port != 0)
            {
                kestrel.ListenLocalhost(url.Port);
            }
            else
            {
                kestrel.Listen(url.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(url.Host.Trim('[', ']')), url.Port);
            }
        });
        var app = builder.Build();
        var logger = app.Services.GetRequiredService<ILogger<WitnessHost>>();
        app.Use((context, next) => ErrorsAsync(logger, context, next));
        Map(app, folder, record, logger);
        return app;
    }

    private static void Map(WebApplication app, WitnessFolder folder, WitnessRecord record, ILogger logger)
    {
        var origins = folder.Logs.Select(l => l.Name).Distinct(StringComparer.Ordinal).ToDictionary(o => Hash.Of(Encoding.UTF8.GetBytes(o)).ToHex(), StringComparer.Ordinal);
        app.MapPost(WitnessProtocol.Path, async (HttpContext context) =>
        {
            var body = await ReadAsync(context.Request);
            if (body is null || !AddCheckpointRequest.TryParse(body, out var request, out _))
            {
                return Text(400, body is null ? "The body is not UTF-8." : "This is not a request of C2SP tlog-witness.");
            }

            var (decision, cosignature) = await record.AddAsync(request);
            if (decision.ShowsFork)
            {
                Forked(logger, request.Checkpoint.Origin, request.Checkpoint.Size);
            }

            return Answer(decision, cosignature);
        });
        app.MapGet("/{origin}/checkpoint", (string origin) =>
            origins.TryGetValue(origin, out var name) && record.Latest(name) is { } note ? Results.Text(note, "text/plain", Encoding.UTF8) : Text(404, "Nothing was cosigned of a log of that name."));
        app.MapGet("/healthz", () =>
        {
            record.Check();
            return Text(200, "ok");
        });
        app.MapGet("/", () => Text(200, $"""
            This is a witness: {folder.Signer.Verifier.Name}

            It cosigns a log when the log shows that it kept its whole earlier history. It sees sizes and
            hashes, and reads nothing about anybody.

            Its key:     {folder.Signer.Verifier}
            It watches:  {string.Join("\n             ", origins.Values)}
            """));
    }

    private static IResult Answer(WitnessDecision decision, NoteSignature? cosignature) => decision switch
    {
        WitnessDecision.Cosign => Results.Text(cosignature!.ToString(), "text/plain", Encoding.UTF8),
        WitnessDecision.OtherSize other => Results.Text(Encoding.ASCII.GetBytes(other.Body), WitnessProtocol.SizeMediaType, decision.Status),
        WitnessDecision.Malformed => Text(decision.Status, "The old size is larger than the checkpoint's."),
        WitnessDecision.NotSigned => Text(decision.Status, "No key that this witness trusts signed this checkpoint, or one signed it badly."),
        WitnessDecision.UnknownLog => Text(decision.Status, "This witness does not watch a log of that name."),
        WitnessDecision.Inconsistent inconsistent => Text(decision.Status, inconsistent.Why),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static IResult Text(int status, string text) => Results.Text(text + "\n", "text/plain", Encoding.UTF8, status);

    /// <summary>The body as text; null when it is not UTF-8.</summary>
    private static async Task<string?> ReadAsync(HttpRequest request)
    {
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        try
        {
            return Utf8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static async Task ErrorsAsync(ILogger logger, HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && e is not OperationCanceledException)
        {
            // Whatever failed, its transaction was undone and no cosignature left.
            context.Response.Clear();
            if (e is not BadHttpRequestException)
            {
                Failed(logger, e.GetType().Name, e.Message);
            }

            var answer = e switch
            {
                BadHttpRequestException bad => Text(bad.StatusCode, bad.StatusCode == 413 ? $"A request has at most {MostBody} bytes." : "The request cannot be read."),
                ClockException clock => Text(503, clock.Message),
                _ => Text(503, "This witness could not record the checkpoint, so it did not cosign it. Its own log says why."),
            };
            await answer.ExecuteAsync(context);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Nothing was cosigned: {Error}: {Message}")]
    private static partial void Failed(ILogger logger, string error, string message);

    [LoggerMessage(2, LogLevel.Critical, "The log {Origin} signed a second history at size {Size}. It was not cosigned. Both checkpoints are kept: daylight witness status --json")]
    private static partial void Forked(ILogger logger, string origin, ulong size);
}
