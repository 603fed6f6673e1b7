using System.Text;

namespace Daylight.Tests.Core;

/// <summary>
/// Makes hostile charters out of good ones, knowing their structure: swaps values between keys, repeats and moves lines, nests, breaks quotes and brackets,
/// flips bits, plants YAML's dark corners. The same seed makes the same inputs.
/// </summary>
internal sealed class CharterMutator(ulong seed, IReadOnlyList<byte[]> seeds)
{
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "\n", "  ", ":", ": ", "- ", "? ", "[", "]", "{", "}", ",", "#", "&a ", "*a", "!!int ", "!<x> ", "|\n", ">\n", "|9\n", "%YAML 9.9\n", "---\n", "...\n", "'", "\"", "\"\\U00110000\"", "\"\\x\"", "\"\\uD800\"", "\t", "\0",
            "\uFEFF", "\u0661", "99999999999999999999", "-1", "null", "~", "true", "no", "on", "0x1F", "0o17", "1e999", ".inf", ".nan", "2026-12-01", "<<: ", "=", "@", "`", "round 99m", "round 0", "count 0m", "presence 24h", "0..999999", "5..",
            "..", "9999-12-31", "+9999d", "+0d", "role:", "role:investigator", "self", "Sun-Mon 29:59-00:00", "within 999d", "99 months", "\u2028", "\r", "\r\n", "never", "opt-in", "{ category: [] }", "{ bucket: [3, 1] }", "{ redact: [] }",
            "{ site: { A: '1.0, 1.0 within 99m' } }", "{ degrade: { width: 1, block: 1 } }", "fields: []", "fields: [app, app]", "measures: {}", "show: []", "collect: {}", "keystrokes: keep", "private-life: [aok]", "hours: []",
            "covers: { who: [], except: [] }", "explain: { en: a, de: b, fr: c, xx: d }", "\U0001F600", "e\u0301", "\u202E", "a: &a [*a]", "? [a, b]\n: c",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
    ];

    private ulong state = seed;

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        var bytes = seeds[Below(seeds.Count)];
        bytes = Below(2) == 0 ? Excerpt(bytes) : bytes;
        for (var edits = Below(5); edits >= 0; edits--)
        {
            bytes = Below(3) == 0 ? MutateLines(bytes) : MutateBytes(bytes);
        }

        return bytes;
    }

    /// <summary>Some of a charter's keys, each with all that is below it: short inputs reach as far, and there can be more of them.</summary>
    private byte[] Excerpt(byte[] bytes)
    {
        var kept = true;
        var lines = Encoding.Latin1.GetString(bytes).Split('\n').Where(line => line is not ['#', ..] && (line is [' ', ..] ? kept : kept = Below(3) == 0));
        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }

    private byte[] MutateBytes(byte[] bytes)
    {
        var at = Below(bytes.Length + 1);
        var length = Math.Min(Below(Below(20) == 0 ? 2_000 : 12), bytes.Length - at);
        var before = bytes.AsSpan(0, at);
        var after = bytes.AsSpan(at + length);
        switch (Below(7))
        {
            case 0:
                return [.. before, .. after];
            case 1:
                return [.. before, .. Pieces[Below(Pieces.Length)], .. bytes.AsSpan(at)];
            case 2:
                return [.. before, .. Pieces[Below(Pieces.Length)], .. after];
            case 3:
                return [.. before, .. bytes.AsSpan(at, length), .. bytes.AsSpan(at)];
            case 4:
                return before.ToArray();
            case 5:
                var piece = Pieces[Below(Pieces.Length)];
                return [.. before, .. Enumerable.Repeat(piece, Below(200)).SelectMany(p => p), .. after];
            default:
                var flipped = bytes.ToArray();
                if (at < flipped.Length)
                {
                    flipped[at] ^= (byte)(1 << Below(8));
                }

                return flipped;
        }
    }

    // A charter's lines are "key: value": values change keys, lines move and repeat, and indent differently.
    private byte[] MutateLines(byte[] bytes)
    {
        var lines = Encoding.Latin1.GetString(bytes).Split('\n').ToList();
        var (one, other) = (Below(lines.Count), Below(lines.Count));
        switch (Below(5))
        {
            case 0:
                lines[one] = Before(lines[one]) + After(lines[other]);
                break;
            case 1:
                lines.Insert(other, lines[one]);
                break;
            case 2:
                lines.RemoveAt(one);
                break;
            case 3:
                lines[one] = new string(' ', Below(6)) + lines[one].TrimStart();
                break;
            default:
                lines[one] = Before(lines[one]) + Encoding.Latin1.GetString(Pieces[Below(Pieces.Length)]);
                break;
        }

        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }

    private static string Before(string line) => line[..(line.IndexOf(": ", StringComparison.Ordinal) + 2 is >= 2 and var at ? at : 0)];

    private static string After(string line) => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2 is >= 2 and var at ? at : 0)..];

    /// <summary>A number below a bound (SplitMix64).</summary>
    private int Below(int bound)
    {
        state += 0x9E3779B97F4A7C15;
        var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) % (ulong)bound);
    }
}
