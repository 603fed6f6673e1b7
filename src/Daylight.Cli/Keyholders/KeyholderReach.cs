using System.CommandLine;
using Daylight.Protocol;
using Daylight.Server.Features.Log;

namespace Daylight.Cli.Keyholders;

/// <summary>How a server reaches a keyholder that runs as a process of its own.</summary>
internal sealed class KeyholderReach
{
    private readonly Option<string?> keyholder = new("--keyholder") { Description = "A keyholder of its own process: unix:///PATH or https://HOST:PORT (default: in this process)", HelpName = "URL" };
    private readonly Option<string?> peer = new("--keyholder-certificate") { Description = "With https: the one certificate that the keyholder may show (its .crt)", HelpName = "FILE" };
    private readonly Option<string?> own = new("--server-certificate") { Description = "With https: the server's certificate and key, which the keyholder knows", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Add(keyholder);
        command.Add(peer);
        command.Add(own);
    }

    /// <summary>Whether one was named.</summary>
    public bool IsApart(ParseResult parsed) => parsed.GetValue(keyholder) is not null;

    /// <summary>The channel to it; null when none was named.</summary>
    public IKeyholderChannel? Open(ParseResult parsed)
    {
        if (parsed.GetValue(keyholder) is not { } text)
        {
            return null;
        }

        if (text.StartsWith("unix://", StringComparison.Ordinal))
        {
            return KeyholderChannel.OverSocket(text["unix://".Length..]);
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme != "https")
        {
            throw new UsageException("--keyholder is unix:///PATH or https://HOST:PORT");
        }

        return parsed.GetValue(peer) is { } theirs && parsed.GetValue(own) is { } ours
            ? KeyholderChannel.OverHttps(url, PinnedTls.ReadOwn(ours), PinnedTls.ReadPeer(theirs))
            : throw new UsageException("--keyholder https://… wants both certificates: --keyholder-certificate FILE and --server-certificate FILE (daylight keys certificate makes them).");
    }
}
