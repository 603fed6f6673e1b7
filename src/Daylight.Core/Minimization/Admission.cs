using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Daylight.Core.Minimization;

/// <summary>
/// What never enters even a person's own store on their machine: private windows, and the applications and sites of the private-life list, the built-in one
/// and what charters add to it. Not for two threads at once.
/// </summary>
public sealed class Admission
{
    private const int App = 0;
    private const int Title = 1;
    private const int Url = 2;
    private const int Incognito = 3;

    private readonly EventFields fields = new(["app", "title", "url", "incognito"]);
    private readonly CategoryPlan categories;

    /// <summary>Compiles the list.</summary>
    /// <param name="more">Entries that charters add.</param>
    public Admission(IEnumerable<string> more) => categories = new CategoryPlan([], PrivateLife.BuiltIn.With([.. more.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)]));

    /// <summary>Whether an event may be stored: a data object in UTF-8. What is no JSON object may not.</summary>
    public bool Admits(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            fields.Read(ref reader);
        }
        catch (JsonException)
        {
            return false;
        }

        return !fields.IsSet(Incognito, data) && categories.Of(fields.Value(App, data), SiteOf(fields.Value(Url, data)), fields.Value(Title, data)) is not null;
    }

    /// <summary>
    /// The part of an address that may name a site; nothing for a file, a page of the browser's own, or a bare number, which name none. In a person's own store these may
    /// stay; whether they may leave is another question, which the minimiser answers more strictly.
    /// </summary>
    private static ReadOnlySpan<byte> SiteOf(ReadOnlySpan<byte> url)
    {
        foreach (var around in (ReadOnlySpan<string>)["view-source:", "blob:"])
        {
            if (url.Length > around.Length && Ascii.EqualsIgnoreCase(url[..around.Length], around))
            {
                return SiteOf(url[around.Length..]);
            }
        }

        var colon = url.IndexOf((byte)':');
        return colon is > 0 and < 32 && OfNoSite.Contains(Encoding.UTF8.GetString(url[..colon])) || url.IndexOf("://["u8) == colon ? default : url;
    }

    private static readonly HashSet<string> OfNoSite = new(
        [
            "about", "brave", "chrome", "chrome-extension", "chrome-untrusted", "devtools", "edge", "extension", "file", "moz-extension", "opera", "resource", "safari-extension",
            "safari-web-extension", "vivaldi",
        ],
        StringComparer.OrdinalIgnoreCase);
}
