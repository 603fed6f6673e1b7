using System.Globalization;
using Daylight.Core.Charters.Grammar;

namespace Daylight.Core.Charters;

/// <summary>The outcome of reading a charter file.</summary>
public abstract record CharterReading
{
    private CharterReading()
    {
    }

    /// <summary>A charter.</summary>
    public sealed record Good(Charter Charter) : CharterReading
    {
        internal YamlNode Root { get; init; } = new YamlNode.Scalar(default, string.Empty, Quoted: false);
    }

    /// <summary>
    /// A charter whose days count from the day on which it is proposed (<c>from: +14d</c>). It can be checked and explained; to be proposed it is fixed to dates first.
    /// </summary>
    /// <param name="Sketch">The charter, as if proposed on <see cref="CharterReader.TemplateDay"/>.</param>
    public sealed record Template(Charter Sketch) : CharterReading
    {
        internal YamlNode Root { get; init; } = new YamlNode.Scalar(default, string.Empty, Quoted: false);
    }

    /// <summary>Not a charter, and everything that is wrong with it.</summary>
    public sealed record Bad(IReadOnlyList<Diagnostic> Problems) : CharterReading;
}

/// <summary>
/// Reads charters strictly: an unknown key, a wrong type or a missing part each give file, line, column and what is allowed, all at once.
/// Also refuses what no option overrides (DESIGN.md, <em>Never</em>). Throws nothing of its own.
/// </summary>
public static class CharterReader
{
    /// <summary>Longest file that is read, in bytes of UTF-8.</summary>
    public const int MaxLength = Yaml.MaxLength;

    /// <summary>The day on which a template is read as if it were proposed then.</summary>
    public static DateOnly TemplateDay { get; } = new(2001, 1, 1);

    /// <summary>Reads a charter's YAML.</summary>
    public static CharterReading Read(string yaml, string file)
    {
        var problems = new Diagnostics(file);
        if (System.Text.Encoding.UTF8.GetByteCount(yaml) is var length and > MaxLength)
        {
            problems.Add(new Position(1, 1), DiagnosticCodes.TooLong, $"a charter has at most {MaxLength} bytes, this one has {length}");
            return new CharterReading.Bad(problems.Found);
        }

        return Yaml.CheckCharacters(yaml, problems) is { } text ? Read(text, problems) : new CharterReading.Bad(problems.Found);
    }

    /// <summary>Reads the bytes of a charter file.</summary>
    public static CharterReading Read(ReadOnlySpan<byte> utf8, string file)
    {
        var problems = new Diagnostics(file);
        return Yaml.Decode(utf8, problems) is { } text ? Read(text, problems) : new CharterReading.Bad(problems.Found);
    }

    /// <summary>The text of a charter file, as it is signed; null when it is not UTF-8 or too long.</summary>
    public static string? TextOf(ReadOnlySpan<byte> utf8) => Yaml.Decode(utf8, new Diagnostics(string.Empty));

    /// <summary>Fixes a template's days to dates, and changes nothing else in its text.</summary>
    /// <exception cref="ArgumentException">The text is no template.</exception>
    /// <exception cref="InvalidOperationException">Its days are written so that they cannot be replaced, or lie too far ahead.</exception>
    public static string Fix(string template, DateOnly proposed)
    {
        if (Read(template, "template") is not CharterReading.Template { Root: YamlNode.Mapping root })
        {
            throw new ArgumentException("The text is not a template.", nameof(template));
        }

        var lines = template.Split('\n');
        foreach (var day in new[] { root["from"], root["until"] }.OfType<YamlNode.Scalar>().Where(s => s.Text[0] == '+').OrderByDescending(s => s.At.Column))
        {
            var after = int.Parse(day.Text.AsSpan(1, day.Text.Length - 2), CultureInfo.InvariantCulture);
            var (line, start) = (lines[day.At.Line - 1], day.At.Column - 1 + (day.Quoted ? 1 : 0));
            if (proposed.Year < 9000 && start + day.Text.Length <= line.Length && line.AsSpan(start, day.Text.Length).SequenceEqual(day.Text))
            {
                lines[day.At.Line - 1] = string.Concat(line.AsSpan(0, start), proposed.AddDays(after).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), line.AsSpan(start + day.Text.Length));
            }
        }

        var text = string.Join('\n', lines);
        return Read(text, "template") is CharterReading.Good
            ? text
            : throw new InvalidOperationException("The template's days cannot be fixed: write them plainly, as in 'from: +14d', and so that the charter ends before the year 9000.");
    }

    private static CharterReading Read(string yaml, Diagnostics problems)
    {
        if (Yaml.Compose(yaml, problems) is not { } root || CharterGrammar.Read(root, problems) is not { } draft)
        {
            return new CharterReading.Bad(problems.Found);
        }

        var charter = draft.Charter with { From = On(draft.From), Until = On(draft.Until) };
        CharterRules.Check(charter, draft.From != CharterDay.Unread && draft.Until != CharterDay.Unread, root, problems);
        if (problems.Any)
        {
            return new CharterReading.Bad(problems.Found);
        }

        return draft.From.Date is null || draft.Until.Date is null ? new CharterReading.Template(charter) { Root = root } : new CharterReading.Good(charter) { Root = root };
    }

    private static DateOnly On(CharterDay day) => day.Date ?? TemplateDay.AddDays(Math.Max(day.After, 0));
}
