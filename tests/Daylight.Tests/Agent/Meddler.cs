using System.Net;
using System.Text;
using System.Text.Json;
using Daylight.Protocol;
using Daylight.Tests.Company;

namespace Daylight.Tests.Agent;

/// <summary>Stands between an agent and its server.</summary>
internal sealed class Meddler : HttpMessageHandler
{
    private HttpClient inner = null!;

    public Func<string, HttpRequestMessage, HttpResponseMessage?>? Answer { get; set; }

    public Func<AgentBundle, string, AgentBundle>? Change { get; set; }

    public TaskCompletionSource? Patience { get; set; }

    public TaskCompletionSource Reached { get; } = new();

    public bool LoseAnswers { get; set; }

    public int Uploads { get; private set; }

    public HttpClient Before(HttpClient server)
    {
        inner = server;
        return new HttpClient(this) { BaseAddress = server.BaseAddress };
    }

    /// <summary>What the server shows to Anna's machine now.</summary>
    public async Task<AgentBundle> RecordAsync(TestCompany company, string path)
    {
        using var device = new Daylight.Agent.Trust.Enrollment(Path.Combine(company.Folder, "agent-anna")).ReadKey();
        return (await ApiClient.WithCredential(company.Http, device, company.Root.Fingerprint, company.Clock).GetAsync(path, ProtocolJson.Default.AgentBundle, default)).OrThrow();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery;
        if (Patience is { } patience)
        {
            Reached.TrySetResult();
            await patience.Task.WaitAsync(cancellationToken);
        }

        if (Answer?.Invoke(path, request) is { } answer)
        {
            return answer;
        }

        if (path == "/api/v1/agent/chunks" && (Change is not null || Answer is not null))
        {
            Uploads++;
        }

        using var copy = new HttpRequestMessage(request.Method, path) { Content = request.Content is { } body ? new ByteArrayContent(await body.ReadAsByteArrayAsync(cancellationToken)) : null };
        foreach (var (name, values) in request.Headers)
        {
            copy.Headers.TryAddWithoutValidation(name, values);
        }

        foreach (var (name, values) in request.Content?.Headers.AsEnumerable() ?? [])
        {
            copy.Content!.Headers.TryAddWithoutValidation(name, values);
        }

        var response = await inner.SendAsync(copy, cancellationToken);
        if (LoseAnswers && path == "/api/v1/agent/chunks")
        {
            throw new HttpRequestException("the answer is lost");
        }

        if (Change is { } change && path.StartsWith("/api/v1/agent/bundle", StringComparison.Ordinal))
        {
            var bundle = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), ProtocolJson.Default.AgentBundle)!;
            return LyingServerTests.Json(change(bundle, path));
        }

        return response;
    }
}
