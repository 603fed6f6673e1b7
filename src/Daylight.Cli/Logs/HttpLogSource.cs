using System.Net;
using System.Net.Http.Headers;
using Daylight.Transparency;

namespace Daylight.Cli.Logs;

/// <summary>The log shows its tiles or entries only to others.</summary>
internal sealed class LogClosedException() : InvalidOperationException("Tiles and entries are for auditors: give the --token of one.");

/// <summary>A log at a URL (C2SP tlog-tiles): a Daylight server's, whose log is at <c>/log</c>, or with a path in the URL any other.</summary>
internal sealed class HttpLogSource : ILogSource, IDisposable
{
    private const long LongestAnswer = 32L << 20; // a bundle has at most 256 entries of 65,537 bytes

    private readonly HttpClient http;

    public HttpLogSource(string url, string? token)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"'{url}' is not a URL; one looks like https://daylight.example");
        }

        Url = new Uri((uri.AbsolutePath == "/" ? new Uri(uri, "/log").AbsoluteUri : uri.AbsoluteUri).TrimEnd('/') + "/");
        var handler = new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All };
        http = new HttpClient(handler) { BaseAddress = Url, MaxResponseContentBufferSize = LongestAnswer };
        http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Where the log's files are, with a slash at the end.</summary>
    public Uri Url { get; }

    public async Task<string> CheckpointAsync(CancellationToken cancel) => await http.GetStringAsync("checkpoint", cancel);

    /// <summary>What the server says its key is.</summary>
    public async Task<string> VKeyAsync(CancellationToken cancel) => await http.GetStringAsync("vkey", cancel);

    public async Task<byte[]?> TileAsync(TileId id, CancellationToken cancel)
    {
        var tile = await GetAsync(id.Path, cancel);
        if (tile is not null || id.Width == TileId.FullWidth)
        {
            return tile;
        }

        // A log may delete a partial tile once the full one is there.
        var full = await GetAsync((id with { Width = TileId.FullWidth }).Path, cancel);
        return full is null || full.Length < id.Width * Hash.Size ? null : full[..(id.Width * Hash.Size)];
    }

    public async Task<byte[]?> BundleAsync(ulong index, int width, CancellationToken cancel)
    {
        var bundle = await GetAsync(TilePath.Format("entries", index, width), cancel);
        if (bundle is not null || width == TileId.FullWidth)
        {
            return bundle;
        }

        return await GetAsync(TilePath.Format("entries", index, TileId.FullWidth), cancel) is { } full ? EntryBundle.Prefix(full, width) : null;
    }

    public void Dispose() => http.Dispose();

    /// <summary>A file of the log; null when it has none of that name.</summary>
    public async Task<byte[]?> GetAsync(string path, CancellationToken cancel)
    {
        using var response = await http.GetAsync(path, cancel);
        return (int)response.StatusCode switch
        {
            200 => await response.Content.ReadAsByteArrayAsync(cancel),
            404 => null,
            401 or 403 => throw new LogClosedException(),
            var other => throw new HttpRequestException($"The log answers {other} for {path}.", null, response.StatusCode),
        };
    }
}
