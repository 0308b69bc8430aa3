using System.Net.Sockets;
using System.Runtime.InteropServices;
using Xunit;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>A network namespace: what runs in it, or is connected from it, is as on a machine of its own.</summary>
public sealed class NetworkMachine(string name, string address)
{
    /// <summary>Where namespaces that have a name are.</summary>
    public const string Folder = "/var/run/netns";

    private const int NewNetwork = 0x40000000;

    /// <summary>Its namespace.</summary>
    public string Namespace => name;

    /// <summary>Its address on its network.</summary>
    public string Address => address;

    /// <summary>What is put before a command that is to run on it.</summary>
    public string[] Prefix => ["ip", "netns", "exec", name];

    /// <summary>Connects from it, to itself.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = MakeSocket();
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A socket stays where it was made, and only the thread that makes it has to be there.
    private Socket MakeSocket()
    {
        var made = (Socket?)null;
        var failure = (Exception?)null;
        var thread = new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle(Path.Combine(Folder, name));
                Assert.True(SetNamespace((int)file.DangerousGetHandle(), NewNetwork) == 0, $"The namespace {name} can't be entered: error {Marshal.GetLastPInvokeError()}");
                made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return made ?? throw new InvalidOperationException($"No socket could be made in {name}.", failure);
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNamespace(int file, int kind);
}
