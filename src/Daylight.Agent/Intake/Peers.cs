using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Daylight.Agent.Intake;

/// <summary>Whose program is at the other end of a connection.</summary>
internal enum PeerUser
{
    /// <summary>This user's.</summary>
    Same = 0,

    /// <summary>Another user's.</summary>
    Other = 1,

    /// <summary>The platform does not say; then a key decides.</summary>
    Unknown = 2,

    /// <summary>A phone, on the network port that was opened for it.</summary>
    Phone = 3,
}

/// <summary>Asks the platform which user a local connection belongs to: anybody on the machine can connect to its loopback address, and a port asks nobody's name.</summary>
internal static class Peers
{
    /// <summary>Whose program made a connection to one of this process's ports.</summary>
    /// <param name="peer">Its end.</param>
    /// <param name="local">This end.</param>
    public static PeerUser Of(IPEndPoint peer, IPEndPoint local)
    {
        try
        {
            return OperatingSystem.IsLinux() ? LinuxPeers.Of(peer, local)
                : OperatingSystem.IsWindows() ? WindowsPeers.Of(peer, local)
                : OperatingSystem.IsMacOS() ? MacPeers.Of(peer)
                : PeerUser.Unknown;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ExternalException or EntryPointNotFoundException or DllNotFoundException)
        {
            return PeerUser.Unknown;
        }
    }
}

/// <summary>Names whose each connection is. Others than this user's programs have a few connections together, so that they cannot take all there are.</summary>
internal sealed class Others
{
    private int connections;

    /// <summary>Asks whose a connection is before anything is read from it.</summary>
    public void NamePeers(ListenOptions listen) => listen.Use(next => connection =>
    {
        var user = connection is { RemoteEndPoint: IPEndPoint peer, LocalEndPoint: IPEndPoint local } ? Peers.Of(peer, local) : PeerUser.Unknown;
        if (user != PeerUser.Same)
        {
            return LetInAsync(connection, user, next);
        }

        connection.Features.Set(new Peer(user));
        return next(connection);
    });

    /// <summary>Lets a connection of somebody else's in, if there are not too many; else it is closed.</summary>
    public async Task LetInAsync(ConnectionContext connection, PeerUser user, ConnectionDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref connections) <= AgentLimits.MostConnectionsOfOthers)
            {
                connection.Features.Set(new Peer(user));
                await next(connection);
            }
        }
        finally
        {
            Interlocked.Decrement(ref connections);
        }
    }
}

/// <summary>Windows: the table of TCP connections names processes, and their tokens users. Not tested.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class WindowsPeers
{
    private const int AllOwners = 5; // TCP_TABLE_OWNER_PID_ALL
    private const int IPv4 = 2;
    private const uint QueryLimited = 0x1000;
    private const uint TokenQuery = 8;
    private const int TokenUser = 1;

    public static PeerUser Of(IPEndPoint peer, IPEndPoint local)
    {
        if (ProcessOf(peer, local) is not { } process)
        {
            return PeerUser.Unknown;
        }

        var (me, other) = (UserOf(Environment.ProcessId), UserOf(process));
        return me is null || other is null ? PeerUser.Unknown : me.AsSpan().SequenceEqual(other) ? PeerUser.Same : PeerUser.Other;
    }

    private static int? ProcessOf(IPEndPoint peer, IPEndPoint local)
    {
        var size = 0;
        _ = GetExtendedTcpTable(null, ref size, 0, IPv4, AllOwners, 0);
        var table = new byte[size + 4096];
        size = table.Length;
        if (GetExtendedTcpTable(table, ref size, 0, IPv4, AllOwners, 0) != 0)
        {
            return null;
        }

        // A count, then rows of six 32-bit words: state, local address, local port, remote address, remote port, process; ports in network order.
        var rows = MemoryMarshal.Cast<byte, uint>(table.AsSpan(4));
        for (var i = 0; i < BinaryPrimitives.ReadInt32LittleEndian(table) && (i + 1) * 6 <= rows.Length; i++)
        {
            var row = rows.Slice(i * 6, 6);
            if (BinaryPrimitives.ReverseEndianness((ushort)row[2]) == peer.Port && BinaryPrimitives.ReverseEndianness((ushort)row[4]) == local.Port)
            {
                return (int)row[5];
            }
        }

        return null;
    }

    private static byte[]? UserOf(int process)
    {
        var handle = OpenProcess(QueryLimited, 0, (uint)process);
        if (handle == 0 || OpenProcessToken(handle, TokenQuery, out var token) == 0)
        {
            return null;
        }

        var buffer = new byte[256];
        var done = GetTokenInformation(token, TokenUser, buffer, buffer.Length, out var length);
        _ = CloseHandle(token);
        _ = CloseHandle(handle);
        // SID_AND_ATTRIBUTES with a pointer into this very buffer, and then the SID itself.
        return done != 0 ? buffer[(2 * nint.Size)..length] : null;
    }

    [LibraryImport("iphlpapi.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetExtendedTcpTable(byte[]? table, ref int size, int sorted, int family, int kind, int reserved);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint OpenProcess(uint access, int inherit, uint process);

    [LibraryImport("advapi32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int OpenProcessToken(nint process, uint access, out nint token);

    [LibraryImport("advapi32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetTokenInformation(nint token, int kind, byte[] buffer, int size, out int length);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CloseHandle(nint handle);
}

/// <summary>macOS: the kernel's list of TCP sockets names their users. Not tested.</summary>
[SupportedOSPlatform("macos")]
internal static partial class MacPeers
{
    private const string List = "net.inet.tcp.pcblist_n";
    private const uint Socket = 0x001; // XSO_SOCKET
    private const uint Connection = 0x010; // XSO_INPCB
    private const int LocalPort = 18; // inp_lport of xinpcb_n, network order
    private const int User = 64; // so_uid of xsocket_n

    public static PeerUser Of(IPEndPoint peer)
    {
        nint size = 0;
        if (sysctlbyname(List, null, ref size, 0, 0) != 0)
        {
            return PeerUser.Unknown;
        }

        var buffer = new byte[size + 4096];
        size = buffer.Length;
        if (sysctlbyname(List, buffer, ref size, 0, 0) != 0)
        {
            return PeerUser.Unknown;
        }

        // Records of a length and a kind each; the connection comes before the socket that it belongs to.
        var isPeer = false;
        for (var at = (int)BinaryPrimitives.ReadUInt32LittleEndian(buffer); at + 8 <= size;)
        {
            var (length, kind) = ((int)BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at)), BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at + 4)));
            if (length < 8 || at + length > size)
            {
                break;
            }

            if (kind == Connection)
            {
                isPeer = length >= LocalPort + 2 && BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(at + LocalPort)) == peer.Port;
            }
            else if (kind == Socket && isPeer && length >= User + 4)
            {
                return BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at + User)) == geteuid() ? PeerUser.Same : PeerUser.Other;
            }

            at += (length + 7) & ~7;
        }

        return PeerUser.Unknown;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sysctlbyname(string name, byte[]? old, ref nint size, nint value, nint length);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint geteuid();
}
