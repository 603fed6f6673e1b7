namespace Daylight.Sealing;

/// <summary>
/// A trust root's fingerprint as twelve words, to be printed by those who vouch for it and typed by those who rely on it. Each word is one byte of the first twelve
/// (96 bits): whoever wants another root with the same words has to try 2^95 of them on average.
/// </summary>
public static class TrustWords
{
    /// <summary>How many words.</summary>
    public const int Count = 12;

    private static readonly string[] Words =
        """
        acorn actor alarm album almond amber anchor angle apple april arrow atlas autumn bacon badge baker
        bamboo banjo barrel basket bench berry bicycle birch bishop blanket blue bottle branch bread bridge bronze
        brush bucket budget butter cabin cactus camel canal candle canoe canyon captain carbon carpet castle cedar
        cherry chimney circle citrus clarinet cliff clock cloud clover coffee coral cotton cousin cricket crystal cube
        curtain dancer denim desert diamond dinner dolphin domino donkey door dragon drum eagle echo elbow engine
        envelope fabric falcon feather ferry fiddle finger flag flute forest fossil fox frost galaxy garden garlic
        ginger giraffe glacier globe glove goblet gold goose granite grape guitar hammer harbor harvest helmet hill
        honey horizon horse hotel iceberg indigo insect island ivory jacket jaguar jasmine jewel jigsaw journal jungle
        kettle kitchen kitten ladder lagoon lamp lantern lemon leopard lettuce library lilac lizard lobster locket lotus
        magnet mango maple marble market meadow melon mirror monkey moss motor mountain mural museum napkin navy
        needle nest nickel noodle north nutmeg oak oasis ocean olive onion orange orchid otter oven oyster
        paddle palace panda paper parrot pearl pebble pencil pepper piano picnic pigeon pillow pilot pine planet
        pocket pony poppy pumpkin puzzle pyramid quill rabbit radio raft rainbow raven ribbon river robin rocket
        ruby saddle saffron salmon sandal shell silver sketch snow sofa spoon statue summer sunset swan table
        tango teapot temple tiger timber tomato topaz tower trumpet tulip tunnel turtle umbrella valley vanilla velvet
        village violin volcano waffle wagon walnut water whale willow window winter yacht yellow yogurt zebra zinc
        """.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The words of a fingerprint (hexadecimal).</summary>
    public static string Of(string fingerprint) => string.Join(' ', Convert.FromHexString(fingerprint).Take(Count).Select(b => Words[b]));

    /// <summary>Why typed words are not those of a fingerprint; null when they are. Case, commas and line breaks do not matter, and of each word its first four letters are enough.</summary>
    public static string? Complaint(string typed, string fingerprint)
    {
        var words = typed.Split((char[])[' ', '\n', '\r', '\t', ',', ';', '-'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != Count)
        {
            return $"a trust root has {Count} words, these are {words.Length}";
        }

        var expected = Convert.FromHexString(fingerprint);
        for (var i = 0; i < Count; i++)
        {
            if (Find(words[i]) is not { } value)
            {
                return $"word {i + 1}, '{words[i]}', is none of the list: look again at the notice";
            }

            if (value != expected[i])
            {
                return "this server has another trust root than the one whose words you typed";
            }
        }

        return null;
    }

    private static int? Find(string typed)
    {
        var word = typed.ToLowerInvariant();
        var index = Array.FindIndex(Words, w => w == word || (word.Length >= 4 && w.Length > word.Length && w.StartsWith(word, StringComparison.Ordinal)));
        return index < 0 ? null : index;
    }
}
