using Daylight.Protocol;
using Daylight.Tests.Company;

namespace Daylight.Tests.Server;

/// <summary>What every answer tells a browser, pages and API alike.</summary>
public sealed class HeadersTests
{
    [Theory, InlineData("/"), InlineData("/sign-in"), InlineData("/api/v1/me"), InlineData("/nothing"), InlineData("/log/checkpoint")]
    public async Task every_answer_lets_a_browser_do_as_little_as_it_needs(string path)
    {
        await using var company = await TestCompany.StartCopyAsync();
        using var answer = await company.Http.GetAsync(new Uri(path, UriKind.Relative));
        string Of(string name) => string.Join("; ", answer.Headers.TryGetValues(name, out var values) ? values : []);
        var policy = Of("Content-Security-Policy").Split(';', StringSplitOptions.TrimEntries);
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Contains("base-uri 'none'", policy);
        Assert.DoesNotContain(policy, p => p.Contains("unsafe", StringComparison.Ordinal) || p.Contains("http", StringComparison.Ordinal) || p.Contains('*', StringComparison.Ordinal) || p.Contains("data:", StringComparison.Ordinal));
        Assert.Equal(("nosniff", "no-referrer", "same-origin", "same-origin"), (Of("X-Content-Type-Options"), Of("Referrer-Policy"), Of("Cross-Origin-Opener-Policy"), Of("Cross-Origin-Resource-Policy")));
        Assert.Contains("camera=()", Of("Permissions-Policy"));
        Assert.Empty(Of("Strict-Transport-Security")); // not over plain HTTP (RFC 6797, section 7.2)
        Assert.Empty(Of("Server"));
    }

    [Fact]
    public async Task who_is_not_signed_in_is_told_what_is_true_of_this_installation()
    {
        await using var company = await TestCompany.StartCopyAsync();
        var page = await company.Http.GetStringAsync(new Uri("/sign-in", UriKind.Relative));
        Assert.DoesNotContain("synthetic", page);
        Assert.Contains("Server and keyholder share one process here", page);
        Assert.Equal(new About("Test", Synthetic: false, KeyholderApart: false), (await ApiClient.WithToken(company.Http, null).GetAsync("/api/v1/about", ProtocolJson.Default.About, default)).OrThrow());
    }
}
