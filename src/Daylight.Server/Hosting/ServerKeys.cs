using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Daylight.Sealing;

namespace Daylight.Server.Hosting;

/// <summary>What follows from the server's key: encryption of names and openings, and the references that rows are keyed by.</summary>
internal sealed class ServerKeys(ServerOptions options)
{
    private readonly byte[] references = SecretBox.Derive(options.Key, "server references");

    /// <summary>Encrypts what is stored about people.</summary>
    public SecretBox Box { get; } = new(SecretBox.Derive(options.Key, "server box"));

    /// <summary>Keyed hash of person and program: rows of two programs do not join, and a dump names nobody.</summary>
    public string SubjectRef(string person, string program) => SecretBox.Reference(references, program + "\n" + person);

    /// <summary>Keyed hash of a person for the directory.</summary>
    public string PersonRef(string person) => SecretBox.Reference(references, "\ndirectory\n" + person);

    /// <summary>Keyed hash of a person for what the log says about them.</summary>
    public string LogRef(string person) => SecretBox.Reference(references, "\nlog\n" + person);

    /// <summary>Seals what travels with a browser and comes back; as text for JSON and cookies.</summary>
    public string Pack<T>(string use, T value, JsonTypeInfo<T> type) => Base64Url.EncodeToString(Box.Seal(JsonSerializer.SerializeToUtf8Bytes(value, type), "travels " + use));

    /// <summary>What was packed for this use; null when it was not packed here.</summary>
    public T? Unpack<T>(string use, string text, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Box.Open(Base64Url.DecodeFromChars(text), "travels " + use), type);
        }
        catch (Exception e) when (e is FormatException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Keyed hash of anything else.</summary>
    public string Reference(string use, string value) => SecretBox.Reference(references, "\n" + use + "\n" + value);
}
