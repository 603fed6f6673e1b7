using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Agent.ActivityWatch;
using Daylight.Agent.Collecting;
using Daylight.Agent.Intake;
using Daylight.Agent.LocalPage;
using Daylight.Agent.OwnTracks;
using Daylight.Agent.Platform;
using Daylight.Agent.Sending;
using Daylight.Agent.Store;
using Daylight.Agent.Timesheets;
using Daylight.Agent.Trust;
using Daylight.Agent.WakaTime;
using Daylight.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Daylight.Agent;

/// <summary>Everything that a running agent is made of.</summary>
/// <param name="Options">How it is set up.</param>
/// <param name="Store">What leaves and what is known.</param>
/// <param name="Raw">Raw events.</param>
/// <param name="Book">Which charter applies when.</param>
/// <param name="Pauses">What counts for nothing.</param>
/// <param name="Reasons">Why a program was paused, where its charter asks.</param>
/// <param name="Person">The person's time.</param>
/// <param name="Minimizers">Charters, compiled.</param>
/// <param name="Outbox">What is about to leave.</param>
/// <param name="Sender">What sends.</param>
/// <param name="Schedule">When.</param>
/// <param name="Admittance">What may enter.</param>
/// <param name="Timesheets">Timer and timesheet.</param>
/// <param name="Enrollment">Pins.</param>
/// <param name="Time">The clock.</param>
internal sealed record AgentParts(
    AgentOptions Options,
    AgentStore Store,
    RawStore Raw,
    CharterBook Book,
    Pauses Pauses,
    PauseReasons Reasons,
    PersonTime Person,
    Minimizers Minimizers,
    Outbox Outbox,
    Sender Sender,
    Schedule Schedule,
    Admittance Admittance,
    TimesheetBook Timesheets,
    Enrollment Enrollment,
    TimeProvider Time)
{
    /// <summary>Pauses one program or everything; returns what is missing instead, where a charter asks for a reason and none was given.</summary>
    public async Task<string?> PauseAsync(string? program, DateTimeOffset? until, string reason)
    {
        if (program is not null && Reasons.AskedBy(program) is { } charter)
        {
            if (string.IsNullOrWhiteSpace(reason))
            {
                return $"The charter of {program} asks for a reason when you pause it; it goes, sealed, to {PauseReasons.Readers(charter)}. Nothing was paused.";
            }

            await Reasons.AddAsync(program, until is { } end ? (int)(end - Time.GetUtcNow()).TotalMinutes : null, reason.Trim());
        }

        await Pauses.PauseAsync(program, until);
        return null;
    }

    /// <summary>Puts what the person says beside the records of a day that a program covers.</summary>
    /// <exception cref="UnverifiableException">The server could not prove that the program is in force, or it did not collect on that day.</exception>
    public Task<SendOutcome> CorrectAsync(string program, DateOnly day, string text, CancellationToken cancel)
    {
        var page = Book.On(program, day) ?? throw new UnverifiableException($"{program} collected nothing on {Sql.Day(day)} here");
        var said = new Protocol.PayloadRecord(Person.Local.At(day, 0), 0, new Dictionary<string, string>(StringComparer.Ordinal) { ["text"] = text });
        return Sender.HandInAsync(program, (verified, who, device) => [ChunkSealer.Correction(verified with { Hash = page.Hash }, who, device, Sql.Day(day), said)], (_, _) => { }, cancel);
    }

    /// <summary>Why nothing is collected of the person for a program today; null when something is.</summary>
    public string? Against(VerifiedProgram program) => program.Choice.Against(program.Charter)
        ?? (program.Paused ? "it is paused"
        : Book.On(program.Charter.Program, Person.Today) is not null ? null
        : Book.Newest(program.Charter.Program) is { Since: var since } && since > Person.Today ? $"it begins on {Sql.Day(since)}"
        : "its days are over, or have not begun");

    /// <summary>How many days raw events stay, as the person set it.</summary>
    public int RawDays => Store.State("raw-days") is { } days ? int.Parse(days, System.Globalization.CultureInfo.InvariantCulture) : Options.RawDays;
}

/// <summary>The employee's side: takes what watchers report, keeps it here, and sends what a verified charter names.</summary>
public sealed class AgentHost : IAsyncDisposable
{
    private readonly AgentParts parts;
    private readonly WebApplication app;
    private readonly IDisposable exclusive;
    private readonly GroupCommitWriter[] writers;
    private readonly CancellationTokenSource stopping = new();
    private readonly AgentLoop loop;
    private Task running = Task.CompletedTask;

