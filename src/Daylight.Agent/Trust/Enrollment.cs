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
/// <param name="Root">The trust root's canonical bytes, base64: the pin, of log and keyholder too. Witnesses are named in the log by a quorum of its approvers.</param>
/// <param name="Enrolled">When the machine was enrolled.</param>
/// <param name="Shown">Hashes of the charters that the person was shown then; they begin on that day, and every later one is told first.</param>
/// <param name="Office">Log index of the last entry that keyholder and witnesses rested on then: the server cannot go back behind it.</param>
internal sealed record EnrolledAs(string Server, string Person, string Root, DateTimeOffset Enrolled, IReadOnlyList<string>? Shown = null, ulong Office = 0)
{
    [JsonIgnore]
    public TrustRoot TrustRoot => TrustRoot.TryRead(Convert.FromBase64String(Root)) ?? throw new InvalidDataException("The pinned trust root is damaged.");
}

/// <summary>Serialization of the enrollment.</summary>
[JsonSerializable(typeof(EnrolledAs))]
internal sealed partial class EnrollmentJson : JsonSerializerContext;

/// <summary>How a person knows that a trust root is the company's: something that did not come from the server itself.</summary>
public abstract record RootProof
{
    private RootProof()
    {
    }

    /// <summary>Twelve words, typed from the works council's notice.</summary>
    public sealed record Words(string Typed) : RootProof;

    /// <summary>A file that the works council signed, put on the machine by the company.</summary>
    public sealed record PolicyFile(AgentPolicyFile File) : RootProof;

    /// <summary>The root itself is known: whoever enrolls made it, as in the demo.</summary>
    public sealed record Known(string Fingerprint) : RootProof;

    /// <summary>Why a root is not the one that the proof is about; null when it is.</summary>
    internal string? Complaint(TrustRoot root) => this switch
    {
        Words words => TrustWords.Complaint(words.Typed, root.Fingerprint),
        PolicyFile file when file.File.Open() is not { } opened => "the policy file is damaged, or no works council of its trust root signed it",
        PolicyFile file when file.File.Open()!.Value.Root.Fingerprint != root.Fingerprint => "the policy file is about another trust root than this server's",
        Known known when known.Fingerprint != root.Fingerprint => "this server has another trust root",
        _ => null,
    };
}

/// <summary>What a fresh enrollment found.</summary>
/// <param name="Person">Whose machine it is.</param>
/// <param name="Programs">What is collected from today on: name and the one sentence of each program.</param>
public sealed record Enrolled(string Person, IReadOnlyList<(string Program, string Explain)> Programs);

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
    /// Enrolls: makes a device key, has the code's key sign it, and pins the trust root, once something that did not come from the server says that it is the right one.
    /// The code derives the signing key, so whoever carries the request cannot put another device in its place.
    /// </summary>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="InvalidDataException">The code is damaged, or the server is another one than the code, or the proof, is for.</exception>
    public async Task<Enrolled> EnrollAsync(HttpClient http, string server, string codeText, RootProof proof, TimeProvider time, CancellationToken cancel)
    {
        if (Exists)
        {
            throw new InvalidDataException($"This machine is enrolled already ({folder}). To enroll it anew, remove enrollment.json and device.pem there first.");
        }

        var (device, person, root) = await RegisterAsync(http, codeText, "device", proof, time, cancel);
        using (device)
        {
            var office = proof is RootProof.PolicyFile file ? file.File.Open()!.Value.Policy.Office : 0;
            var bundle = await BundleAsync(ApiClient.WithCredential(http, device, root.Fingerprint, time), root, person, office, time, cancel);
            var programs = bundle?.Programs ?? [];
            Folders.WritePrivate(KeyFile, device.ToPem());
            var description = new EnrolledAs(server, person, Convert.ToBase64String(root.ToBytes()), time.GetUtcNow(), [.. programs.Select(p => p.Hash)], bundle?.Office ?? office);
            Folders.WritePrivate(DescriptionFile, JsonSerializer.Serialize(description, EnrollmentJson.Default.EnrolledAs));
            return new Enrolled(person, [.. programs.Select(p => (p.Charter.Program, p.Charter.Explain.ToString()))]);
        }
    }

    /// <summary>What is collected of this person, verified from the pin. A server that is slow to prove it has registered the machine all the same: then nothing was shown, and everything is told first.</summary>
    private static async Task<VerifiedBundle?> BundleAsync(ApiClient api, TrustRoot root, string person, ulong office, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            var bundle = (await api.GetAsync("/api/v1/agent/bundle", ProtocolJson.Default.AgentBundle, cancel)).OrThrow();
            return BundleVerifier.Verify(bundle, root, person, KnownLog.Nothing with { Office = office }, time.GetUtcNow());
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return null; // whatever it said: the machine is registered, and its key must be kept
        }
    }

    /// <summary>Registers a new credential with a one-time code.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="InvalidDataException">The code is damaged, or the server is another one than the code is for.</exception>
    public static async Task<(CredentialKey Key, string Person, TrustRoot Root)> RegisterAsync(HttpClient http, string codeText, string use, RootProof? proof, TimeProvider time, CancellationToken cancel)
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

        if (proof?.Complaint(root) is { } wrong)
        {
            throw new InvalidDataException($"Not enrolled: {wrong}. Do not go on before you asked the works council.");
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

    /// <summary>
    /// Vouches for a trust root towards machines, by a works council's signature: what the server shows is checked from words that came on another way, and keyholder and
    /// witnesses in office are written down, so that no machine is led back behind them.
    /// </summary>
    /// <exception cref="InvalidDataException">The server's trust root is not the one of the words, or what it shows does not hold.</exception>
    public static async Task<AgentPolicyFile> VouchAsync(HttpClient http, string server, CredentialKey council, RootProof proof, TimeProvider time, CancellationToken cancel)
    {
        var bytes = (await ApiClient.WithToken(http, null).GetBytesAsync("/api/v1/trust-root", cancel)).OrThrow();
        if (TrustRoot.TryRead(bytes) is not { } root || proof.Complaint(root) is not null)
        {
            throw new InvalidDataException("This server has another trust root than the one of these words. Nothing was signed.");
        }

        try
        {
            var api = ApiClient.WithCredential(http, council, root.Fingerprint, time);
            var me = (await api.GetAsync("/api/v1/me", ProtocolJson.Default.Me, cancel)).OrThrow();
            var bundle = (await api.GetAsync("/api/v1/agent/bundle", ProtocolJson.Default.AgentBundle, cancel)).OrThrow();
            var verified = BundleVerifier.Verify(bundle, root, me.Person, KnownLog.Nothing, time.GetUtcNow());
            var file = new AgentPolicyFile(Convert.ToBase64String(bytes), SignedStatement.Sign(new AgentPolicy(root.Fingerprint, time.GetUtcNow(), server, verified.Policy, verified.Office), council));
            return file.Open() is not null ? file : throw new InvalidDataException("Only a works council of the trust root can vouch for it. Nothing was signed.");
        }
        catch (UnverifiableException e)
        {
            throw new InvalidDataException($"What the server shows does not hold: {e.Message}. Nothing was signed.", e);
        }
    }

    internal EnrolledAs Read() => JsonSerializer.Deserialize(File.ReadAllText(DescriptionFile), EnrollmentJson.Default.EnrolledAs)!;

    internal CredentialKey ReadKey() => CredentialKey.FromPem(File.ReadAllText(KeyFile));
}
