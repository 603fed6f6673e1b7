using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Daylight.Agent.Intake;

namespace Daylight.Tests.Agent;

/// <summary>Whose a connection is, as Linux' kernel says it. That another user's is told apart stands in <see cref="BoundsTests"/>.</summary>
[SupportedOSPlatform("linux")]
public sealed class PeersTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("127.0.0.1", "::ffff:127.0.0.1")]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.2")]
    public void a_connection_is_its_users_whichever_way_it_is_asked(string server, string client)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only");
        using var pair = new Pair(IPAddress.Parse(server), IPAddress.Parse(client));
        Assert.NotNull(LinuxPeers.Ask(pair.Peer, pair.Local));
        Assert.Equal(LinuxPeers.Look(pair.Peer, pair.Local), LinuxPeers.Ask(pair.Peer, pair.Local));
        Assert.Equal(PeerUser.Same, Peers.Of(pair.Peer, pair.Local));
    }

    [Fact]
    public void what_is_no_connection_is_nobodys()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only");
        using var pair = new Pair(IPAddress.Loopback, IPAddress.Loopback);
        Assert.Null(LinuxPeers.Ask(pair.Local, new IPEndPoint(IPAddress.Loopback, 1))); // somebody listens at one end
        Assert.Null(LinuxPeers.Ask(pair.Peer, new IPEndPoint(IPAddress.Parse("127.0.0.3"), pair.Local.Port)));
        Assert.Null(LinuxPeers.Ask(pair.Peer, new IPEndPoint(IPAddress.IPv6Loopback, pair.Local.Port)));
        Assert.Equal(PeerUser.Unknown, Peers.Of(pair.Peer, new IPEndPoint(IPAddress.Loopback, 1)));
    }

    [Fact]
    public void a_socket_that_was_closed_is_nobodys_any_more()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only");
        using var pair = new Pair(IPAddress.Loopback, IPAddress.Loopback);
        pair.Client.Close();
        Assert.Null(LinuxPeers.Ask(pair.Peer, pair.Local));
        Assert.Equal(PeerUser.Unknown, Peers.Of(pair.Peer, pair.Local));
    }

    private sealed class Pair : IDisposable
    {
        private readonly Socket listener;
        private readonly Socket accepted;

        public Pair(IPAddress server, IPAddress client)
        {
            var isDual = server.AddressFamily != client.AddressFamily || server.IsIPv4MappedToIPv6;
            listener = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (server.AddressFamily == AddressFamily.InterNetworkV6)
            {
                listener.DualMode = server.IsIPv4MappedToIPv6;
            }

            listener.Bind(new IPEndPoint(server, 0));
            listener.Listen();
            Client = new Socket(client.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (client.AddressFamily == AddressFamily.InterNetworkV6)
            {
                Client.DualMode = isDual;
            }

            Client.Bind(new IPEndPoint(client, 0));
            var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
            Client.Connect(new IPEndPoint(isDual && client.AddressFamily == AddressFamily.InterNetworkV6 ? server.MapToIPv6() : isDual ? server.MapToIPv4() : server, port));
            accepted = listener.Accept();
            (Peer, Local) = ((IPEndPoint)accepted.RemoteEndPoint!, (IPEndPoint)accepted.LocalEndPoint!);
        }

        public Socket Client { get; }

        public IPEndPoint Peer { get; }

        public IPEndPoint Local { get; }

        public void Dispose()
        {
            Client.Dispose();
            accepted.Dispose();
            listener.Dispose();
        }
    }
}
