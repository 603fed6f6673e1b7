using System.Net;
using Daylight.Protocol;
using Daylight.Tests.Company;
using Daylight.Transparency;

namespace Daylight.Tests.Server;

/// <summary>The log as it is served: who may read what, and what caches may do with it.</summary>
public sealed class LogEndpointTests : IAsyncLifetime
{
    private TestCompany company = null!;

    public async ValueTask InitializeAsync() => company = await TestCompany.StartAsync();

    public async ValueTask DisposeAsync() => await company.DisposeAsync();

    [Theory]
    [InlineData("/log/checkpoint")]
    [InlineData("/log/vkey")]
    [InlineData("/log/policy")]
    public async Task what_is_open_to_all_is_asked_for_anew_and_costs_nothing_when_it_is_the_same(string path)
    {
        using var response = await company.Http.GetAsync(path);
        Assert.Equal(("text/plain", "no-cache", HttpStatusCode.OK), (response.Content.Headers.ContentType!.MediaType, response.Headers.CacheControl!.ToString(), response.StatusCode));
        Assert.False(response.Headers.ETag!.IsWeak);
        using var again = await SendAsync(HttpMethod.Get, path, response.Headers.ETag.Tag);
        Assert.Equal((HttpStatusCode.NotModified, 0), (again.StatusCode, (await again.Content.ReadAsByteArrayAsync()).Length));
        using var head = await SendAsync(HttpMethod.Head, path);
        Assert.Equal((HttpStatusCode.OK, response.Content.Headers.ContentLength, response.Headers.ETag.Tag), (head.StatusCode, head.Content.Headers.ContentLength, head.Headers.ETag!.Tag));
    }

    [Fact]
    public async Task another_entry_makes_another_tag_of_the_checkpoint()
    {
        using var before = await company.Http.GetAsync("/log/checkpoint");
        await company.GrantAsync("anna", "analyst");
        using var after = await SendAsync(HttpMethod.Get, "/log/checkpoint", before.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.NotEqual(before.Headers.ETag.Tag, after.Headers.ETag!.Tag);
    }

    [Theory]
    [InlineData("/log/tile/0/000.p/3")]
    [InlineData("/log/tile/entries/000.p/3")]
    public async Task a_tile_is_the_auditors_alone_and_never_changes(string path)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await company.Http.GetAsync(path)).StatusCode);
        var token = await TokenAsync();
        using var response = await SendAsync(HttpMethod.Get, path, null, token);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(("application/octet-stream", HttpStatusCode.OK), (response.Content.Headers.ContentType!.MediaType, response.StatusCode));
        Assert.Equal((true, true, TimeSpan.FromDays(365)), (response.Headers.CacheControl!.Private, response.Headers.CacheControl.ToString().Contains("immutable", StringComparison.Ordinal), response.Headers.CacheControl.MaxAge));
        using var same = await SendAsync(HttpMethod.Get, path, response.Headers.ETag!.Tag, token);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using var other = await SendAsync(HttpMethod.Get, path, "\"other\"", token);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        using var head = await SendAsync(HttpMethod.Head, path, null, token);
        Assert.Equal((HttpStatusCode.OK, (long?)bytes.Length), (head.StatusCode, head.Content.Headers.ContentLength));
        await company.GrantAsync("anna", "analyst");
        using var later = await SendAsync(HttpMethod.Get, path, null, token);
        Assert.Equal(bytes, await later.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task every_narrower_width_is_a_prefix_and_nothing_is_served_beyond_the_log()
    {
        var auditor = company.As("other");
        Assert.True(SignedNote.TryParse(await company.Http.GetStringAsync("/log/checkpoint"), out var note));
        Assert.True(Checkpoint.TryParse(note!.Text, out var checkpoint));
        var size = (int)checkpoint!.Size;
        var widest = (await auditor.GetBytesAsync($"/log/tile/0/000.p/{size}", default)).Value!;
        Assert.Equal(size * Hash.Size, widest.Length);
        for (var width = 1; width <= size; width++)
        {
            Assert.Equal(widest[..(width * Hash.Size)], (await auditor.GetBytesAsync($"/log/tile/0/000.p/{width}", default)).Value);
            Assert.True(EntryBundle.TryDecode((await auditor.GetBytesAsync($"/log/tile/entries/000.p/{width}", default)).Value, out var entries));
            Assert.Equal(width, entries.Count);
        }

        foreach (var path in (string[])[$"0/000.p/{size + 1}", "0/000", "0/001", "1/000.p/1", "63/000.p/1", $"entries/000.p/{size + 1}", "entries/000", "entries/x001/000"])
        {
            Assert.Equal((path, 404), (path, (await auditor.GetBytesAsync("/log/tile/" + path, default)).Problem!.Status));
        }
    }

    [Theory]
    [InlineData("0/0")]
    [InlineData("0/000.p/0")]
    [InlineData("0/000.p/256")]
    [InlineData("0/000.p/01")]
    [InlineData("0/x000/000")]
    [InlineData("00/000.p/1")]
    [InlineData("64/000.p/1")]
    [InlineData("-1/000.p/1")]
    [InlineData("first/000.p/1")]
    [InlineData("entries/0.p/1")]
    [InlineData("entries/000.p/00")]
    [InlineData("entries/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("0/x999/x999/x999/x999/x999/x999/999.p/255")]
    public async Task another_spelling_is_refused(string path) => Assert.Equal(400, (await company.As("other").GetBytesAsync("/log/tile/" + path, default)).Problem!.Status);

    private async Task<string> TokenAsync() =>
        (await company.As("other").PostAsync("/api/v1/tokens", new TokenWanted("test", 1), ProtocolJson.Default.TokenWanted, ProtocolJson.Default.TokenMade, default)).OrThrow().Token;

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? tag = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (tag is not null)
        {
            request.Headers.IfNoneMatch.Add(new(tag));
        }

        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        return await company.Http.SendAsync(request);
    }
}
