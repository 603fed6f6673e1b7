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

    /// <summary>Keyed hash of anything else.</summary>
    public string Reference(string use, string value) => SecretBox.Reference(references, "\n" + use + "\n" + value);
}
