using Daylight.Core.Charters;
using Daylight.Tests.Transparency;

namespace Daylight.Tests.Core;

public sealed class CharterFuzzTests
{
    private static readonly string[] Pieces =
    [
        "\n", "  ", ":", ": ", "- ", "? ", "[", "]", "{", "}", ",", "#", "&a ", "*a", "!!int ", "!<x> ", "|\n", ">\n", "%YAML 9.9\n", "---\n", "...\n", "'", "\"", "\"\\U00110000\"", "\"\\x\"", "\t", "\0", "\uFEFF",
        "\ud800", "\u0661", "99999999999999999999", "-1", "null", "~", "true", "<<: ", "=", "@", "`", "round 99m", "0..999999", "9999-12-31", "role:", "self", "Sun-Mon 29:59-00:00", "within 999d", "99 months", "\u2028", "\r",
    ];

    [Fact]
    public void no_mutation_of_a_charter_makes_the_reader_throw()
    {
        var dice = new Dice(20_261_120);
        var good = 0;
        for (var round = 0; round < 4_000; round++)
        {
            var text = FocusTime.Text;
            for (var edits = dice.Below(4); edits >= 0; edits--)
            {
                text = Mutate(text, dice);
            }

            good += Outcome(text, $"round {round}") ? 1 : 0;
        }

        Assert.InRange(good, 50, 3_950); // both outcomes are reached, or the mutations are too wild or too tame
    }

    [Fact]
    public void no_random_text_makes_the_reader_throw()
    {
        var dice = new Dice(7);
        for (var round = 0; round < 2_000; round++)
        {
            Assert.False(Outcome(string.Concat(Enumerable.Range(0, dice.Below(40)).Select(_ => dice.One(Pieces))), $"round {round}"));
        }
    }

    private static bool Outcome(string text, string round)
    {
        try
        {
            switch (CharterReader.Read(text, FocusTime.File))
            {
                case CharterReading.Good:
                    return true;
                case CharterReading.Bad bad:
                    Assert.NotEmpty(bad.Problems);
                    Assert.All(bad.Problems, p => Assert.True(p.Line >= 1 && p.Column >= 1 && p.Message.Length > 0));
                    return false;
                default:
                    throw new InvalidOperationException("A reading is good or bad.");
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{round} made the reader throw on:\n{text}", e);
        }
    }

    private static string Mutate(string text, Dice dice)
    {
        var at = dice.Below(text.Length + 1);
        var length = Math.Min(dice.Below(12), text.Length - at);
        return dice.Below(6) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, dice.One(Pieces)),
            2 => text.Remove(at, length).Insert(at, dice.One(Pieces)),
            3 => text.Insert(at, text.Substring(at, length)),
            4 => text[..at],
            _ => at < text.Length ? text.Remove(at, 1).Insert(at, ((char)(text[at] ^ (1 << dice.Below(7)))).ToString()) : text,
        };
    }
}
