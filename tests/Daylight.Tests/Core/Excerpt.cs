using System.Text.RegularExpressions;
using Daylight.Core.Charters;
using Daylight.Core.Charters.Checks;

namespace Daylight.Tests.Core;

/// <summary>Some top-level keys of a charter, laid over the committed one: each replaces the key of its name, or is added. <c># without: KEY</c> takes one out.</summary>
internal static partial class Excerpt
{
    /// <summary>The text of the committed charter with the excerpt's keys in place of its own.</summary>
    public static string Over(string excerpt)
    {
        var gone = Without().Matches(excerpt).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var blocks = Blocks(FocusTime.Text).Where(b => !gone.Contains(b.Key)).ToList();
        foreach (var block in Blocks(excerpt).Where(b => b.Key.Length > 0).GroupBy(b => b.Key, b => b.Text))
        {
            var text = string.Concat(block);
            var at = blocks.FindIndex(b => b.Key == block.Key);
            if (at < 0)
            {
                blocks.Add((block.Key, text));
            }
            else
            {
                blocks[at] = (block.Key, text);
            }
        }

        return string.Concat(blocks.Select(b => b.Text));
    }

    /// <summary>The charter, which has to be a good one.</summary>
    public static Charter Charter(string excerpt) => Assert.IsType<CharterReading.Good>(CharterReader.Read(Over(excerpt), FocusTime.File)).Charter;

    /// <summary>The four answers about it.</summary>
    public static CheckReport Report(string excerpt, CheckDirectory? directory = null) =>
        CharterCheck.Of(CharterReader.Read(Over(excerpt), FocusTime.File), FocusTime.File, directory) ?? throw new ArgumentException(string.Join('\n', Found(excerpt)), nameof(excerpt));

    /// <summary>Problems where it is no charter, and findings where it is one.</summary>
    public static IReadOnlyList<Diagnostic> Found(string excerpt, CheckDirectory? directory = null) => CharterReader.Read(Over(excerpt), FocusTime.File) switch
    {
        CharterReading.Bad bad => bad.Problems,
        var reading => CharterCheck.Of(reading, FocusTime.File, directory)!.Findings,
    };

    // A block is a line that begins with a key, and the lines up to the next. What stands before the first key is a block without one.
    private static List<(string Key, string Text)> Blocks(string text)
    {
        var blocks = new List<(string Key, string Text)>();
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (TopLevelKey().Match(line) is { Success: true } key)
            {
                blocks.Add((key.Groups[1].Value, line + "\n"));
            }
            else if (blocks.Count == 0)
            {
                blocks.Add((string.Empty, line + "\n"));
            }
            else
            {
                blocks[^1] = (blocks[^1].Key, blocks[^1].Text + line + "\n");
            }
        }

        return blocks;
    }

    [GeneratedRegex("^([a-z][a-z-]*):", RegexOptions.NonBacktracking)]
    private static partial Regex TopLevelKey();

    [GeneratedRegex("^# without: (.+)$", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Without();
}
