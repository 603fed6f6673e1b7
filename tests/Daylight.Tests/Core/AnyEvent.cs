using System.Globalization;
using System.Text;
using Daylight.Core.Charters;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Core;

/// <summary>Events as a watcher might send them, and as none should: any stream, any text, any spelling of the JSON.</summary>
internal static class AnyEvent
{
    private static readonly string[] Apps = ["code", "firefox", "Slack", "zoom", "ADA Health", "gnome-terminal", "Excel", "aok", "", "\u0000", "éditeur 😀"];
    private static readonly string[] Hosts = ["github.com", "docs.google.com", "aok.de", "my.aok.de:8443", "user:pass@intranet.example", "EXAMPLE.org.", "[::1]", "", "notaok.de"];
    private static readonly string[] Schemes = ["https://", "HTTP://", "ftp://", "view-source:https://", "", "://"];
    private static readonly string[] Odd = ["\"", "\\", "/", "\b", "\f", "\n", "\r", "\t", "\u0001", "é", "ß", "日", "😀", " ", "=", "|", "<", "\u2028", "a", "Z", "7", ".", "@"];

    /// <summary>Some text, never the same twice, that nothing else would make by chance.</summary>
    public static string Secret(Dice dice) => string.Concat(Enumerable.Range(0, 12 + dice.Below(20)).Select(_ => "abcdefghijkmnopqrstuvwxyz0123456789"[dice.Below(35)]));

    /// <summary>Any text at all.</summary>
    public static string Text(Dice dice) => string.Concat(Enumerable.Range(0, dice.Below(14)).Select(_ => dice.One(Odd)));

    public static string App(Dice dice) => dice.One(Apps);

    public static string Url(Dice dice, string pathAndQuery) => dice.One(Schemes) + dice.One(Hosts) + "/" + pathAndQuery;

    /// <summary>The fields of an event of a stream: some of its own, some that nobody knows.</summary>
    public static List<(string Name, object? Value)> Fields(Dice dice, StreamShape shape)
    {
        var fields = shape.Fields.Values.Where(_ => dice.Below(8) > 0).Select(f => (f.Name, Value(dice, f))).ToList();
        if (dice.Below(6) == 0)
        {
            fields.Add(("incognito", dice.One<object?>([true, false, "true", "TRUE", "no", null])));
        }

        for (var i = dice.Below(3); i > 0; i--)
        {
            fields.Add(("x" + Text(dice), Nested(dice, 3)));
        }

        return fields;
    }

    /// <summary>An object in JSON, in some order, with some blanks and some characters written as escapes, now and then a key twice.</summary>
    public static string Json(Dice dice, IEnumerable<(string Name, object? Value)> fields)
    {
        var members = fields.OrderBy(_ => dice.Below(1_000_000)).ToList();
        if (members.Count > 0 && dice.Below(6) == 0)
        {
            members.Insert(dice.Below(members.Count), members[dice.Below(members.Count)]);
        }

        return Blank(dice) + "{" + string.Join(',', members.Select(m => $"{Blank(dice)}{Quoted(dice, m.Name)}{Blank(dice)}:{Written(dice, m.Value)}")) + Blank(dice) + "}" + Blank(dice);
    }

    /// <summary>Any value, as deep as it may be.</summary>
    public static object? Nested(Dice dice, int depth) => dice.Below(depth > 0 ? 8 : 6) switch
    {
        0 => Text(dice),
        1 => dice.Below(1_000_000) - 500_000,
        2 => (decimal)dice.Below(100_000) / 1000,
        3 => dice.Below(2) == 0,
        4 => null,
        5 => new Verbatim(dice.One(["1e3", "-0.0", "1E-7", "123456789012345678901234567890", "1e400"])),
        6 => Enumerable.Range(0, dice.Below(4)).Select(_ => Nested(dice, depth - 1)).ToArray(),
        _ => Enumerable.Range(0, dice.Below(4)).Select(_ => (Text(dice), Nested(dice, depth - 1))).ToList(),
    };

    private static object? Value(Dice dice, FieldShape field) => dice.Below(10) == 0 ? Nested(dice, 2) : field switch
    {
        { Kind: FieldKind.App } => App(dice),
        { Kind: FieldKind.Url } => Url(dice, Text(dice)),
        { Kind: FieldKind.Word, Values.Length: > 0 } => dice.One(field.Values),
        { Kind: FieldKind.Number } => dice.Below(2_000) / 8m,
        { Kind: FieldKind.Flag } => dice.Below(2) == 0,
        { Kind: FieldKind.Position } => string.Create(CultureInfo.InvariantCulture, $"{dice.Below(180) - 90},{dice.Below(360) - 180}.5"),
        _ => Text(dice),
    };

    private static string Written(Dice dice, object? value) => Blank(dice) + value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => Quoted(dice, text),
        object?[] list => "[" + string.Join(',', list.Select(v => Written(dice, v))) + "]",
        List<(string, object?)> map => "{" + string.Join(',', map.Select(m => $"{Quoted(dice, m.Item1)}:{Written(dice, m.Item2)}")) + "}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    } + Blank(dice);

    private static string Quoted(Dice dice, string text)
    {
        var written = new StringBuilder("\"");
        var often = dice.Below(3) == 0 ? 3 : 1_000;
        foreach (var c in text)
        {
            var mustEscape = c is '"' or '\\' || c < ' ';
            _ = mustEscape || dice.Below(often) == 0 ? written.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : written.Append(c);
        }

        // Half of an emoji that is escaped and half that is not would be no text: then all of it is escaped.
        var line = written.Append('"').ToString();
        return line.Any(char.IsSurrogate) ? string.Concat(line.Select(c => char.IsSurrogate(c) ? $"\\u{(int)c:x4}" : c.ToString())) : line;
    }

    private static string Blank(Dice dice) => dice.Below(8) == 0 ? dice.One([" ", "\n", "\t", " \r\n "]) : string.Empty;

    /// <summary>A number as it stands.</summary>
    private sealed record Verbatim(string Text)
    {
        public override string ToString() => Text;
    }
}
