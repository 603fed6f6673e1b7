using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Daylight.Sealing;
using Daylight.Transparency;

namespace Daylight.Protocol;

/// <summary>An answer of the API: a value, or a problem.</summary>
/// <param name="Value">The value, when there is one.</param>
/// <param name="Problem">Why not, otherwise.</param>
/// <param name="Entry">Log index of the entry under which it was shown.</param>
/// <param name="Notice">What the reader should know.</param>
public sealed record ApiResult<T>(T? Value, Problem? Problem, ulong? Entry, string? Notice)
    where T : class
{
    /// <summary>The value.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public T OrThrow() => Value ?? throw new ApiException(Problem ?? new Problem("about:blank", "No answer", 0, "The server answered nothing."));

    /// <summary>For calls that are answered with nothing.</summary>
    /// <exception cref="ApiException">It was refused.</exception>
    public void ThrowIfRefused()
    {
        if (Problem is not null)
        {
            throw new ApiException(Problem);
        }
    }
}

/// <summary>The API said no.</summary>
public sealed class ApiException(Problem problem) : Exception(problem.Detail)
{
    /// <summary>What it said.</summary>
    public Problem Problem { get; } = problem;
}

/// <summary>Calls the API as a person or a device: with a token, or signing each call with a credential.</summary>
public sealed class ApiClient
{
    private readonly HttpClient http;
    private readonly string? token;
    private readonly CredentialKey? key;
    private readonly string root;
    private readonly TimeProvider time;

    private readonly string? cookie;
    private readonly string? language;

    private ApiClient(HttpClient http, string? token, CredentialKey? key, string root, TimeProvider time) =>
        (this.http, this.token, this.key, this.root, this.time) = (http, token, key, root, time);

    private ApiClient(HttpClient http, string? cookie, string? language)
        : this(http, null, null, string.Empty, TimeProvider.System) => (this.cookie, this.language) = (cookie, language);

    /// <summary>Calls with a token, or as nobody.</summary>
    public static ApiClient WithToken(HttpClient http, string? token) => new(http, token, null, string.Empty, TimeProvider.System);

    /// <summary>Calls as a browser's session, by its cookie, or as nobody; charters are answered in a language.</summary>
    public static ApiClient WithSession(HttpClient http, string name, string? session, string? language = null) => new(http, session is null ? null : $"{name}={session}", language);

    /// <summary>Signs every call; <paramref name="root"/> is the trust root's hash.</summary>
    public static ApiClient WithCredential(HttpClient http, CredentialKey key, string root, TimeProvider time) => new(http, null, key, root, time);

    /// <summary>Gets JSON.</summary>
    public Task<ApiResult<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel, string? ask = null)
        where T : class => SendAsync(HttpMethod.Get, path, null, bytes => JsonSerializer.Deserialize(bytes, type), ask, cancel);

    /// <summary>Gets text.</summary>
    public Task<ApiResult<string>> GetTextAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, Encoding.UTF8.GetString, null, cancel);

    /// <summary>Gets bytes.</summary>
    public Task<ApiResult<byte[]>> GetBytesAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, bytes => bytes, null, cancel);

    /// <summary>Gets bytes as they come; returns how many.</summary>
    /// <exception cref="ApiException">It was refused; nothing was written.</exception>
    public async Task<long> DownloadAsync(string path, Stream target, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        Authorize(request, HttpMethod.Get, path, []);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (!response.IsSuccessStatusCode)
        {
            throw new ApiException(ReadProblem(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancel)));
        }

        var buffer = new byte[64 * 1024];
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        var total = 0L;
        for (var read = await body.ReadAsync(buffer, cancel); read > 0; read = await body.ReadAsync(buffer, cancel))
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancel);
            total += read;
        }

        return total;
    }

    /// <summary>Posts JSON and reads JSON.</summary>
    public Task<ApiResult<T>> PostAsync<TBody, T>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class => SendAsync(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), bytes => bytes.Length == 0 ? null : JsonSerializer.Deserialize(bytes, type), null, cancel);

    /// <summary>Puts JSON; the value is an empty text.</summary>
    public Task<ApiResult<string>> PutAsync<TBody>(string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken cancel) =>
        SendAsync(HttpMethod.Put, path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), Encoding.UTF8.GetString, null, cancel);

    /// <summary>Deletes; the value is an empty text.</summary>
    public Task<ApiResult<string>> DeleteAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Delete, path, null, Encoding.UTF8.GetString, null, cancel);

    private async Task<ApiResult<T>> SendAsync<T>(HttpMethod method, string path, byte[]? body, Func<byte[], T?> read, string? ask, CancellationToken cancel)
        where T : class
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        if (ask is not null)
        {
            request.Headers.Add(DaylightHeaders.Ask, ask);
        }

        Authorize(request, method, path, body ?? []);
        using var response = await http.SendAsync(request, cancel);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancel);
        var entry = ulong.TryParse(Header(response, DaylightHeaders.Entry), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : (ulong?)null;
        return response.IsSuccessStatusCode
            ? new ApiResult<T>(read(bytes), null, entry, Header(response, DaylightHeaders.Notice))
            : new ApiResult<T>(null, ReadProblem(response.StatusCode, bytes), entry, null);
    }

    private void Authorize(HttpRequestMessage request, HttpMethod method, string path, byte[] body)
    {
        if (language is not null)
        {
            request.Headers.AcceptLanguage.Add(new StringWithQualityHeaderValue(language));
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        else if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }
        else if (key is not null)
        {
            var call = new HttpCall(root, time.GetUtcNow(), method.Method, "/" + path.TrimStart('/'), Hash.Of(body).ToHex());
            var signed = JsonSerializer.SerializeToUtf8Bytes(SignedStatement.Sign(call, key), SealingJson.Default.SignedStatement);
            request.Headers.Authorization = new AuthenticationHeaderValue(DaylightHeaders.CredentialScheme, Convert.ToBase64String(signed));
        }
    }

    private static Problem ReadProblem(HttpStatusCode status, byte[] bytes)
    {
        try
        {
            if (JsonSerializer.Deserialize(bytes, ProtocolJson.Default.Problem) is { Detail: not null } problem)
            {
                return problem;
            }
        }
        catch (JsonException)
        {
            // Not one of ours: a proxy's page, say.
        }

        return new Problem("about:blank", status.ToString(), (int)status, $"The server answered {(int)status} {status}.");
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join("; ", values) : null;
}
