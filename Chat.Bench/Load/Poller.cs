using System.Runtime.InteropServices;

namespace Chat.Bench.Load;

/// <summary>
/// Waits for many sockets on the thread that calls it (epoll): no hand-over between threads, no allocation for what comes, and one
/// buffer for all of them. Linux alone.
/// </summary>
public sealed class Poller : IDisposable
{
    private const int MaxEvents = 1_024;
    private const int Add = 1, Remove = 2, Change = 3;
    private const uint Readable = 1, Writable = 4;

    // struct epoll_event is packed on x86-64 alone: 32 bits of events, 64 of data.
    private static readonly int DataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private readonly byte[] _events = new byte[MaxEvents * EventBytes];
    private readonly int _set;
    private PolledSocket?[] _sockets = new PolledSocket?[1_024];

    /// <summary>Throws a <see cref="BenchException"/> where the system isn't Linux.</summary>
    public Poller()
    {
        if (!OperatingSystem.IsLinux())
            throw new BenchException("This load is made with Linux's epoll. Run it on Linux.");
        _set = Libc.epoll_create1(0);
        if (_set < 0)
            throw new BenchException($"epoll can't be had: {Libc.Describe(Libc.Error)}");
    }

    private static int EventBytes => DataAt + sizeof(long);

    /// <summary>What any of its sockets receives into; what is in it is valid until the next receives.</summary>
    internal byte[] Buffer { get; } = new byte[512 * 1024];

    /// <summary>Lets those that are ready do what they can, after at most so long.</summary>
    public void Poll(TimeSpan atMost)
    {
        var count = Libc.epoll_wait(_set, ref _events[0], MaxEvents, (int)Math.Ceiling(Math.Clamp(atMost.TotalMilliseconds, 0, 1_000)));
        for (var i = 0; i < count; i++)
        {
            var what = _events.AsSpan(i * EventBytes, EventBytes);
            var descriptor = (int)MemoryMarshal.Read<long>(what[DataAt..]);
            // One that was served before may have closed it.
            _sockets[descriptor]?.Serve((MemoryMarshal.Read<uint>(what) & Writable) != 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket?.Dispose();
        Libc.Close(_set);
    }

    internal void Watch(PolledSocket socket, int descriptor, bool whenWritable)
    {
        if (descriptor >= _sockets.Length)
            Array.Resize(ref _sockets, Math.Max(descriptor + 1, _sockets.Length * 2));
        var operation = _sockets[descriptor] is null ? Add : Change;
        _sockets[descriptor] = socket;
        Control(operation, descriptor, Readable | (whenWritable ? Writable : 0));
    }

    internal void Forget(int descriptor)
    {
        _sockets[descriptor] = null;
        Control(Remove, descriptor, 0);
    }

    private void Control(int operation, int descriptor, uint events)
    {
        Span<byte> what = stackalloc byte[EventBytes];
        MemoryMarshal.Write(what, events);
        MemoryMarshal.Write(what[DataAt..], (long)descriptor);
        if (Libc.epoll_ctl(_set, operation, descriptor, ref what[0]) != 0)
            throw new BenchException($"A socket can't be waited for: {Libc.Describe(Libc.Error)}");
    }
}
