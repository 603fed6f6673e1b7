using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Server.Hosting;
using Daylight.Storage;

namespace Daylight.Cli.Demo;

/// <summary>One made-up person, with the key of their simulated machine.</summary>
internal sealed record SamplePerson(string Person, string Team, IReadOnlyList<string> Managers, string Device);

/// <summary>What the demo remembers between starts. It holds keys of people who do not exist, and lies with the keys.</summary>
/// <param name="People">Everybody.</param>
/// <param name="Personas">Personas with their tokens.</param>
/// <param name="Root">The trust root, base64.</param>
/// <param name="SeededUntil">Last local day that was replayed.</param>
internal sealed record DemoState(IReadOnlyList<SamplePerson> People, IReadOnlyDictionary<string, DemoPersona> Personas, string Root, DateOnly SeededUntil)
{
    public static DemoState? Load(string keys) => File.Exists(FileOf(keys)) ? JsonSerializer.Deserialize(File.ReadAllText(FileOf(keys)), DemoJson.Default.DemoState) : null;

    public void Save(string keys) => Folders.WritePrivate(FileOf(keys), JsonSerializer.Serialize(this, DemoJson.Default.DemoState));

    private static string FileOf(string keys) => Path.Combine(keys, "demo.json");
}

/// <summary>Serialization of the demo's state.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DemoState))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, DemoPersona>))]
internal sealed partial class DemoJson : JsonSerializerContext;

/// <summary>Holds the personas' credentials, so that one can be anybody. Made for the demo alone, and said on every page.</summary>
internal sealed class DemoStandIn(string keys) : IStandIn
{
    private readonly Dictionary<string, CredentialKey> byPerson = [];

    public IReadOnlyDictionary<string, DemoPersona> Personas { get; private set; } = new Dictionary<string, DemoPersona>();

    public CredentialKey? KeyOf(string person) => byPerson.GetValueOrDefault(person);

    public static string FileOf(string keys, string persona) => Path.Combine(keys, "personas", persona + ".pem");

    public void Use(IReadOnlyDictionary<string, DemoPersona> personas)
    {
        Personas = personas;
        foreach (var (name, persona) in personas)
        {
            byPerson[persona.Person] = CredentialKey.FromPem(File.ReadAllText(FileOf(keys, name)));
        }
    }
}
