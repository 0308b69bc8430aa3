using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Chat.Bench.Load;

/// <summary>The system calls of the load and of the limit, with Linux's numbers: what a socket costs beyond them is nobody's.</summary>
internal static class Libc
{
    /// <summary>Not now; try when it is ready.</summary>
    public const int Again = 11;

    /// <summary>A signal came between.</summary>
    public const int Interrupted = 4;

    /// <summary>A connect is under way.</summary>
    public const int InProgress = 115;

    private const int Internet = 2;
    private const int Stream = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NoSignal = 0x4000;
    private const int SocketLevel = 1;
    private const int ReuseAddress = 2;
    private const int ErrorOption = 4;
    private const int Linger = 13;
    private const int Tcp = 6;
    private const int NoDelay = 1;

    /// <summary>The error of the last call.</summary>
    public static int Error => Marshal.GetLastPInvokeError();

    /// <summary>What an error means.</summary>
    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    /// <summary>A TCP socket that never blocks, without Nagle's delay.</summary>
    public static int NewSocket()
    {
        var socket = socketCall(Internet, Stream | NonBlocking | CloseOnExec, 0);
        if (socket < 0)
            throw new BenchException($"No socket can be had: {Describe(Error)}. Raise the limit of descriptors (ulimit -n), or use fewer connections.");
        SetOption(socket, Tcp, NoDelay);
        return socket;
    }

    /// <summary>Connects to a port of the loopback address; 0, or the error, <see cref="InProgress"/> as a rule.</summary>
    public static int Connect(int socket, int port) => connect(socket, Address(port), 16) == 0 ? 0 : Error;

    /// <summary>Listens on a port of the loopback address. Throws a <see cref="BenchException"/>.</summary>
    public static void Listen(int socket, int port, int backlog)
    {
        SetOption(socket, SocketLevel, ReuseAddress);
        if (bind(socket, Address(port), 16) != 0 || listen(socket, backlog) != 0)
            throw new BenchException($"Port {port} can't be listened on: {Describe(Error)}");
    }

    /// <summary>The next connection; -1 where none waits.</summary>
    public static int Accept(int socket)
    {
        var accepted = accept4(socket, 0, 0, NonBlocking | CloseOnExec);
        if (accepted >= 0)
            SetOption(accepted, Tcp, NoDelay);
        return accepted;
    }

    /// <summary>How a connect came out; 0 where well.</summary>
    public static int ConnectError(int socket)
    {
        var (error, length) = (0, sizeof(int));
        return getsockopt(socket, SocketLevel, ErrorOption, ref error, ref length) == 0 ? error : Error;
    }

    /// <summary>Receives what is there; 0 at the end, -1 with <see cref="Error"/>.</summary>
    public static int Receive(int socket, Span<byte> buffer) => (int)recv(socket, ref MemoryMarshal.GetReference(buffer), buffer.Length, 0);

    /// <summary>Sends what the system takes now; -1 with <see cref="Error"/>.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> bytes) => (int)send(socket, ref MemoryMarshal.GetReference(bytes), bytes.Length, NoSignal);

    /// <summary>Closes a descriptor.</summary>
    public static void Close(int descriptor) => _ = close(descriptor);

    /// <summary>Closes as a network that is lost: nothing more is sent but a reset.</summary>
    public static void Reset(int socket)
    {
        long lingerNot = 1;
        _ = setsockoptLong(socket, SocketLevel, Linger, ref lingerNot, sizeof(long));
        Close(socket);
    }

    private static void SetOption(int socket, int level, int option)
    {
        var on = 1;
        _ = setsockopt(socket, level, option, ref on, sizeof(int));
    }

    // sockaddr_in: family as the machine has it, port and address as the network has them.
    private static byte[] Address(int port)
    {
        var address = new byte[16];
        MemoryMarshal.Write(address, (ushort)Internet);
        BinaryPrimitives.WriteUInt16BigEndian(address.AsSpan(2), (ushort)port);
        IPAddress.Loopback.TryWriteBytes(address.AsSpan(4), out _);
        return address;
    }

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static extern int socketCall(int domain, int type, int protocol);

    [DllImport("libc", SetLastError = true)]
    private static extern int connect(int socket, byte[] address, int length);

    [DllImport("libc", SetLastError = true)]
    private static extern int bind(int socket, byte[] address, int length);

    [DllImport("libc", SetLastError = true)]
    private static extern int listen(int socket, int backlog);

    [DllImport("libc", SetLastError = true)]
    private static extern int accept4(int socket, nint address, nint length, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int getsockopt(int socket, int level, int option, ref int value, ref int length);

    [DllImport("libc", SetLastError = true)]
    private static extern int setsockopt(int socket, int level, int option, ref int value, int length);

    // struct linger: two integers, on = 1 and seconds = 0.
    [DllImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static extern int setsockoptLong(int socket, int level, int option, ref long value, int length);

    [DllImport("libc", SetLastError = true)]
    private static extern nint recv(int socket, ref byte buffer, nint length, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern nint send(int socket, ref byte bytes, nint length, int flags);

    [DllImport("libc")]
    private static extern int close(int descriptor);

    /// <summary>Makes a set of descriptors that are waited for together.</summary>
    [DllImport("libc", SetLastError = true)]
    public static extern int epoll_create1(int flags);

    /// <summary>Adds (1), removes (2) or changes (3) one.</summary>
    [DllImport("libc", SetLastError = true)]
    public static extern int epoll_ctl(int set, int operation, int descriptor, ref byte what);

    /// <summary>Waits for some of them, at most so many milliseconds.</summary>
    [DllImport("libc", SetLastError = true)]
    public static extern int epoll_wait(int set, ref byte events, int most, int milliseconds);
}
