using System.Security.Cryptography;
using System.Text.Json;
using Daylight.Agent.ActivityWatch;
using Daylight.Agent.Sending;
using Daylight.Agent.Trust;
using Daylight.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Daylight.Agent;

/// <summary>The employee's side: takes what watchers report, keeps it here, and sends what a verified charter names.</summary>
public sealed class AgentHost : IAsyncDisposable
{
    private readonly AgentOptions options;
    private readonly WebApplication app;
    private readonly IDisposable exclusive;
    private readonly GroupCommitWriter writer;
    private readonly Sender sender;
    private readonly RawStore raw;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stopping = new();
    private Task loop = Task.CompletedTask;

    private AgentHost(AgentOptions options, WebApplication app, IDisposable exclusive, GroupCommitWriter writer, Sender sender, RawStore raw, AwEndpoints activityWatch, TimeProvider time)
    {
        (this.options, this.app, this.exclusive, this.writer, this.sender, this.raw, this.time) = (options, app, exclusive, writer, sender, raw, time);
        ActivityWatch = activityWatch;
    }

    /// <summary>Where watchers find it.</summary>
    public string Url => $"http://127.0.0.1:{options.Port}";

    internal AwEndpoints ActivityWatch { get; }

    internal Sender Sender => sender;

    /// <summary>Opens the store and serves on the loopback address.</summary>
    /// <param name="options">How.</param>
    /// <param name="server">Reaches the server; null uses the enrolled address.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Cancels the start.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    /// <exception cref="InvalidOperationException">Another agent uses this folder.</exception>
    public static async Task<AgentHost> StartAsync(AgentOptions options, HttpClient? server, TimeProvider time, CancellationToken cancel)
    {
        Folders.MakePrivate(options.Data);
        var database = new SqliteDatabase(Path.Combine(options.Data, "agent.db"));
        var exclusive = database.LockExclusively("this agent's folder");
        Migrations.Apply(database, typeof(AgentHost).Assembly);
        var writer = new GroupCommitWriter(database);
        var raw = new RawStore(database, writer, time);
        var outbox = new Outbox(database, writer, raw, time);
        var enrollment = new Enrollment(options.Data);
        var sender = new Sender(enrollment, outbox, options, server ?? new HttpClient { Timeout = TimeSpan.FromMinutes(2) }, time);
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var activityWatch = new AwEndpoints(raw, sender, options, new DeviceName(Environment.MachineName, await DeviceIdAsync(outbox)));
        var app = Build(options, activityWatch, new AgentControl(sender, outbox, enrollment, activityWatch, secret, time), new LocalPage.EmployeePage(sender, outbox, enrollment, options, time));
        try
        {
            await app.StartAsync(cancel);
        }
        catch
        {
            await app.DisposeAsync();
            await writer.DisposeAsync();
            exclusive.Dispose();
            throw;
        }

        var runtime = JsonSerializer.Serialize(new AgentRuntime(options.Port, secret), AgentJson.Default.AgentRuntime);
        Folders.WritePrivate(options.RuntimeFile, runtime);
        Folders.MakeOwn(Path.GetDirectoryName(AgentOptions.UserRuntimeFile)!);
        Folders.WritePrivate(AgentOptions.UserRuntimeFile, runtime);
        var host = new AgentHost(options, app, exclusive, writer, sender, raw, activityWatch, time);
        if (options.RunInBackground)
        {
            host.loop = Task.Run(host.RunAsync, CancellationToken.None);
        }

        return host;
    }

    /// <summary>Sends everything now.</summary>
    public Task<SendOutcome> FlushAsync(CancellationToken cancel) => sender.SendAsync(all: true, cancel);

    /// <summary>Waits until the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancel) => app.WaitForShutdownAsync(cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await loop;
        await app.StopAsync();
        await app.DisposeAsync();
        await writer.DisposeAsync();
        sender.Dispose();
        if (File.Exists(options.RuntimeFile))
        {
            File.Delete(options.RuntimeFile);
        }

        exclusive.Dispose();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                var outcome = await sender.SendAsync(all: false, stopping.Token);
                await PruneAsync();
                await WaitAsync(Pause(outcome));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <summary>Waits for the next sending, and looks at the keyholder's count meanwhile. A machine that slept is not late by the time that it slept.</summary>
    private async Task WaitAsync(TimeSpan pause)
    {
        while (pause > TimeSpan.Zero)
        {
            var (before, step) = (time.GetUtcNow(), pause < OpeningWatch.Every ? pause : OpeningWatch.Every);
            await Task.Delay(step, time, stopping.Token);
            var passed = time.GetUtcNow() - before;
            pause -= passed > step ? passed : step;
            if (pause > TimeSpan.Zero)
            {
                await sender.WatchAsync(stopping.Token);
            }
        }
    }

    private async Task PruneAsync()
    {
        try
        {
            await raw.PruneAsync(time.GetUtcNow().AddDays(-options.RawDays), time.GetUtcNow().AddDays(-options.RawDaysAtMost));
        }
        catch (System.Data.Common.DbException)
        {
            // A full disk must not end the loop; the next round tries again.
        }
    }

    /// <summary>The next try: on schedule, or after a failure ever later, up to an hour, so that a server that comes back is not overrun.</summary>
    private TimeSpan Pause(SendOutcome outcome)
    {
        if (outcome.Ok)
        {
            return options.UploadEvery;
        }

        var backOff = TimeSpan.FromSeconds(5 * Math.Pow(2, Math.Min(sender.Failures - 1, 10)));
        var longest = options.UploadEvery < TimeSpan.FromHours(1) ? options.UploadEvery * 6 : TimeSpan.FromHours(1);
        return backOff < longest ? backOff : longest;
    }

    private static WebApplication Build(AgentOptions options, AwEndpoints activityWatch, AgentControl control, LocalPage.EmployeePage page)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(AgentHost).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MostBody;
            kestrel.ListenLocalhost(options.Port);
        });
        builder.Services.AddRouting();
        var app = builder.Build();
        app.Use(Guard.InvokeAsync);
        activityWatch.Map(app);
        control.Map(app);
        page.Map(app);
        return app;
    }

    private static async Task<string> DeviceIdAsync(Outbox outbox)
    {
        if (outbox.State("device-id") is { } known)
        {
            return known;
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await outbox.SetStateAsync("device-id", id);
        return id;
    }
}
