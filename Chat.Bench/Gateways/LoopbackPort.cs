using System.Net;
using System.Net.Sockets;

namespace Chat.Bench.Gateways;

/// <summary>Ports for a server that is away at times while others go on connecting to it.</summary>
public static class LoopbackPort
{
    // Below those that the system gives to clients: one of these could be given the very port that it connects to, meet itself there,
    // and keep the server out.
    private const int Least = 15_000;
    private const int Most = 30_000;

    /// <summary>One on which nobody listens now.</summary>
    public static int Free()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = Random.Shared.Next(Least, Most);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // It is taken.
            }
        }
        throw new BenchException($"There is no free port from {Least} to {Most} on the loopback address.");
    }
}
