using System.Text.Json;
using System.Text.RegularExpressions;
using Daylight.Portal.Texts;
using Daylight.Tests.Transparency;
using Microsoft.AspNetCore.Http;
using static Daylight.Portal.Texts.Speech;

namespace Daylight.Tests.Portal;

/// <summary>Three languages: each sentence in all of them, with the same things put in; plural and dates by each one's rules.</summary>
public sealed partial class SpeechTests
{
    public static TheoryData<string> Others => ["de", "fr"];

    [Theory]
    [MemberData(nameof(Others))]
    public void every_sentence_in_use_is_in_the_catalog_and_nothing_else_is(string language)
    {
        var used = Used();
        Assert.True(used.Count > 500, "the sentences in use were not found");
        var catalog = CatalogOf(language).Pages.Keys.ToHashSet(StringComparer.Ordinal);
        Assert.Equal("", string.Join('\n', used.Except(catalog).Order(StringComparer.Ordinal)));
        Assert.Equal("", string.Join('\n', catalog.Except(used).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void a_translation_puts_in_the_same_has_the_same_markup_and_as_many_forms(string language)
    {
        var catalog = CatalogOf(language);
        Assert.All(catalog.Pages.Concat(catalog.Api), s =>
        {
            Assert.Equal(Found(Hole(), s.Key), Found(Hole(), s.Value));
            Assert.Equal(Found(Tag(), s.Key), Found(Tag(), s.Value));
            Assert.NotEqual(string.Empty, s.Value.Trim());
        });
        Assert.All(catalog.Pages, s => Assert.Equal(s.Key.Count(c => c == '|'), s.Value.Count(c => c == '|')));

        // Of two forms each has what is put in, but for the number itself, which one need not say.
        static string Found(Regex pattern, string text) => string.Join(' ', pattern.Matches(text).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void every_sentence_of_the_api_that_is_said_again_is_one_that_it_says()
    {
        var sources = string.Join('\n', Sources("*.cs").Select(File.ReadAllText)).Replace("\\\"", "\"", StringComparison.Ordinal).Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal);
        var lost = CatalogOf("de").Api.Keys.SelectMany(k => Hole().Split(k)).Where(part => part.Trim().Length >= 8 && !sources.Contains(part.Trim(), StringComparison.Ordinal)).ToList();
        Assert.Equal("", string.Join('\n', lost));
        Assert.All(CatalogOf("de").Api.Keys, k => Assert.Equal(Enumerable.Range(0, Hole().Count(k)).Select(i => $"{{{i}}}"), Hole().Matches(k).Select(m => m.Value))); // holes are found by their order
        Assert.Equal(CatalogOf("de").Api.Keys.Order(StringComparer.Ordinal), CatalogOf("fr").Api.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("en", 0, "0 looks")]
    [InlineData("en", 1, "1 look")]
    [InlineData("de", 0, "0 Einsichten")]
    [InlineData("de", 1, "1 Einsicht")]
    [InlineData("fr", 0, "0 consultation")]
    [InlineData("fr", 1, "1 consultation")]
    [InlineData("fr", 2, "2 consultations")]
    public async Task plurals_go_by_the_languages_rule(string language, int count, string said) => Assert.Equal(said, await InAsync(language, () => SayMany("{0} look", "{0} looks", count)));

    [Theory]
    [InlineData("en", "Monday, 2 November 2026", "30 Oct to 2 Nov 2026", "12,345", "0.5")]
    [InlineData("de", "Montag, 2. November 2026", "30. Okt. bis 2. Nov. 2026", "12.345", "0,5")]
    [InlineData("fr", "lundi 2 novembre 2026", "du 30 oct. au 2 nov. 2026", "12\u202f345", "0,5")]
    public async Task days_and_numbers_go_by_the_languages_rule(string language, string day, string range, string number, string fraction) => Assert.Equal((day, range, number, fraction), await InAsync(language, () => (
        Format.Day(new DateOnly(2026, 11, 2)), Format.Range(new DateOnly(2026, 10, 30), new DateOnly(2026, 11, 2)), Format.Number(12345), 0.5.ToString("0.##", Numbers))));

    [Fact]
    public async Task the_first_of_a_month_has_its_ordinal_in_french() => Assert.Equal(("dimanche 1er novembre 2026", "1er nov. 2026", "11 nov. 2026"), await InAsync("fr", () => (
        Format.Day(new DateOnly(2026, 11, 1)), Format.Date(new DateOnly(2026, 11, 1)), Format.Date(new DateOnly(2026, 11, 11)))));

    [Fact]
    public async Task what_is_put_in_is_text_and_never_markup()
    {
        Assert.Equal("Paused because: {0} <b>", await InAsync("en", () => Say("Paused because: {0}", "{0} <b>")));
        Assert.Equal("in <code>&lt;b&gt; ü</code>", await InAsync("en", () => SayHtml("in <code>{0}</code>", "<b> ü").Value));
    }

    [Fact]
    public async Task a_refusal_of_the_api_is_said_again_with_what_was_put_in()
    {
        const string refusal = "Nothing is collected of this person under charter focus-time version 1.";
        Assert.Equal(refusal, await InAsync("en", () => Again(refusal)));
        var german = await InAsync("de", () => Again(refusal));
        Assert.Contains("focus-time", german, StringComparison.Ordinal);
        Assert.DoesNotContain("collected", german, StringComparison.Ordinal);
        Assert.Equal("Nobody ever wrote that: 17.", await InAsync("de", () => Again("Nobody ever wrote that: 17.")));
        Assert.Equal(string.Empty, await InAsync("de", () => Again(string.Empty)));
    }

    [Theory]
    [InlineData(50)] // as much as may be written, all of it like parts of sentences
    [InlineData(50_000)]
    public async Task what_people_write_that_looks_like_sentences_is_read_to_its_end(int times)
    {
        var written = string.Concat(Enumerable.Repeat("it is paused; told within 1d, every c by d (f): ", times));
        Assert.NotEqual(string.Empty, await InAsync("de", () => Again($"Nothing is collected of this person under {written}.")));
    }

    [Theory]
    [InlineData("de-DE,de;q=0.9,en;q=0.8", null, "de")]
    [InlineData("it, fr;q=0.5, en;q=0.4", null, "fr")]
    [InlineData("en;q=0.3, de;q=0", null, "en")]
    [InlineData("it", null, "en")]
    [InlineData("", null, "en")]
    [InlineData("de", "fr", "fr")]
    [InlineData("de", "xx", "de")]
    [InlineData("de;;;q=oh no", null, "en")]
    public async Task the_language_is_what_was_chosen_or_what_the_browser_asks_for(string asked, string? chosen, string expected)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.AcceptLanguage = asked;
        if (chosen is not null)
        {
            context.Request.Headers.Cookie = $"{Cookie}={chosen}";
        }

        var said = string.Empty;
        await InTheirsAsync(context, _ =>
        {
            said = Language;
            return Task.CompletedTask;
        });
        Assert.Equal((expected, "en"), (said, Language)); // and it ends with the request
    }

    private static async Task<T> InAsync<T>(string language, Func<T> said)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.AcceptLanguage = language;
        T result = default!;
        await InTheirsAsync(context, _ =>
        {
            result = said();
            return Task.CompletedTask;
        });
        return result;
    }

    private static HashSet<string> Used()
    {
        var texts = Sources("*.razor").Concat(Sources("*.cs", "Daylight.Portal")).Concat(Sources("*.cs", "Daylight.Server")).Select(File.ReadAllText).ToList();
        return [.. texts.SelectMany(t => One().Matches(t)).Select(m => Literal(m.Groups[1].Value)), .. texts.SelectMany(t => Many().Matches(t)).Select(m => $"{Literal(m.Groups[1].Value)}|{Literal(m.Groups[2].Value)}")];
    }

    private static string Literal(string text) => JsonSerializer.Deserialize<string>($"\"{text.Replace("\\'", "'", StringComparison.Ordinal)}\"")!;

    private static IEnumerable<string> Sources(string pattern, string under = "") => Directory.EnumerateFiles(Path.Combine(Repository.Folder, "src", under), pattern, SearchOption.AllDirectories)
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex("(?<![\\w.])Say(?:Html)?\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\"", RegexOptions.None, 5000)]
    private static partial Regex One();

    [GeneratedRegex("(?<![\\w.])SayMany\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\",\\s*\"((?:[^\"\\\\]|\\\\.)*)\"", RegexOptions.None, 5000)]
    private static partial Regex Many();

    [GeneratedRegex("\\{\\d(?::[^}]+)?\\}", RegexOptions.None, 1000)]
    private static partial Regex Hole();

    [GeneratedRegex("<[^>]+>|&#?\\w+;", RegexOptions.None, 1000)]
    private static partial Regex Tag();
}
