using System.Net;
using System.Net.Sockets;

namespace StreamLearn.Testing;

/// <summary>Ports of the loopback interface that are free, and that stay free while their server is down.</summary>
public static class LoopbackPort
{
    // Below the range from which systems take the ports of outgoing connections: a client that tries again and again to reach a server
    // that is down would otherwise get that very port, and be connected to itself.
    private const int First = 15_000, Count = 16_000;

    private static int _next = Environment.ProcessId * 97 % Count;

    /// <summary>A port that nothing listens on. No two calls of a process give the same one.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            if (IsFree(port)) { return port; }
        }
    }

    // Bound, but not listened on: a process that is started at this moment has a copy of the socket for a while, and one that listens
    // would keep the port from whom it is for.
    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
