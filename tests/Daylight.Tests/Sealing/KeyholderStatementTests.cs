using System.Text;
using System.Text.Json;
using Daylight.Sealing;
using Daylight.Tests.Transparency;
using Daylight.Transparency;

namespace Daylight.Tests.Sealing;

public sealed class KeyholderStatementTests
{
    private static readonly NoteSigner Keyholder = new("keyholder.example", NoteKeyType.Ed25519, new Dice(3).Bytes(32));
    private static readonly KeyStatement Key = new("00", Company.Now, "dora", "focus-time", 1, "BA==");

    private static readonly KeyholderStatement[] All =
    [
        Key,
        new StatusStatement("00", Company.Now, "focus-time", "", "none", 7, Merkle.EmptyRoot.ToString()),
        new StartMark("00", Company.Now, "00ff", 7),
        new DestructionCertificate("00", Company.Now, "dora", ["focus-time", "other"], [1, 2], 7, 3, new DateOnly(2026, 12, 20)),
        new CountOfOpenings("00", Company.Now, "dora", "bm9uY2U=", 2, Merkle.EmptyRoot.ToString(), 1, default(Hash).ToString(), 1, default(Hash).ToString(), 7, Merkle.EmptyRoot.ToString()),
        new TotalOfOpenings("00", Company.Now, 3, Merkle.EmptyRoot.ToString(), 7, Merkle.EmptyRoot.ToString()),
    ];

    public static TheoryData<int> EachKind() => [.. Enumerable.Range(0, All.Length)];

    [Fact]
    public void a_statement_opens_under_the_keyholders_key_only()
    {
        Assert.Equal(Key, KeyholderStatement.TryOpen(Key.Sign(Keyholder), Keyholder.Verifier));
        Assert.Null(KeyholderStatement.TryOpen(Key.Sign(Keyholder), MemoryLog.Signer.Verifier));
        Assert.Null(KeyholderStatement.TryOpen(Key.Sign(MemoryLog.Signer), Keyholder.Verifier));
    }

    [Theory]
    [MemberData(nameof(EachKind))]
    public void every_statement_is_read_back_as_what_was_signed(int kind)
    {
        var opened = KeyholderStatement.TryOpen(All[kind].Sign(Keyholder), Keyholder.Verifier)!;
        Assert.Equal(All[kind].GetType(), opened.GetType());
        Assert.Equal(Json(All[kind]), Json(opened));
        Assert.Null(KeyholderStatement.TryOpen(All[kind].Sign(Keyholder), MemoryLog.Signer.Verifier));
    }

