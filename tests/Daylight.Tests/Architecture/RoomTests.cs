using System.Reflection;
using System.Xml.Linq;
using Daylight.Protocol;
using Daylight.Server.Features.Disclosures;
using Daylight.Server.Features.Log;

namespace Daylight.Tests.Architecture;

/// <summary>Who may know whom, and the one way to plaintext. ARCHITECTURE.md says the same in words.</summary>
public sealed class RoomTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Core"] = [],
        ["Transparency"] = [],
        ["Sealing"] = ["Transparency"],
        ["Protocol"] = ["Sealing", "Transparency"],
        ["Storage"] = [],
        ["Terminal"] = ["Protocol"],
        ["Storage.PostgreSql"] = ["Storage"],
        ["Keyholder"] = ["Core", "Protocol", "Sealing", "Storage", "Transparency"],
        ["Server"] = ["Core", "Portal", "Protocol", "Sealing", "Storage", "Transparency"],
        ["Portal"] = ["Protocol"],
        ["Agent"] = ["Core", "Protocol", "Sealing", "Storage", "Terminal", "Transparency"],
        ["Witness"] = ["Storage", "Transparency"],
        ["Cli"] = ["Agent", "Core", "Keyholder", "Protocol", "Sealing", "Server", "Storage", "Storage.PostgreSql", "Terminal", "Transparency", "Witness"],
    };

    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["Core"] = ["YamlDotNet"],
        ["Transparency"] = [],
        ["Sealing"] = [],
        ["Protocol"] = [],
        ["Portal"] = [],
        ["Agent"] = ["Dapper", "System.CommandLine"],
    };

    public static TheoryData<string> Rooms => [.. Allowed.Keys];

    [Theory, MemberData(nameof(Rooms))]
    public void a_room_knows_only_the_rooms_that_it_may(string room) =>
        Assert.Equal(Allowed[room], Included(room, "ProjectReference").Select(p => Path.GetFileNameWithoutExtension(p)["Daylight.".Length..]).Order(StringComparer.Ordinal));

    [Fact]
    public void every_room_is_in_the_table() =>
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), Directory.EnumerateDirectories(Path.Combine(Root, "src")).Select(d => Path.GetFileName(d)["Daylight.".Length..]).Order(StringComparer.Ordinal));

    [Fact]
    public void the_pure_rooms_and_the_agent_carry_no_other_package() =>
        Assert.All(Packages, p => Assert.Equal(p.Value, Included(p.Key, "PackageReference").Order(StringComparer.Ordinal)));

    [Fact]
    public void every_package_has_a_line_in_the_list_of_dependencies()
    {
        var list = File.ReadAllText(Path.Combine(Root, "docs", "dependencies.md"));
        var packages = XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("PackageVersion").ToList();
        Assert.All(packages, p => Assert.True(
            list.Contains((string)p.Attribute("Version")!, StringComparison.Ordinal) && list.Contains(((string)p.Attribute("Include")!).Split('.')[^1], StringComparison.OrdinalIgnoreCase), (string)p.Attribute("Include")!));
    }

    [Fact]
    public void only_a_recorded_disclosure_opens_the_keyholders_door()
    {
        var doors = typeof(KeyholderClient).GetMethods(BindingFlags.Public | BindingFlags.Instance).Where(m => m.ReturnType == typeof(Task<KeyholderResponse.Opened>)).ToList();
        Assert.Equal(typeof(RecordedDisclosure), Assert.Single(doors).GetParameters()[0].ParameterType);
        Assert.All(typeof(RecordedDisclosure).GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance), c => Assert.True(c.IsPrivate));
        Assert.All(typeof(Permit).GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance), c => Assert.True(c.IsPrivate));
    }

    [Fact]
    public void nobody_but_the_keyholders_client_holds_the_channel_to_the_keyholder() =>
        Assert.Equal(
            [typeof(KeyholderClient)],
            typeof(KeyholderClient).Assembly.GetTypes()
                .Where(t => t.GetFields(BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Instance).Any(f => f.FieldType == typeof(IKeyholderChannel)) && !t.Name.Contains('<', StringComparison.Ordinal)));

    [Fact]
    public void no_message_asks_the_keyholder_to_open_but_the_one_with_entry_and_proof()
    {
        var opens = typeof(KeyholderRequest).GetNestedTypes().Where(t => t.GetProperties().Any(p => p.PropertyType == typeof(IReadOnlyList<StoredChunk>) || p.PropertyType == typeof(IReadOnlyList<PersonChunk>))).ToList();
        Assert.Equal([typeof(KeyholderRequest.Open), typeof(KeyholderRequest.CountMore)], opens);
        // What a count opens comes after the message that begins it, which holds the proof.
        Assert.All([opens[0], typeof(KeyholderRequest.Count)], t => Assert.True(t.GetProperty("Index") is not null && t.GetProperty("Proof") is not null && t.GetProperty("Checkpoint") is not null));
    }

    [Fact]
    public void a_sealed_chunk_has_no_member_that_reads_it() =>
        Assert.DoesNotContain(typeof(Daylight.Sealing.SealedChunk).GetMembers(), m => m.Name.Contains("Payload", StringComparison.Ordinal) || m.Name.Contains("Open", StringComparison.Ordinal));

    [Fact]
    public void no_source_file_is_longer_than_a_few_pages()
    {
        var longest = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories).Select(f => (File: Path.GetFileName(f), Lines: File.ReadLines(f).Count())).MaxBy(f => f.Lines);
        Assert.True(longest.Lines <= 640, $"{longest.File} has {longest.Lines} lines");
    }

    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Daylight.slnx")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not in a checkout.");
            }

            return folder;
        }
    }

    private static IEnumerable<string> Included(string room, string element) =>
        XDocument.Load(Path.Combine(Root, "src", "Daylight." + room, $"Daylight.{room}.csproj")).Descendants(element).Select(e => ((string)e.Attribute("Include")!).Replace('\\', '/'));
}
