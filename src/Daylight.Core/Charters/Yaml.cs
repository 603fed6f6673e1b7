using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Daylight.Core.Charters;

/// <summary>A place in a file; 1 is the first line and column.</summary>
internal readonly record struct Position(int Line, int Column)
{
    public static Position Of(Mark mark) => new((int)mark.Line, (int)mark.Column);
}

/// <summary>A YAML value with its place. Scalars stay text: no guessing of types, so that <c>NO</c> is Norway and <c>on</c> is a word.</summary>
internal abstract record YamlNode(Position At)
{
    public sealed record Scalar(Position At, string Text, bool Quoted) : YamlNode(At);

    public sealed record Sequence(Position At, IReadOnlyList<YamlNode> Items) : YamlNode(At);

    public sealed record Mapping(Position At, IReadOnlyList<(Scalar Key, YamlNode Value)> Members) : YamlNode(At)
    {
        public YamlNode? this[string key] => Members.FirstOrDefault(m => m.Key.Text == key).Value;
    }

    /// <summary>Where a key of this mapping stands; the node itself where it is none or lacks the key.</summary>
    public Position KeyAt(string key) => this is Mapping map && map.Members.FirstOrDefault(m => m.Key.Text == key).Key is { } found ? found.At : At;

    /// <summary>The node that a path of keys leads to, or the deepest one on the way: <c>collect/window/title</c>.</summary>
    public YamlNode Find(string path)
    {
        var at = this;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = at switch
            {
                Mapping map => map[part],
                Sequence list when int.TryParse(part, out var index) && index < list.Items.Count => list.Items[index],
                _ => null,
            };
            if (next is null)
            {
                break;
            }

            at = next;
        }

        return at;
    }
}

/// <summary>
/// Composes YAML into nodes, strictly: no anchors, aliases, tags or second documents, no key twice, no deep nesting. Works on the parser's events with a
/// stack of its own, so that no file, however hostile, costs more than its length.
/// </summary>
internal static class Yaml
{
    /// <summary>Longest file in bytes of UTF-8; a charter must fit in a log entry, where JSON may double it.</summary>
    public const int MaxLength = 32_000;

    private const int MaxDepth = 16;

    /// <summary>Decodes a file: UTF-8, with or without a byte order mark, and nothing else.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes, Diagnostics problems)
    {
        if (bytes.Length > MaxLength)
        {
            problems.Add(new Position(1, 1), DiagnosticCodes.TooLong, $"a charter has at most {MaxLength} bytes, this one has {bytes.Length}");
            return null;
        }

        var text = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        if (System.Text.Unicode.Utf8.IsValid(text))
        {
            return CheckCharacters(Encoding.UTF8.GetString(text), problems);
        }

        var good = 0;
        while (Rune.DecodeFromUtf8(text[good..], out _, out var read) == System.Buffers.OperationStatus.Done)
        {
            good += read;
        }

        var before = Encoding.UTF8.GetString(text[..good]).Split('\n');
        problems.Add(new Position(before.Length, before[^1].Length + 1), DiagnosticCodes.NotText, "not UTF-8 from here on: save the file as UTF-8");
        return null;
    }

    /// <summary>
    /// Refuses characters that make a file read differently from how it looks: line breaks that only YAML sees, controls, directions, widths of zero.
    /// Whoever signs a charter signs what they see.
    /// </summary>
    public static string? CheckCharacters(string text, Diagnostics problems)
    {
        var (line, column) = (1, 1);
        for (var i = 0; i < text.Length; i++, column++)
        {
            var isLoneReturn = text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n');
            if (isLoneReturn || (text[i] is not ('\n' or '\r' or '\t') && Hides(text, i)))
            {
                problems.Add(new Position(line, column), DiagnosticCodes.NotText, $"the character U+{(int)text[i]:X4} does not show, or breaks lines where no editor does: leave it out");
                return null;
            }

            if (text[i] == '\n')
            {
                (line, column) = (line + 1, 0);
            }
        }

        return text;
    }

