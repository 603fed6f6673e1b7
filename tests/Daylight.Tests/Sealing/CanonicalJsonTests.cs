using System.Text;
using System.Text.Json;
using Daylight.Sealing;

namespace Daylight.Tests.Sealing;

public sealed class CanonicalJsonTests
{
    private static readonly SealInfo Info = new(1, "s", "p", "k", "", "d", "c", 7);

    private static string Write(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Encoding.UTF8.GetString(CanonicalJson.Write(document.RootElement));
    }

    private static SealInfo? Read(string json) => CanonicalJson.Read(Encoding.UTF8.GetBytes(json), SealingJson.Default.SealInfo);

    [Fact]
    public void strings_are_written_as_in_rfc_8785() =>
        // RFC 8785 §3.2.3: the example's string member.
        Assert.Equal("\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"", Write("""  "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/" """));

    [Fact]
    public void members_are_sorted_by_utf_16_as_in_rfc_8785() =>
        // RFC 8785 §3.2.3: the emoji sorts before U+FB33, by code unit and not by code point.
        Assert.Equal(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\u007f\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
            Write("""
                {
                  "\u20ac": "Euro Sign",
                  "\r": "Carriage Return",
                  "\ufb33": "Hebrew Letter Dalet With Dagesh",
                  "1": "One",
                  "\ud83d\ude00": "Emoji: Grinning Face",
                  "\u0080": "Control\u007f",
                  "\u00f6": "Latin Small Letter O With Diaeresis"
                }
                """));

    [Theory]
    [InlineData("[ ]", "[]")]
    [InlineData("{ }", "{}")]
    [InlineData("[ 1 , true , false , \"\" ]", "[1,true,false,\"\"]")]
    [InlineData("{\"b\":{\"d\":1,\"c\":2},\"a\":[]}", "{\"a\":[],\"b\":{\"c\":2,\"d\":1}}")]
    [InlineData("9007199254740991", "9007199254740991")]
    [InlineData("-9007199254740991", "-9007199254740991")]
    [InlineData("\"\\b\\t\\n\\f\\r\\u0001\\u001F\"", "\"\\b\\t\\n\\f\\r\\u0001\\u001f\"")]
    public void a_value_has_one_spelling(string json, string canonical) => Assert.Equal(canonical, Write(json));

    [Theory]
    [InlineData("9007199254740992")]
    [InlineData("-9007199254740992")]
    [InlineData("18446744073709551616")]
    [InlineData("1.5")]
    [InlineData("1.0")]
    [InlineData("1e2")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("{\"a\":null}")]
    public void what_has_no_safe_spelling_is_not_written(string json) => Assert.Throws<FormatException>(() => Write(json));

    [Fact]
    public void the_canonical_bytes_are_read_back()
    {
        const string Canonical = """{"charter":"c","day":"d","epoch":7,"kind":"k","program":"p","stream":"","subject":"s","v":1}""";
        Assert.Equal(Canonical, Encoding.UTF8.GetString(Info.ToBytes()));
        Assert.Equal(Info, Read(Canonical));
    }

    [Theory]
    [InlineData("""{"charter":"c", "day":"d","epoch":7,"kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("""{"day":"d","charter":"c","epoch":7,"kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("""{"charter":"\u0063","day":"d","epoch":7,"kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("""{"charter":"c","charter":"c","day":"d","epoch":7,"kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("""{"charter":"c","day":"d","epoch":07,"kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("""{"charter":"c","day":"d","epoch":-0,"kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("""{"charter":"c","day":"d","epoch":7.0,"kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("""{"charter":"c","day":"d","epoch":"7","kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("""{"charter":null,"day":"d","epoch":7,"kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("""{"charter":"c","day":"d","epoch":7,"kind":"k","program":"p","stream":"","subject":"s"}""")]
    [InlineData("""{"charter":"c","day":"d","epoch":7,"kind":"k","program":"p","stream":"","subject":"s","v":1,"w":1}""")]
    [InlineData("""{"charter":"\ud800","day":"d","epoch":7,"kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("""{"charter":"c","day":"d","epoch":4294967296,"kind":"k","program":"p","stream":"","subject":"s","v":1}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("")]
    public void anything_but_the_canonical_bytes_is_refused(string json) => Assert.Null(Read(json));

    [Fact]
    public void bytes_that_are_no_utf_8_are_refused() => Assert.Null(CanonicalJson.Read((byte[])[(byte)'"', 0xff, (byte)'"'], SealingJson.Default.SealInfo));

    [Fact]
    public void endless_nesting_is_refused() => Assert.Null(Read(new string('[', 100_000) + new string(']', 100_000)));
}
