using System.Collections.Frozen;
using System.Globalization;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Daylight.Portal.Texts;

/// <summary>
/// Says what pages say in the reader's language. The English sentence stands where it is used and is its own key; <c>de.json</c> and <c>fr.json</c> say it in the
/// others, and a test holds them against each other. A sentence is said as a whole, never put together of parts: languages differ in order.
/// </summary>
public static class Speech
{
    /// <summary>Name of the cookie with the language that a reader chose.</summary>
    public const string Cookie = "daylight-language";

    private const string English = "en";

    private static readonly FrozenDictionary<string, Lazy<Catalog>> Catalogs = new[] { "de", "fr" }.ToFrozenDictionary(l => l, l => new Lazy<Catalog>(() => Catalog.Load(l)));
    private static readonly AsyncLocal<string?> Current = new();
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All);

    /// <summary>The languages, each by its code and its own name.</summary>
    public static IReadOnlyList<(string Code, string Name)> Languages { get; } = [(English, "English"), ("de", "Deutsch"), ("fr", "Français")];

    /// <summary>The language of the request that is being answered, as in HTML; English where nothing was chosen.</summary>
    public static string Language => Current.Value ?? English;

    /// <summary>How this language writes numbers.</summary>
    public static NumberFormatInfo Numbers => Format.Of(Language).Numbers;

    /// <summary>Answers a request in the language that its reader chose: by cookie, else as their browser asks.</summary>
    public static async Task InTheirsAsync(HttpContext context, RequestDelegate next)
    {
        Current.Value = Chosen(context.Request);
        await next(context);
    }

    /// <summary>A sentence.</summary>
    /// <param name="english">It in English, with {0}, {1} … for what is put in.</param>
    /// <param name="with">What is put in.</param>
    public static string Say(string english, params ReadOnlySpan<object?> with) => string.Format(Numbers, In(english), with);

    /// <summary>A sentence with markup. What is put in is text, and is encoded.</summary>
    /// <param name="english">It in English, as HTML.</param>
    /// <param name="with">What is put in.</param>
    public static MarkupString SayHtml(string english, params ReadOnlySpan<object?> with)
    {
        var texts = new object?[with.Length];
        for (var i = 0; i < with.Length; i++)
        {
            texts[i] = with[i] is IFormattable and not DateTimeOffset ? with[i] : Encoder.Encode(with[i]?.ToString() ?? string.Empty);
        }

        return new MarkupString(string.Format(Numbers, In(english), texts));
    }

    /// <summary>A sentence about a number, by this language's plural rule (CLDR): French counts nought as one, English and German do not.</summary>
    /// <param name="one">It in English, about one.</param>
    /// <param name="many">It in English, about any other number; {0} is the number.</param>
    /// <param name="count">The number.</param>
    /// <param name="with">What else is put in, from {1} on.</param>
    public static string SayMany(string one, string many, long count, params ReadOnlySpan<object?> with)
    {
        var forms = In($"{one}|{many}").Split('|');
        return string.Format(Numbers, forms[Language == "fr" ? (count is 0 or 1 ? 0 : 1) : count == 1 ? 0 : 1], [count, .. with]);
    }

    /// <summary>
    /// A sentence that was written in English elsewhere: in the log, in a notice that is kept, in an answer of the API, which speaks one language to all its clients. Where it is one that the
    /// catalog knows, with whatever was put in, it is said anew; any other stays as it is.
    /// </summary>
    public static string Again(string english) => Catalogs.TryGetValue(Language, out var catalog) ? catalog.Value.Again(english) : english;

    /// <summary>What a catalog has, for the test that holds it against the sentences in use.</summary>
    internal static Catalog CatalogOf(string language) => Catalogs[language].Value;

    private static string In(string english) => Catalogs.TryGetValue(Language, out var catalog) && catalog.Value.Pages.TryGetValue(english, out var said) ? said : english;

    private static string Chosen(HttpRequest request) =>
        IsKnown(request.Cookies[Cookie]) ? request.Cookies[Cookie]!
        : request.GetTypedHeaders().AcceptLanguage.Where(l => (l.Quality ?? 1) > 0).OrderByDescending(l => l.Quality ?? 1).Select(l => l.Value.ToString().Split('-')[0].ToLowerInvariant()).FirstOrDefault(IsKnown) ?? English;

    private static bool IsKnown(string? code) => Languages.Any(l => l.Code == code);
}
