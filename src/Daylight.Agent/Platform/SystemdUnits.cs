using System.Globalization;

namespace Daylight.Agent.Platform;

/// <summary>
/// The units that start an agent with its user's session. systemd holds the port, not the agent: while the agent restarts, watchers wait for a moment instead of
/// being refused, and a refused heartbeat is one that ActivityWatch's clients drop for good.
/// </summary>
internal static class SystemdUnits
{
    /// <summary>Name of both units.</summary>
    public const string Name = "daylight-agent";

    /// <summary>The user's folder of units.</summary>
    public static string Folder => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } config ? config : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"), "systemd", "user");

    /// <summary>The socket (systemd.socket(5)).</summary>
    public static string Socket(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        [Unit]
        Description=Port of the Daylight agent

        [Socket]
        ListenStream=127.0.0.1:{port}
        ListenStream=[::1]:{port}
        Backlog=512

        [Install]
        WantedBy=sockets.target

        """);

    /// <summary>The service (systemd.service(5)).</summary>
    /// <param name="program">The program, and what it is started with.</param>
    public static string Service(IEnumerable<string> program) => $"""
        [Unit]
        Description=Daylight agent: what it collects and sends stands on its own page
        Requires={Name}.socket
        After={Name}.socket

        [Service]
        Type=exec
        ExecStart={string.Join(' ', program.Select(Quoted))}
        Restart=always
        RestartSec=1
        UMask=0077
        NoNewPrivileges=yes
        LockPersonality=yes
        RestrictRealtime=yes
        RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
        SystemCallArchitectures=native

        [Install]
        WantedBy=default.target

        """;

    /// <summary>Sockets that systemd handed to this process (sd_listen_fds(3)): their file descriptors.</summary>
    public static IEnumerable<ulong> Handed()
    {
        const int First = 3;
        return Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            && int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? Enumerable.Range(First, count).Select(i => (ulong)i)
                : [];
    }

    private static string Quoted(string argument) => "\"" + argument.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal) + "\"";
}
