using System.Collections.Concurrent;
using System.Threading.Channels;
using Daylight.Protocol;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Exposure;
using Daylight.Server.Features.Log;
using Daylight.Server.Features.Notices;
using Daylight.Server.Features.Programs;
using Daylight.Server.Features.Releases;
using Daylight.Server.Hosting;
using Daylight.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Daylight.Server.Features.Lifecycle;

/// <summary>What runs in the background: few, idempotent, visible.</summary>
internal sealed partial class Jobs(
    ReleaseJob releases, Retention retention, Erasures erasures, CaseBook cases, ReviewBook reviews, AccessReviews access, Tellings tellings, ExposureHistory exposure, StopSpread spread, Mailer mailer, WitnessRound witnesses, TransparencyLog log, Drafts drafts, IDatabase database, ServerOptions options, TimeProvider time, ILogger<Jobs> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(15);

    /// <summary>Entries that come as closely are told of together.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(1);

    /// <summary>Telling has a turn of its own: it waits for no purge and no mailbox.</summary>
    private const string Tell = "tellings";

    private static readonly string[] Names = ["access-reviews", "cases", "erasures", "exposure", "mail", "releases", "retention", "reviews", "tellings", "witnesses"];

    private readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, JobView> views = new(Names.Select(n => KeyValuePair.Create(n, new JobView(n, "15 minutes", "has not run yet"))), StringComparer.Ordinal);

    /// <summary>How each job fared last.</summary>
    public IReadOnlyList<JobView> Views => [.. views.Values.OrderBy(v => v.Name, StringComparer.Ordinal)];

    /// <summary>Runs every job once, now.</summary>
    public async Task RunAllAsync(CancellationToken cancel)
    {
        await RunAsync("witnesses", async () => await witnesses.ForAsync(covering: null, cancel) is null ? witnesses.Trouble ?? "no other witness than the keyholder" : witnesses.Trouble ?? "cosigned", cancel);
        await RunAsync("erasures", () => InTurnAsync(async () => $"{await erasures.RunAsync(cancel)} finished that were owed"), cancel);
        await RunAsync("releases", () => InTurnAsync(async () => $"{await releases.RunAsync(cancel)} weeks released"), cancel);
        await RunAsync("cases", () => InTurnAsync(async () => $"{await cases.LapseAsync()} closed that were over"), cancel);
        await RunAsync("reviews", () => InTurnAsync(async () => $"{await reviews.OpenDueAsync()} opened that are due soon"), cancel);
        await RunAsync("access-reviews", () => InTurnAsync(access.RunAsync), cancel);
        await RunAsync("exposure", async () => await exposure.NoteAsync() is > 0 and var rules ? $"what {rules} rules let see was noted" : "nobody sees more or less than was noted", cancel);
        await RunAsync("tellings", () => InTurnAsync(TellAsync, Tell), cancel);
        await RunAsync("mail", () => InTurnAsync(() => mailer.RunAsync(cancel)), cancel);
        await RunAsync("retention", () => InTurnAsync(RetainAsync), cancel);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.RunJobs)
        {
            return;
        }

        using var timer = new PeriodicTimer(Every, time);
        log.AuthorityChanged += (_, _) => news.Writer.TryWrite(true);
        _ = TellSoonAsync(stoppingToken);
        do
        {
            await RunAllAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>What comes past this server's own doors (a pause over the keyholder, another node's entries) is told at once too.</summary>
    private async Task TellSoonAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (var _ in news.Reader.ReadAllAsync(cancel))
            {
                await RunAsync("tellings", () => InTurnAsync(async () => Told(await tellings.NewsAsync()), Tell), cancel); // whom charters cover by now is for the job: it asks everybody
                await Task.Delay(Together, time, cancel);
                if (views["tellings"].LastOutcome.StartsWith("failed", StringComparison.Ordinal))
                {
                    news.Writer.TryWrite(true);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task<string> TellAsync()
    {
        await spread.ForgetAsync();
        return Told(await tellings.RunAsync());
    }

    private static string Told(int people) => $"{people} people told of what begins, ended, was paused or is owed";

    private async Task<string> RetainAsync()
    {
        await drafts.ForgetAsync();
        return await retention.RunAsync();
    }

    /// <summary>Of several nodes one runs a job at a time, having read what the one before it wrote. The turn is the database's to give: it fails like the job itself.</summary>
    private async Task<string> InTurnAsync(Func<Task<string>> job, string name = "jobs")
    {
        using var turn = database.TakeTurn(name);
        await log.LookAsync();
        return await job();
    }

    private async Task RunAsync(string name, Func<Task<string>> job, CancellationToken cancel)
    {
        string outcome;
        try
        {
            outcome = await job();
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            // A job that fails is tried again; it must not take the server with it.
            outcome = "failed: " + e.Message;
            Failed(logger, name, e.GetType().Name);
        }

        views[name] = views[name] with { LastRun = time.GetUtcNow(), LastOutcome = outcome };
    }

    [LoggerMessage(1, LogLevel.Warning, "Job {Job} failed with {Error} and will be tried again")]
    private static partial void Failed(ILogger logger, string job, string error);
}
