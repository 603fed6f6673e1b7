using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Agent.Sending;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Daylight.Agent;

/// <summary>Where a running agent is, and the secret that its own user's commands show it.</summary>
public sealed record AgentRuntime(int Port, string Secret);

/// <summary>How an agent is doing.</summary>
/// <param name="Enrolled">Whether it is enrolled.</param>
/// <param name="Paused">Whether the employee paused it.</param>
/// <param name="Programs">Programs that it collects for.</param>
/// <param name="OutboxItems">Items that will be sent.</param>
/// <param name="Last">How the last sending went.</param>
/// <param name="Openings">What the keyholder's count of openings said; its warnings are those of now.</param>
public sealed record AgentStatus(bool Enrolled, bool Paused, IReadOnlyList<string> Programs, int OutboxItems, SendOutcome Last, Trust.OpeningsSeen Openings);

/// <summary>How many events an import added.</summary>
public sealed record Imported(int Events);

/// <summary>Serialization of the agent's control.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AgentRuntime))]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(Imported))]
[JsonSerializable(typeof(IReadOnlyList<OutboxItem>))]
[JsonSerializable(typeof(Trust.OpeningsSeen))]
[JsonSerializable(typeof(SendOutcome))]
public sealed partial class AgentJson : JsonSerializerContext;

/// <summary>The agent's side of its own commands: only who can read the runtime file knows the secret.</summary>
internal sealed class AgentControl(Sender sender, Outbox outbox, Trust.Enrollment enrollment, ActivityWatch.AwEndpoints activityWatch, string secret, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var control = routes.MapGroup("/daylight/v1").AddEndpointFilter(async (context, next) =>
            context.HttpContext.Request.Headers.Authorization == "Bearer " + secret ? await next(context) : Results.StatusCode(StatusCodes.Status401Unauthorized));
        control.MapGet("/status", () => Results.Json(
            new AgentStatus(enrollment.Exists, sender.IsPaused, [.. (sender.Bundle?.Programs ?? []).Select(p => p.Charter.Program)], outbox.Items().Count, sender.Last, sender.Openings with { Warnings = sender.Openings.WarningsAt(time.GetUtcNow()) }), AgentJson.Default.AgentStatus));
        control.MapGet("/outbox", async () => Results.Json<IReadOnlyList<OutboxItem>>(
            [.. sender.Bundle is { } b ? await outbox.PreviewAsync(b) : [], .. outbox.Items()], AgentJson.Default.IReadOnlyListOutboxItem));
        control.MapPost("/flush", async (HttpContext _, CancellationToken cancel) => Results.Json(await sender.SendAsync(all: true, cancel), AgentJson.Default.SendOutcome));
        control.MapPost("/pause", async (HttpContext context, CancellationToken _) =>
        {
            await sender.PauseAsync(double.TryParse(context.Request.Query["minutes"], System.Globalization.CultureInfo.InvariantCulture, out var minutes) ? time.GetUtcNow().AddMinutes(minutes) : null);
            return Results.NoContent();
        });
        control.MapPost("/resume", async () =>
        {
            await sender.ResumeAsync();
            return Results.NoContent();
        });
        control.MapPost("/forget", async () =>
        {
            await outbox.ForgetAsync();
            return Results.NoContent();
        });
        control.MapPost("/import", async (HttpContext context, CancellationToken cancel) =>
        {
            // The employee's own file, however many years it holds.
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            return await activityWatch.ImportAsync(context.Request.Body, cancel) is { } count
                ? Results.Json(new Imported(count), AgentJson.Default.Imported)
                : Results.StatusCode(StatusCodes.Status400BadRequest);
        });
    }
}

/// <summary>Talks to a running agent.</summary>
public sealed class AgentClient : IDisposable
{
    private readonly HttpClient http;

    private AgentClient(AgentRuntime runtime)
    {
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{runtime.Port}"), Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", runtime.Secret);
    }

    /// <summary>Finds a running agent by its folder (an agent's, or a demo's that holds one), else by the user's runtime file; null when none answers.</summary>
    public static async Task<AgentClient?> FindAsync(string? folder, CancellationToken cancel)
    {
        string[] candidates = folder is null ? [AgentOptions.UserRuntimeFile] : [Path.Combine(folder, "runtime.json"), Path.Combine(folder, "agent", "runtime.json")];
        foreach (var file in candidates.Where(File.Exists))
        {
            try
            {
                if (JsonSerializer.Deserialize(await File.ReadAllTextAsync(file, cancel), AgentJson.Default.AgentRuntime) is { } runtime)
                {
                    var client = new AgentClient(runtime);
                    if ((await client.http.GetAsync("/daylight/v1/status", cancel)).IsSuccessStatusCode)
                    {
                        return client;
                    }

                    client.Dispose();
                }
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or IOException)
            {
                // Left by an agent that is gone.
            }
        }

        return null;
    }

    /// <summary>How it is doing.</summary>
    public async Task<AgentStatus> StatusAsync(CancellationToken cancel) => (await http.GetFromJsonAsync("/daylight/v1/status", AgentJson.Default.AgentStatus, cancel))!;

    /// <summary>What will be sent.</summary>
    public async Task<IReadOnlyList<OutboxItem>> OutboxAsync(CancellationToken cancel) => (await http.GetFromJsonAsync("/daylight/v1/outbox", AgentJson.Default.IReadOnlyListOutboxItem, cancel))!;

    /// <summary>Sends everything now.</summary>
    public async Task<SendOutcome> FlushAsync(CancellationToken cancel)
    {
        using var response = await http.PostAsync("/daylight/v1/flush", null, cancel);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(AgentJson.Default.SendOutcome, cancel))!;
    }

    /// <summary>Takes an ActivityWatch export; null when it is not one.</summary>
    public async Task<int?> ImportAsync(Stream json, CancellationToken cancel)
    {
        using var content = new StreamContent(json);
        using var response = await http.PostAsync("/daylight/v1/import", content, cancel);
        return response.IsSuccessStatusCode ? (await response.Content.ReadFromJsonAsync(AgentJson.Default.Imported, cancel))!.Events : null;
    }

    /// <summary>Runs a verb without an answer: pause, resume, forget.</summary>
    public async Task DoAsync(string verb, CancellationToken cancel)
    {
        using var response = await http.PostAsync("/daylight/v1/" + verb, null, cancel);
        response.EnsureSuccessStatusCode();
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