    /// <summary>Whether a value that came out of escapes holds what a file may not.</summary>
    public static bool HasHidden(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\n' && Hides(text, i))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Hides(string text, int at) => char.IsControl(text[at])
        || text[at] is '\u2028' or '\u2029' or '\u061C' or '\uFEFF' or '\u00AD' or '\u180E' or '\u3164' or '\uFFFC' or (>= '\u200B' and <= '\u200F') or (>= '\u202A' and <= '\u202E') or (>= '\u2060' and <= '\u206F')
        || (char.IsHighSurrogate(text[at]) && (at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1])))
        || (char.IsLowSurrogate(text[at]) && (at == 0 || !char.IsHighSurrogate(text[at - 1])));

    /// <summary>Composes the one document of a text; null when there is none.</summary>
    public static YamlNode? Compose(string text, Diagnostics problems)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            return Compose(parser, problems);
        }
        catch (YamlException e)
        {
            problems.Add(Position.Of(e.Start), DiagnosticCodes.NotYaml, "not YAML: " + e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or OverflowException or FormatException or IndexOutOfRangeException or NullReferenceException)
        {
            // The scanner loses count of brackets that do not match, and trips over odd escapes; what it read last is the nearest place it knows.
            problems.Add(Position.Of(parser.Current?.End ?? Mark.Empty), DiagnosticCodes.NotYaml, "not YAML from here on: check brackets, quotes and escapes");
        }

        return null;
    }

    private static YamlNode? Compose(Parser parser, Diagnostics problems)
    {
        var (open, root, documents) = (new Stack<Container>(), default(YamlNode), 0);
        while (parser.MoveNext())
        {
            var at = Position.Of(parser.Current!.Start);
            CheckFeatures(parser.Current, at, problems);

            YamlNode? done = null;
            switch (parser.Current)
            {
                case DocumentStart when ++documents > 1:
                    problems.Add(at, DiagnosticCodes.YamlFeature, "one charter per file: there is a second document");
                    return null;
                case AnchorAlias:
                    done = new YamlNode.Scalar(at, string.Empty, Quoted: true);
                    break;
                case YamlDotNet.Core.Events.Scalar scalar when HasHidden(scalar.Value):
                    problems.Add(at, DiagnosticCodes.NotText, "an escape makes a character here that does not show: leave it out");
                    done = new YamlNode.Scalar(at, string.Empty, Quoted: true);
                    break;
                case YamlDotNet.Core.Events.Scalar scalar:
                    done = new YamlNode.Scalar(at, scalar.Value, scalar.Style != ScalarStyle.Plain);
                    break;
                case MappingStart or SequenceStart when open.Count == MaxDepth:
                    problems.Add(at, DiagnosticCodes.YamlFeature, "a charter is not nested this deeply");
                    return null;
                case MappingStart:
                    open.Push(new Container(at, IsMapping: true));
                    break;
                case SequenceStart:
                    open.Push(new Container(at, IsMapping: false));
                    break;
                case MappingEnd or SequenceEnd:
                    done = open.Pop().Close(problems);
                    break;
                default:
                    break;
            }

            if (done is not null && open.TryPeek(out var parent))
            {
                parent.Add(done, problems);
            }
            else
            {
                root = done ?? root;
            }
        }

        if (root is null or YamlNode.Scalar { Text: "" })
        {
            problems.Add(new Position(1, 1), DiagnosticCodes.NotYaml, "the file is empty");
            return null;
        }

        return root;
    }

    // Aliases let a small file become a huge one, tags change what a word is, and both hide what is signed: a charter says everything in its place.
    private static void CheckFeatures(ParsingEvent parsed, Position at, Diagnostics problems)
    {
        if (parsed is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
        {
            problems.Add(at, DiagnosticCodes.YamlFeature, "a charter has no anchors and aliases: write it out");
        }
        else if (parsed is NodeEvent { Tag.IsEmpty: false })
        {
            problems.Add(at, DiagnosticCodes.YamlFeature, "a charter has no tags: leave '!…' out");
        }
    }

    /// <summary>A mapping or a list that is still being read.</summary>
    private sealed record Container(Position At, bool IsMapping)
    {
        private readonly List<YamlNode> items = [];
        private readonly Dictionary<string, Position> keys = new(StringComparer.Ordinal);
        private readonly List<(YamlNode.Scalar Key, YamlNode Value)> members = [];
        private YamlNode? key;

        public void Add(YamlNode node, Diagnostics problems)
        {
            if (!IsMapping)
            {
                items.Add(node);
            }
            else if (key is null)
            {
                key = node;
            }
            else
            {
                AddMember(key, node, problems);
                key = null;
            }
        }

        public YamlNode Close(Diagnostics problems)
        {
            if (key is not null)
            {
                AddMember(key, new YamlNode.Scalar(key.At, string.Empty, Quoted: false), problems);
            }

            return IsMapping ? new YamlNode.Mapping(At, members) : new YamlNode.Sequence(At, items);
        }

        private void AddMember(YamlNode name, YamlNode value, Diagnostics problems)
        {
            if (name is not YamlNode.Scalar scalar)
            {
                problems.Add(name, DiagnosticCodes.WrongShape, "a key is a plain word");
            }
            else if (keys.TryGetValue(scalar.Text, out var first))
            {
                problems.Add(name, DiagnosticCodes.DuplicateKey, $"'{scalar.Text}' stands here twice; the first is in line {first.Line}");
            }
            else
            {
                keys.Add(scalar.Text, scalar.At);
                members.Add((scalar, value));
            }
        }
    }
}