    [Theory]
    [MemberData(nameof(EachKind))]
    public void a_statement_with_any_member_changed_opens_to_nothing(int kind)
    {
        var (note, json) = (All[kind].Sign(Keyholder), Json(All[kind]));
        using var document = JsonDocument.Parse(json);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var raw = member.Value.GetRawText();
            var other = member.Value.ValueKind == JsonValueKind.Number ? raw + "0" : member.Value.ValueKind == JsonValueKind.Array ? "[]" : "\"x" + raw[1..];
            var changed = note.Replace($"\"{member.Name}\":{raw}", $"\"{member.Name}\":{other}", StringComparison.Ordinal);
            Assert.NotEqual(note, changed);
            Assert.Null(KeyholderStatement.TryOpen(changed, Keyholder.Verifier));
        }
    }

    [Theory]
    [MemberData(nameof(EachKind))]
    public void a_statement_cut_anywhere_opens_to_nothing(int kind)
    {
        var note = All[kind].Sign(Keyholder);
        Assert.All(Enumerable.Range(0, note.Length), length => Assert.Null(KeyholderStatement.TryOpen(note[..length], Keyholder.Verifier)));
    }

    [Theory]
    [MemberData(nameof(EachKind))]
    public void the_signature_of_one_statement_does_not_carry_another(int kind)
    {
        var note = All[kind].Sign(Keyholder);
        var (text, signature) = (note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 2)], note[(note.IndexOf("\n\n", StringComparison.Ordinal) + 2)..]);
        Assert.NotNull(KeyholderStatement.TryOpen(text + signature, Keyholder.Verifier));
        var others = All.Where((_, i) => i != kind).Select(s => s.Sign(Keyholder));
        Assert.All(others, o => Assert.Null(KeyholderStatement.TryOpen(o[..(o.IndexOf("\n\n", StringComparison.Ordinal) + 2)] + signature, Keyholder.Verifier)));
    }

    [Fact]
    public void no_two_kinds_are_the_same_bytes_and_each_says_what_it_is() =>
        Assert.Equal(["key", "status", "start", "destroyed", "count", "total"], All.Select(s => JsonDocument.Parse(Json(s)).RootElement.GetProperty("says").GetString()));

    [Theory]
    [InlineData("{\"says\":\"hello\"}\n")]
    [InlineData("{\"id\":\"00ff\",\"root\":\"00\",\"says\":\"start\",\"time\":\"2026-11-20T09:00:00+00:00\"}\n")]
    [InlineData("{\"extra\":1,\"id\":\"00ff\",\"root\":\"00\",\"says\":\"start\",\"size\":7,\"time\":\"2026-11-20T09:00:00+00:00\"}\n")]
    [InlineData("{\"says\":\"start\",\"id\":\"00ff\",\"root\":\"00\",\"size\":7,\"time\":\"2026-11-20T09:00:00+00:00\"}\n")]
    [InlineData("{\"id\":\"00ff\",\"root\":\"00\",\"says\":\"start\",\"size\":-1,\"time\":\"2026-11-20T09:00:00+00:00\"}\n")]
    [InlineData("not JSON\n")]
    public void a_signed_text_that_is_no_statement_opens_to_nothing(string text) =>
        Assert.Null(KeyholderStatement.TryOpen(SignedNote.Sign(text, Company.Now, Keyholder).ToString(), Keyholder.Verifier));

    // The example of docs/formats/log-entries.md.
    [Fact]
    public void a_chain_of_openings_is_the_one_of_the_documentation()
    {
        var chain = default(OpeningChain);
        Assert.Equal("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", chain.Value.ToString());
        chain.Add(3, Merkle.Leaf("look"u8));
        Assert.Equal("9xa7NyJmBxzP3sJcvb45bemVmua+PeHfQU9uVi4ZrN8=", chain.Value.ToString());
        chain.Add(8, Merkle.Leaf("release"u8));
        Assert.Equal("8x18fwxVZIFyJvmw+3x5T4IfpV2evYBBeHgQACHZlNc=", chain.Value.ToString());
        var page = File.ReadAllText(Path.Combine(Repository.Folder, "docs", "formats", "log-entries.md"));
        Assert.Contains($"| `look` | 3 | `{Merkle.Leaf("look"u8)}` | `9xa7NyJmBxzP3sJcvb45bemVmua+PeHfQU9uVi4ZrN8=` |", page, StringComparison.Ordinal);
        Assert.Contains($"| `release` | 8 | `{Merkle.Leaf("release"u8)}` | `{chain.Value}` |", page, StringComparison.Ordinal);
    }

    [Fact]
    public void a_chain_goes_on_from_where_it_was()
    {
        var (whole, first) = (default(OpeningChain), default(OpeningChain));
        whole.Add(3, Merkle.Leaf("look"u8));
        first.Add(3, Merkle.Leaf("look"u8));
        var rest = OpeningChain.From(first.Value);
        whole.Add(8, Merkle.Leaf("release"u8));
        rest.Add(8, Merkle.Leaf("release"u8));
        Assert.Equal(whole, rest);
    }

    [Fact]
    public void an_entry_left_out_or_put_elsewhere_or_in_another_order_breaks_the_chain()
    {
        (ulong Index, Hash Leaf)[] entries = [(3, Merkle.Leaf("a"u8)), (8, Merkle.Leaf("b"u8)), (9, Merkle.Leaf("c"u8))];
        var whole = Chain(entries);
        (ulong Index, Hash Leaf)[][] others =
        [
            [], entries[1..], [entries[0], entries[2]], entries[..2], [entries[1], entries[0], entries[2]], [.. entries, entries[2]],
            [(4, entries[0].Leaf), .. entries[1..]], [(3, entries[1].Leaf), .. entries[1..]], [(3UL << 56, entries[0].Leaf), .. entries[1..]],
        ];
        Assert.All(others, o => Assert.NotEqual(whole, Chain(o)));
        Assert.Equal(others.Length, others.Select(Chain).Distinct().Count());
    }

    private static OpeningChain Chain(IEnumerable<(ulong Index, Hash Leaf)> entries)
    {
        var chain = default(OpeningChain);
        foreach (var (index, leaf) in entries)
        {
            chain.Add(index, leaf);
        }

        return chain;
    }

    private static string Json(KeyholderStatement statement) => Encoding.UTF8.GetString(CanonicalJson.Write(statement, SealingJson.Default.KeyholderStatement));
}
