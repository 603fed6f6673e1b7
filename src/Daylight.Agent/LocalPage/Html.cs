using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Daylight.Agent.LocalPage;

/// <summary>A piece of HTML. It is made of literal text and of holes, and whatever goes into a hole is encoded, unless it is such a piece itself: nothing that a watcher reported can become markup.</summary>
internal readonly struct Html
{
    private readonly string? text;

    private Html(string text) => this.text = text;

    /// <summary>Nothing.</summary>
    public static Html Nothing => default;

    /// <summary>Makes a piece.</summary>
    public static Html Of(Handler html) => new(html.ToText());

    /// <summary>A list of pieces, one after the other.</summary>
    public static Html Each<T>(IEnumerable<T> items, Func<T, Html> piece)
    {
        var all = new StringBuilder();
        foreach (var item in items)
        {
            all.Append(piece(item).text);
        }

        return new Html(all.ToString());
    }

    /// <summary>The piece if a condition holds; else nothing.</summary>
    public static Html If(bool condition, Handler html) => condition ? new Html(html.ToText()) : default;

    /// <inheritdoc/>
    public override string ToString() => text ?? string.Empty;

    /// <summary>Collects the parts of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly struct Handler(int literalLength, int formattedCount)
    {
        private readonly StringBuilder all = new(literalLength + (16 * formattedCount));

        public void AppendLiteral(string literal) => all.Append(literal);

        public void AppendFormatted(Html piece) => all.Append(piece.text);

        public void AppendFormatted(string? value) => all.Append(HtmlEncoder.Default.Encode(value ?? string.Empty));

        public void AppendFormatted<T>(T value, string? format = null)
            where T : IFormattable => all.Append(HtmlEncoder.Default.Encode(value.ToString(format, CultureInfo.InvariantCulture)));

        internal string ToText() => all.ToString();
    }
}
