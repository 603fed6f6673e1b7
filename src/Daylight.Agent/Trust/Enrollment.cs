using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Daylight.Protocol;
using Daylight.Sealing;
using Daylight.Storage;

namespace Daylight.Agent.Trust;

/// <summary>What an enrolled machine knows: whose it is, which server, and the trust root that everything is checked from.</summary>
/// <param name="Server">URL.</param>
/// <param name="Person">Person id.</param>
/// <param name="Root">The trust root's canonical bytes, base64: the pin.</param>
internal sealed record EnrolledAs(string Server, string Person, string Root)
{
    [JsonIgnore]
    public TrustRoot TrustRoot => TrustRoot.TryRead(Convert.FromBase64String(Root)) ?? throw new InvalidDataException("The pinned trust root is damaged.");
}

/// <summary>Serialization of the enrollment.</summary>
[JsonSerializable(typeof(EnrolledAs))]
internal sealed partial class EnrollmentJson : JsonSerializerContext;

/// <summary>This machine's enrollment: a device key that never leaves it, and the pins.</summary>
public sealed class Enrollment
{
    private readonly string folder;

    /// <summary>The enrollment of an agent's folder.</summary>
    public Enrollment(string folder) => this.folder = folder;

    /// <summary>Whether the machine is enrolled.</summary>
    public bool Exists => File.Exists(DescriptionFile) && File.Exists(KeyFile);

    private string DescriptionFile => Path.Combine(folder, "enrollment.json");

    private string KeyFile => Path.Combine(folder, "device.pem");

    /// <summary>
    /// Enrolls: makes a device key, has the code's key sign it, and pins the trust root. The code carries a hash of the trust root, so a server
    /// with another one is refused; and it derives the signing key, so whoever carries the request cannot put another device in its place.
    /// </summary>
    /// <returns>The person's id.</returns>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="InvalidDataException">The code is damaged, or the server is another one than the code is for.</exception>
    public async Task<string> EnrollAsync(HttpClient http, string server, string codeText, TimeProvider time, CancellationToken cancel)
    {
        if (Exists)
        {
            throw new InvalidDataException($"This machine is enrolled already ({folder}). To enroll it anew, remove enrollment.json and device.pem there first.");
        }

        var (device, person, root) = await RegisterAsync(http, codeText, "device", time, cancel);
        using (device)
        {
            Folders.WritePrivate(KeyFile, device.ToPem());
            var description = new EnrolledAs(server, person, Convert.ToBase64String(root.ToBytes()));
            Folders.WritePrivate(DescriptionFile, JsonSerializer.Serialize(description, EnrollmentJson.Default.EnrolledAs));
        }

        return person;
    }

    /// <summary>Registers a new credential with a one-time code.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="InvalidDataException">The code is damaged, or the server is another one than the code is for.</exception>
    public static async Task<(CredentialKey Key, string Person, TrustRoot Root)> RegisterAsync(HttpClient http, string codeText, string use, TimeProvider time, CancellationToken cancel)
    {
        if (EnrollmentCode.TryParse(codeText) is not { } code)
        {
            throw new InvalidDataException("That is not an enrollment code: it has seven groups of six letters and digits.");
        }

        using var codeKey = code.DeriveKey();
        var api = ApiClient.WithToken(http, null);
        var found = (await api.GetAsync("/api/v1/enrollments/" + EnrollmentCode.HashOf(codeKey.Credential), ProtocolJson.Default.EnrollmentFound, cancel)).OrThrow();
        if (TrustRoot.TryRead(Encoding.UTF8.GetBytes(found.Root)) is not { } root || !root.Fingerprint.StartsWith(code.RootPrefix, StringComparison.Ordinal))
        {
            throw new InvalidDataException("This server has another trust root than the one the code was made for. Do not go on: ask who gave you the code.");
        }

        try
        {
            BundleVerifier.VerifyEnrollment(found, root, EnrollmentCode.HashOf(codeKey.Credential), use);
        }
        catch (UnverifiableException e)
        {
            throw new InvalidDataException($"The server cannot prove whose code this is: {e.Message}. Was it the code for the other purpose (machine, or own key)?", e);
        }

        var device = CredentialKey.Create();
        var statement = new RegisterCredential(root.Fingerprint, time.GetUtcNow(), found.Line.Person, device.Credential.Text, use, found.Line.Code);
        var happened = new CredentialRegistered(SignedStatement.Sign(statement, codeKey, device), codeKey.Credential.Text, found.Line, found.List, found.Index, found.Proof);
        (await api.PostAsync("/api/v1/credentials", new SubmitEvent(happened), ProtocolJson.Default.SubmitEvent, ProtocolJson.Default.Recorded, cancel)).OrThrow();
        return (device, found.Line.Person, root);
    }

    internal EnrolledAs Read() => JsonSerializer.Deserialize(File.ReadAllText(DescriptionFile), EnrollmentJson.Default.EnrolledAs)!;

    internal CredentialKey ReadKey() => CredentialKey.FromPem(File.ReadAllText(KeyFile));
}