    private AgentHost(AgentParts parts, WebApplication app, IDisposable exclusive, GroupCommitWriter[] writers, AwEndpoints activityWatch)
    {
        (this.parts, this.app, this.exclusive, this.writers, ActivityWatch) = (parts, app, exclusive, writers, activityWatch);
        loop = new AgentLoop(parts);
    }

    /// <summary>Where watchers find it.</summary>
    public string Url => $"http://127.0.0.1:{parts.Options.Port}";

    internal AwEndpoints ActivityWatch { get; }

    internal AgentParts Parts => parts;

    /// <summary>Opens the stores and serves on the loopback address.</summary>
    /// <param name="options">How.</param>
    /// <param name="server">Reaches the server; null uses the enrolled address.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Cancels the start.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    /// <exception cref="InvalidOperationException">Another agent uses this folder, or the key of raw events cannot be had.</exception>
    public static async Task<AgentHost> StartAsync(AgentOptions options, HttpClient? server, TimeProvider time, CancellationToken cancel)
    {
        Folders.MakePrivate(options.Data);
        var known = new SqliteDatabase(Path.Combine(options.Data, "agent.db"));
        var exclusive = known.LockExclusively("this agent's folder");
        var writers = new List<GroupCommitWriter>();
        WebApplication? app = null;
        try
        {
            var (parts, activityWatch) = await MakeAsync(options, known, writers, server, time);
            var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
            app = Build(parts, activityWatch, secret);
            await app.StartAsync(cancel);
            var runtime = JsonSerializer.Serialize(new AgentRuntime(options.Port, secret), AgentJson.Default.AgentRuntime);
            Folders.WritePrivate(options.RuntimeFile, runtime);
            TellWhereItIs(runtime);
            var host = new AgentHost(parts, app, exclusive, [.. writers], activityWatch);
            if (options.RunInBackground)
            {
                host.running = Task.WhenAll(
                    Task.Run(() => host.loop.RunAsync(host.stopping.Token), CancellationToken.None),
                    Task.Run(() => new ChangeWatch(parts.Sender, time).RunAsync(host.stopping.Token), CancellationToken.None));
            }

            return host;
        }
        catch
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            foreach (var writer in writers)
            {
                await writer.DisposeAsync();
            }

            exclusive.Dispose();
            throw;
        }
    }

    /// <summary>Sends everything now.</summary>
    public Task<SendOutcome> FlushAsync(CancellationToken cancel) => parts.Sender.SendAsync(all: true, cancel);

    /// <summary>One round of what the agent does by itself; for those who drive it step by step.</summary>
    internal Task RoundAsync(CancellationToken cancel) => loop.RoundAsync(cancel);

    /// <summary>Waits until the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancel) => app.WaitForShutdownAsync(cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        await app.StopAsync();
        await app.DisposeAsync();
        foreach (var writer in writers)
        {
            await writer.DisposeAsync();
        }

        ActivityWatch.Dispose();
        parts.Sender.Dispose();
        parts.Minimizers.Dispose();
        if (File.Exists(parts.Options.RuntimeFile))
        {
            File.Delete(parts.Options.RuntimeFile);
        }

        exclusive.Dispose();
        stopping.Dispose();
    }

    internal static async Task<(AgentParts Parts, AwEndpoints ActivityWatch)> MakeAsync(AgentOptions options, SqliteDatabase known, List<GroupCommitWriter> writers, HttpClient? server, TimeProvider time)
    {
        var folder = Path.Combine(options.Data, "raw");
        Folders.MakePrivate(folder);
        Backups.Exclude(folder);
        var events = new SqliteDatabase(Path.Combine(folder, "raw.db"));
        Migrations.Apply(known, typeof(AgentHost).Assembly, "AgentSchema");
        Migrations.Apply(events, typeof(AgentHost).Assembly, "RawSchema");
        writers.AddRange([new GroupCommitWriter(known), new GroupCommitWriter(events)]);
        var store = new AgentStore(known, writers[0]);
        var raw = new RawStore(events, writers[1], StoreKey.Open(folder, options.UseKeyStore ? KeyStores.Platform : null), time);
        var (book, pauses, person, enrollment) = (new CharterBook(store, time), new Pauses(store, time), new PersonTime(store, time), new Enrollment(options.Data));
        var minimizers = new Minimizers(store, book, pauses, person);
        var outbox = new Outbox(store, raw, book, pauses, person, minimizers, time);
        var admittance = new Admittance(raw, book, pauses, person, time);
        var reasons = new PauseReasons(store, book, person);
        var sender = new Sender(enrollment, store, book, reasons, person, outbox, server ?? new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromMinutes(2) }, time);
        var timesheets = new TimesheetBook(store, raw, person, book, minimizers, sender, time);
        var parts = new AgentParts(options, store, raw, book, pauses, reasons, person, minimizers, outbox, sender, new Schedule(store, person, options.UploadEvery, time), admittance, timesheets, enrollment, time);
        await outbox.PrepareAsync();
        return (parts, new AwEndpoints(raw, admittance, options, new DeviceName(Environment.MachineName, await DeviceIdAsync(store))));
    }

    /// <summary>For commands without <c>--data</c>. Where it cannot be written they need that, and the agent works all the same.</summary>
    private static void TellWhereItIs(string runtime)
    {
        try
        {
            Folders.MakeOwn(Path.GetDirectoryName(AgentOptions.UserRuntimeFile)!);
            Folders.WritePrivate(AgentOptions.UserRuntimeFile, runtime);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            Console.Error.WriteLine($"{AgentOptions.UserRuntimeFile} cannot be written ({e.Message}); name the agent's folder to its commands: --data FOLDER");
        }
    }

    private static WebApplication Build(AgentParts parts, AwEndpoints activityWatch, string secret)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(AgentHost).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, parts.Options));
        builder.Services.AddRouting();
        var app = builder.Build();
        var device = new DeviceName(Environment.MachineName, string.Empty);
        var heartbeats = new Heartbeats(parts.Raw, parts.Admittance, device.Hostname);
        var guard = new Guard(ApiKey.Open(parts.Options.Data, "api-key"), ApiKey.Open(parts.Options.Data, "phone-key"), parts.Options.Origins, parts.Admittance);
        app.Use((context, next) =>
        {
            // As every server that these clients know: HEAD is GET without a body, which the web server leaves out by itself.
            context.Request.Method = HttpMethods.IsHead(context.Request.Method) ? HttpMethods.Get : context.Request.Method;
            return next(context);
        });
        app.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            return next(context);
        });
        app.Use(guard.InvokeAsync);
        app.Use((context, next) => Heartbeats.BucketOf(context.Request) is { } bucket ? heartbeats.HandleAsync(context, bucket) : next(context));
        app.UseRouting();
        app.Use((context, next) =>
        {
            // A slash in a bucket's id stays encoded in a path.
            if (context.Request.RouteValues["id"] is string id)
            {
                context.Request.RouteValues["id"] = Heartbeats.Decoded(id);
            }

            return next(context);
        });
        activityWatch.Map(app);
        new WakaEndpoints(parts.Raw, parts.Admittance, parts.Person, device, parts.Time).Map(app);
        new OwnTracksEndpoint(parts.Raw, parts.Admittance, device).Map(app);
        new AgentControl(parts, activityWatch, secret).Map(app);
        new EmployeePages(parts).Map(app);
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel, AgentOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = AgentLimits.MostConnections;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MaxRequestBodySize = AgentLimits.MostBody;
        var (others, handed) = (new Others(), SystemdUnits.Handed().ToList());
        if (handed.Count == 0)
        {
            kestrel.ListenLocalhost(options.Port, others.NamePeers);
        }

        // The service manager holds the port: watchers wait for a restart instead of being refused.
        handed.ForEach(socket => kestrel.ListenHandle(socket, others.NamePeers));
        if (options.Phone is { } phone)
        {
            var address = PhoneAddress.Parse(phone);
            kestrel.ListenAnyIP(address.Port, listen =>
            {
                // Before a handshake, which costs this machine more than whoever knocks.
                listen.Use(next => connection => others.LetInAsync(connection, PeerUser.Phone, next));
                listen.UseHttps(address.Certificate(options.Data));
            });
        }
    }

    private static async Task<string> DeviceIdAsync(AgentStore store)
    {
        if (store.State("device-id") is { } known)
        {
            return known;
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await store.SetStateAsync("device-id", id);
        return id;
    }
}
