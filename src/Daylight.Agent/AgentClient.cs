using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Daylight.Agent.Intake;
using Daylight.Agent.Sending;

namespace Daylight.Agent;

/// <summary>Talks to a running agent.</summary>
public sealed class AgentClient : IDisposable
{
    private readonly HttpClient http;

    private AgentClient(AgentRuntime runtime)
    {
        http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync, AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{runtime.Port}"), Timeout = TimeSpan.FromHours(2) };
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

    /// <summary>
    /// Connects, and makes sure that this user's program is at the other end before it is told anything: after a crash somebody else may have taken the agent's port.
    /// Where the platform does not say whose it is, the file that named the port has to do.
    /// </summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancel);
            var whose = PeerUser.Unknown;
            for (var tries = 0; tries < 20 && whose == PeerUser.Unknown; tries++)
            {
                await Task.Delay(tries == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(50), cancel); // its side of the connection is there once it has accepted
                whose = Peers.Of((IPEndPoint)socket.RemoteEndPoint!, (IPEndPoint)socket.LocalEndPoint!);
            }

            return whose == PeerUser.Same || (whose == PeerUser.Unknown && !OperatingSystem.IsLinux())
                ? new NetworkStream(socket, ownsSocket: true)
                : throw new HttpRequestException("Another user's program is on the agent's port.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>How it is doing.</summary>
    public async Task<AgentStatus> StatusAsync(CancellationToken cancel) => (await http.GetFromJsonAsync("/daylight/v1/status", AgentJson.Default.AgentStatus, cancel))!;

    /// <summary>What will be sent.</summary>
    public async Task<OutboxView> OutboxAsync(CancellationToken cancel) => (await http.GetFromJsonAsync("/daylight/v1/outbox", AgentJson.Default.OutboxView, cancel))!;

    /// <summary>Sends everything now.</summary>
    public async Task<SendOutcome> FlushAsync(CancellationToken cancel)
    {
        using var response = await http.PostAsync("/daylight/v1/flush", null, cancel);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(AgentJson.Default.SendOutcome, cancel))!;
    }

    /// <summary>Takes an ActivityWatch export.</summary>
    public async Task<Imported> ImportAsync(Stream json, CancellationToken cancel)
    {
        using var content = new StreamContent(json);
        using var response = await http.PostAsync("/daylight/v1/import", content, cancel);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(AgentJson.Default.Imported, cancel))!;
    }

    /// <summary>Pauses; returns what stands in the way, or null.</summary>
    public async Task<string?> PauseAsync(PauseWanted wanted, CancellationToken cancel)
    {
        using var response = await http.PostAsJsonAsync("/daylight/v1/pause", wanted, AgentJson.Default.PauseWanted, cancel);
        return response.IsSuccessStatusCode ? null : (await response.Content.ReadFromJsonAsync(AgentJson.Default.AgentProblem, cancel))!.Detail;
    }

    /// <summary>How the person stands to every program that covers them.</summary>
    public async Task<IReadOnlyList<AgentChoice>> ChoicesAsync(CancellationToken cancel) => (await http.GetFromJsonAsync("/daylight/v1/choices", AgentJson.Default.IReadOnlyListAgentChoice, cancel))!;

    /// <summary>Signs a decision and has it recorded.</summary>
    public async Task<Decided> DecideAsync(Decision wanted, CancellationToken cancel)
    {
        using var response = await http.PostAsJsonAsync("/daylight/v1/choices", wanted, AgentJson.Default.Decision, cancel);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(AgentJson.Default.Decided, cancel))!;
    }

    /// <summary>The looks at oneself that a browser waits with.</summary>
    /// <exception cref="InvalidOperationException">The server could not be asked.</exception>
    public async Task<IReadOnlyList<AgentAsk>> AsksAsync(CancellationToken cancel)
    {
        using var response = await http.GetAsync("/daylight/v1/asks", cancel);
        return await ReadAsync(response, AgentJson.Default.IReadOnlyListAgentAsk, cancel);
    }

    /// <summary>Signs one of them, by the code that the browser shows.</summary>
    /// <exception cref="InvalidOperationException">The server could not be asked.</exception>
    public async Task<Decided> SignAsync(string code, CancellationToken cancel)
    {
        using var response = await http.PostAsync("/daylight/v1/asks/" + Uri.EscapeDataString(code), null, cancel);
        return await ReadAsync(response, AgentJson.Default.Decided, cancel);
    }

    /// <summary>Ends the pause of one program, or every pause.</summary>
    public Task ResumeAsync(string? program, CancellationToken cancel) => DoAsync("resume" + (program is null ? string.Empty : "?program=" + Uri.EscapeDataString(program)), cancel);

    /// <summary>Deletes everything that has not been sent.</summary>
    public Task ForgetAsync(CancellationToken cancel) => DoAsync("forget", cancel);

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancel) => response.IsSuccessStatusCode
        ? (await response.Content.ReadFromJsonAsync(type, cancel))!
        : throw new InvalidOperationException((await response.Content.ReadFromJsonAsync(AgentJson.Default.AgentProblem, cancel))!.Detail);

    private async Task DoAsync(string verb, CancellationToken cancel)
    {
        using var response = await http.PostAsync("/daylight/v1/" + verb, null, cancel);
        response.EnsureSuccessStatusCode();
    }
}
