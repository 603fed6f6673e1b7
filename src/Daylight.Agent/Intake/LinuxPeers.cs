using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Daylight.Agent.Intake;

/// <summary>
/// Linux: the kernel names the user of one socket (sock_diag(7)), or, where that is not to be had, of every socket (<c>/proc/net/tcp</c> and <c>tcp6</c>). Tested.
/// </summary>
/// <remarks>Most watchers make a connection for each heartbeat, and for the list of all sockets the kernel walks through its whole table, however few there are.</remarks>
[SupportedOSPlatform("linux")]
internal static partial class LinuxPeers
{
    private static readonly uint Me = geteuid();

    public static PeerUser Of(IPEndPoint peer, IPEndPoint local)
    {
        var uid = Ask(peer, local) ?? Look(peer, local);
        return uid is null ? PeerUser.Unknown : uid == Me ? PeerUser.Same : PeerUser.Other;
    }

    /// <summary>Asks for the one socket with these ends; null when there is none, it is nobody's any more, or the kernel does not answer such questions.</summary>
    internal static unsafe uint? Ask(IPEndPoint peer, IPEndPoint local)
    {
        const int Netlink = 16, Raw = 3, CloseOnExec = 0x80000, SockDiag = 4;
        var (from, to) = (Plain(peer.Address), Plain(local.Address));
        var handle = from.AddressFamily == to.AddressFamily ? socket(Netlink, Raw | CloseOnExec, SockDiag) : -1;
        if (handle < 0)
        {
            return null;
        }

        Span<byte> question = stackalloc byte[Diag.Length], answer = stackalloc byte[256];
        Diag.Write(question, from, (ushort)peer.Port, to, (ushort)local.Port);
        int got;
        fixed (byte* q = question, a = answer)
        {
            // The kernel answers before send returns: nothing is waited for.
            got = (int)(send(handle, q, question.Length, 0) == question.Length ? recv(handle, a, answer.Length, Diag.DontWait) : -1);
        }

        _ = close(handle);
        return got > 0 ? Diag.Read(answer[..got], (ushort)peer.Port, (ushort)local.Port) : null;
    }

    /// <summary>Looks for the socket with these ends among all.</summary>
    internal static uint? Look(IPEndPoint peer, IPEndPoint local) =>
        // The peer's own socket is the one whose ends are ours, the other way round. An IPv4 connection may come from an IPv6 socket.
        Find("/proc/net/tcp", End(peer, AddressFamily.InterNetwork), End(local, AddressFamily.InterNetwork))
            ?? Find("/proc/net/tcp6", End(peer, AddressFamily.InterNetworkV6), End(local, AddressFamily.InterNetworkV6));

    private static uint? Find(string file, string? from, string? to)
    {
        if (from is null || to is null || !File.Exists(file))
        {
            return null;
        }

        foreach (var line in File.ReadLines(file))
        {
            // "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
            if (line.Contains(from, StringComparison.Ordinal) && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var local, var remote, _, _, _, _, var uid, _, var inode, ..]
                && local == from && remote == to && inode != "0")
            {
                return uint.Parse(uid, CultureInfo.InvariantCulture);
            }
        }

        return null;
    }

    /// <summary>An end as the kernel writes it: each 32 bits of the address in the machine's byte order, then the port.</summary>
    private static string? End(IPEndPoint end, AddressFamily family)
    {
        var address = family == AddressFamily.InterNetworkV6 ? end.Address.MapToIPv6() : Plain(end.Address);
        if (address.AddressFamily != family)
        {
            return null;
        }

        var bytes = address.GetAddressBytes();
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < bytes.Length; i += 4)
        {
            text.Append(MemoryMarshal.Read<uint>(bytes.AsSpan(i)).ToString("X8", CultureInfo.InvariantCulture));
        }

        return text.Append(':').Append(end.Port.ToString("X4", CultureInfo.InvariantCulture)).ToString();
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint send(int handle, byte* buffer, nint length, int flags);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint recv(int handle, byte* buffer, nint length, int flags);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int handle);

    /// <summary>The kernel's question and answer about one TCP socket: nlmsghdr, then inet_diag_req_v2 or inet_diag_msg (linux/inet_diag.h). Ports and addresses are in network order.</summary>
    private static class Diag
    {
        public const int Length = Header + 56;
        public const int DontWait = 0x40;
        private const int Header = 16;
        private const ushort ByFamily = 20; // SOCK_DIAG_BY_FAMILY
        private const ushort Request = 1; // NLM_F_REQUEST
        private const byte Tcp = 6;

        public static void Write(Span<byte> message, IPAddress from, ushort fromPort, IPAddress to, ushort toPort)
        {
            message.Clear();
            BitConverter.TryWriteBytes(message, Length);
            BitConverter.TryWriteBytes(message[4..], ByFamily);
            BitConverter.TryWriteBytes(message[6..], Request);
            var question = message[Header..];
            question[0] = (byte)(from.AddressFamily == AddressFamily.InterNetwork ? 2 : 10);
            question[1] = Tcp;
            question[4..8].Fill(0xff); // in any state
            BinaryPrimitives.WriteUInt16BigEndian(question[8..], fromPort);
            BinaryPrimitives.WriteUInt16BigEndian(question[10..], toPort);
            from.TryWriteBytes(question[12..], out _);
            to.TryWriteBytes(question[28..], out _);
            question[48..56].Fill(0xff); // of no known cookie
        }

        public static uint? Read(ReadOnlySpan<byte> message, ushort fromPort, ushort toPort)
        {
            if (message.Length < Header + 72 || BitConverter.ToUInt16(message[4..]) != ByFamily)
            {
                return null; // an error: there is no such socket
            }

            // Where no connection has these ends the kernel names who listens there, whose other port is 0; and who closed a socket does not own it any more.
            var answer = message[Header..];
            return BinaryPrimitives.ReadUInt16BigEndian(answer[4..]) == fromPort && BinaryPrimitives.ReadUInt16BigEndian(answer[6..]) == toPort && BitConverter.ToUInt32(answer[68..]) != 0
                ? BitConverter.ToUInt32(answer[64..])
                : null;
        }
    }
}
