using System.Text;

namespace Daylight.Core.Charters.Words;

/// <summary>Writes Markdown; what an author wrote is text in it and never markup.</summary>
internal sealed class Markdown
{
    private readonly StringBuilder text = new();

    public Markdown Heading(int level, string words) => Line(new string('#', level) + " " + Escape(words)).Line(string.Empty);

    public Markdown Paragraph(string words) => Line(Begin(Escape(words))).Line(string.Empty);

    /// <summary>Somebody's own words.</summary>
    public Markdown Quote(string words) => Line("> " + Begin(Escape(words))).Line(string.Empty);

    public Markdown Bullets(IEnumerable<string> items)
    {
        foreach (var item in items)
        {
            Line("- " + Begin(Escape(item)));
        }

        return Line(string.Empty);
    }

    /// <summary>What a person has to fill in.</summary>
    public Markdown Blank(string what) => Line($"- [ ] *{Escape(what)}*").Line(string.Empty);

    public Markdown Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        Row(header);
        Row([.. header.Select(_ => "---")], escape: false);
        foreach (var row in rows)
        {
            Row(row);
        }

        return Line(string.Empty);
    }

    public override string ToString() => text.ToString().TrimEnd() + "\n";

    private void Row(IReadOnlyList<string> cells, bool escape = true) => Line("| " + string.Join(" | ", cells.Select(c => escape ? Escape(c) : c)) + " |");

    private Markdown Line(string line)
    {
        text.Append(line).Append('\n');
        return this;
    }

    // A line that begins like a list, a rule or a heading of its own is still a sentence.
    private static string Begin(string line)
    {
        var digits = line.TakeWhile(char.IsAsciiDigit).Count();
        if (digits > 0 && line.Length > digits && (line[digits] is '.' or ')'))
        {
            return line.Insert(digits, "\\");
        }

        return line.Length > 0 && (line[0] is '-' or '+' or '=') ? "\\" + line : line;
    }

    private static string Escape(string words)
    {
        var escaped = new StringBuilder(words.Length);
        foreach (var c in words)
        {
            if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '#' or '|' or '~')
            {
                escaped.Append('\\');
            }

            escaped.Append(c is '\n' or '\r' ? ' ' : c);
        }

        return escaped.ToString();
    }
}
