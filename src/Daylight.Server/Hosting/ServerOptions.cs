using Daylight.Sealing;

namespace Daylight.Server.Hosting;

/// <summary>How a server is set up.</summary>
public sealed class ServerOptions
{
    /// <summary>Folder of the server's own files.</summary>
    public required string Data { get; init; }

    /// <summary>The server's key, 32 bytes, from the <c>--keys</c> folder: it encrypts names and keys <c>subject_ref</c>.</summary>
    public required byte[] Key { get; init; }

    /// <summary>URL to listen on; null listens on the control socket only.</summary>
    public string? Listen { get; init; } = "http://localhost:8080";

    /// <summary>Whether employees see the looker's name besides role and relation. Off by default: lookers are employees too.</summary>
    public bool ShowNames { get; init; }

    /// <summary>How many sights may appear within a day by changes of the directory before they wait for a privacy officer; null for a twentieth of all there are, and 50 at least.</summary>
    public long? HoldAbove { get; init; }

    /// <summary>IANA zone of people of whom a provisioning client says none.</summary>
    public string DefaultZone { get; init; } = "Etc/UTC";

    /// <summary>How people reach the company about their data: an address, a telephone number. Receipts carry it; null where nothing is said.</summary>
    public string? Contact { get; init; }

    /// <summary>Countries in which sealed data is stored (ISO 3166-1 alpha-2). Receipts carry them.</summary>
    public IReadOnlyList<string> StoredIn { get; init; } = [];

    /// <summary>Network of the proxy whose word about a caller's address is believed; null for none.</summary>
    public System.Net.IPNetwork? BehindProxy { get; init; }

    /// <summary>The company's identity provider; null where people sign in here alone.</summary>
    public Features.SignIn.Oidc.OidcOptions? Oidc { get; init; }

    /// <summary>Whether a password with an authenticator app signs in, where no passkey is at hand.</summary>
    public bool Passwords { get; init; }

    /// <summary>How often a password is hashed: OWASP's number for PBKDF2-HMAC-SHA512, which is what Identity's version 3 is.</summary>
    public int PasswordIterations { get; init; } = 210_000;

    /// <summary>How mail is sent; null for none.</summary>
    public Features.Notices.MailOptions? Mail { get; init; }

    /// <summary>Days that reviewers have in the access review of each quarter (14 to 60), which is opened by itself; null where nobody opens one.</summary>
    public int? AccessReviewDays { get; init; }

    /// <summary>Whether everything here is made up; pages say so.</summary>
    public bool Synthetic { get; init; }

    /// <summary>Whether the keyholder is a process of its own; pages say which.</summary>
    public bool KeyholderApart { get; init; }

    /// <summary>The demo's personas; null outside the demo.</summary>
    public IStandIn? StandIn { get; init; }

    /// <summary>Whether background jobs run by themselves. Off while the demo replays its weeks, and in tests.</summary>
    public bool RunJobs { get; init; } = true;

    /// <summary>Path of the control socket, which only this machine's user can open.</summary>
    public string ControlSocket => ControlSocketOf(Data);

    /// <summary>Where the control socket of a data folder is: in the folder, or, where that path is longer than a socket's may be, in the runtime folder.</summary>
    public static string ControlSocketOf(string serverFolder)
    {
        const int longest = 107; // sockaddr_un.sun_path
        var path = Path.Combine(Path.GetFullPath(serverFolder), "control.sock");
        if (System.Text.Encoding.UTF8.GetByteCount(path) <= longest)
        {
            return path;
        }

        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } folder ? folder : Path.GetTempPath();
        return Path.Combine(runtime, "daylight", $"{Transparency.Hash.Of(System.Text.Encoding.UTF8.GetBytes(path)).ToHex()[..16]}.sock");
    }
}

/// <summary>Stands in for people who are not there: the demo holds its personas' credentials, and says so. Nothing else implements this.</summary>
public interface IStandIn
{
    /// <summary>The credential of a persona; null for anybody else.</summary>
    CredentialKey? KeyOf(string person);

    /// <summary>The personas, by name, with their tokens.</summary>
    IReadOnlyDictionary<string, Protocol.DemoPersona> Personas { get; }
}
