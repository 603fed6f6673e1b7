using System.Net;
using System.Net.Sockets;

namespace Daylight.Bench;

/// <summary>Ports that nobody uses.</summary>
internal static class BenchPorts
{
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
