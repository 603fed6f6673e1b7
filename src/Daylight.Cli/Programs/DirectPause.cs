using System.CommandLine;
using System.Net.Security;
using System.Text.Json;
using Daylight.Protocol;
using Daylight.Sealing;

namespace Daylight.Cli.Programs;

/// <summary>A signed pause, brought to the keyholder itself: for when the server does not do it.</summary>
internal sealed class DirectPause
{
    private readonly Option<string?> keyholder = new("--keyholder") { Description = "Bring the signed pause to the keyholder itself: unix:///PATH or https://HOST:PORT", HelpName = "URL" };
    private readonly Option<string?> certificate = new("--keyholder-certificate") { Description = "With https: the keyholder's certificate (its .crt)", HelpName = "FILE" };
    private readonly Option<string?> root = new("--root") { Description = "With --keyholder: the trust root's fingerprint, as it was published", HelpName = "FINGERPRINT" };

    public void AddTo(Command command)
    {
        command.Add(keyholder);
        command.Add(certificate);
        command.Add(root);
    }

    public bool IsWanted(ParseResult parsed) => parsed.GetValue(keyholder) is not null;

    public async Task SendAsync(ParseResult parsed, CredentialKey key, string program, string reason, CancellationToken cancel)
    {
        var fingerprint = parsed.GetValue(root) ?? throw new UsageException("--keyholder wants --root: the fingerprint of the trust root, so that the signature means this company.");
        var signed = SignedStatement.Sign(new PauseProgram(fingerprint, TimeProvider.System.GetUtcNow(), program, reason), key);
        using var http = Client(parsed.GetValue(keyholder)!, parsed.GetValue(certificate));
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(signed, SealingJson.Default.SignedStatement));
        using var answer = await http.PostAsync("/v1/pause", content, cancel);
        switch (JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancel), ProtocolJson.Default.KeyholderResponse))
        {
            case KeyholderResponse.Paused:
                return;
            case KeyholderResponse.Refused refused:
                throw new InvalidOperationException($"The keyholder refuses ({refused.Code}): {refused.Message}");
            default:
                throw new InvalidOperationException("The keyholder answered something else.");
        }
    }

    private static HttpClient Client(string address, string? certificate)
    {
        if (address.StartsWith("unix://", StringComparison.Ordinal))
        {
            return Daylight.Server.Hosting.DaylightServer.ControlClient(address["unix://".Length..]);
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme != "https" || certificate is null)
        {
            throw new UsageException("--keyholder is unix:///PATH, or https://HOST:PORT with --keyholder-certificate FILE.");
        }

        var pinned = PinnedTls.ReadPeer(certificate);
        return new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = PinnedTls.Only(pinned) } }) { BaseAddress = url };
    }
}
