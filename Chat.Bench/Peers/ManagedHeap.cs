using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Chat.Bench.Peers;

/// <summary>
/// Has a .NET process collect its garbage, through its diagnostic port: an event session that begins with the keyword for a heap
/// collection, ended when that is done. The frames are those of docs/design-docs/ipc-protocol.md in dotnet/diagnostics.
/// </summary>
public static class ManagedHeap
{
    private const string Provider = "Microsoft-Windows-DotNETRuntime";
    private const ulong CollectKeyword = 0x800000;
    private const uint Informational = 4;
    private const uint BufferMegabytes = 1;
    private const uint NetTrace = 1;
    private const byte EventPipe = 2, StopTracing = 1, CollectTracing = 2, ServerReply = 0xFF, Fine = 0;
    private const int HeaderBytes = 20;
    private const int CopyBytes = 64 * 1024;

    // The runtime gives memory back to the system only when it was free for twenty collections.
    private const int Times = 25;

    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(10);

    private static ReadOnlySpan<byte> Magic => "DOTNET_IPC_V1\0"u8;

    /// <summary>
    /// Collects all generations, as often as it takes for the system to get back what is free. Throws a <see cref="BenchException"/>
    /// where the process has no such port.
    /// </summary>
    public static async Task CollectAsync(int processId, CancellationToken cancellation)
    {
        // A process that was killed leaves its socket behind, and its id may be another's by now: whose is newest lives.
        var path = Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{processId}-*-socket").MaxBy(File.GetLastWriteTimeUtc)
            ?? throw new BenchException($"The process {processId} has no diagnostic port in {Path.GetTempPath()}.");
        try
        {
            for (var time = 0; time < Times; time++)
                await CollectOnceAsync(path, cancellation);
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            throw new BenchException($"The process {processId} can't be asked to collect: {e.Message}");
        }
    }

    // The runtime collects before it replies.
    private static async Task CollectOnceAsync(string path, CancellationToken cancellation)
    {
        using var session = await ConnectAsync(path, cancellation);
        await session.SendAsync(Command(CollectTracing, Session()), cancellation);
        var id = await ReplyAsync(session, cancellation);
        var draining = DrainAsync(session);
        using var stop = await ConnectAsync(path, cancellation);
        await stop.SendAsync(Command(StopTracing, BitConverter.GetBytes(id)), cancellation);
        await ReplyAsync(stop, cancellation);
        await draining.WaitAsync(EndTime, cancellation);
    }

    /// <summary>A command: <c>magic (14 bytes), size (16 bits, the whole), command set, command, reserved (16 bits), payload</c>.</summary>
    internal static byte[] Command(byte command, byte[] payload)
    {
        var bytes = new byte[HeaderBytes + payload.Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), (ushort)bytes.Length);
        (bytes[16], bytes[17]) = (EventPipe, command);
        payload.CopyTo(bytes, HeaderBytes);
        return bytes;
    }

    // Buffer size, format, one provider: keywords, level, name and filter, each text with its length and a final zero, in UTF-16.
    private static byte[] Session() =>
    [
        .. BitConverter.GetBytes(BufferMegabytes), .. BitConverter.GetBytes(NetTrace), .. BitConverter.GetBytes(1u),
        .. BitConverter.GetBytes(CollectKeyword), .. BitConverter.GetBytes(Informational),
        .. BitConverter.GetBytes((uint)Provider.Length + 1), .. Encoding.Unicode.GetBytes(Provider + "\0"),
        .. BitConverter.GetBytes(0u),
    ];

    private static async Task<Socket> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The reply to either has the session's id.
    private static async Task<ulong> ReplyAsync(Socket socket, CancellationToken cancellation)
    {
        var reply = new byte[HeaderBytes + sizeof(ulong)];
        for (var length = 0; length < reply.Length;)
        {
            var count = await socket.ReceiveAsync(reply.AsMemory(length), cancellation);
            if (count == 0)
                throw new BenchException("The diagnostic port closed before its reply was whole.");
            length += count;
        }
        return reply[16] == ServerReply && reply[17] == Fine
            ? BinaryPrimitives.ReadUInt64LittleEndian(reply.AsSpan(HeaderBytes))
            : throw new BenchException("The diagnostic port refused to collect.");
    }

    private static async Task DrainAsync(Socket socket)
    {
        var buffer = new byte[CopyBytes];
        while (await socket.ReceiveAsync(buffer) > 0)
        {
        }
    }
}
