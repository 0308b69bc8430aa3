using Chat.Bench.Load;
using Chat.Bench.Sockets;

namespace Chat.Bench.Limit;

/// <summary>
/// What no server can beat that sends the same bytes by the same system calls: one thread; whatever all sockets brought in one look
/// at them is framed once for each room, and goes with one write to each member. No names, no history, no JSON, no bound on what
/// waits for who doesn't read.
/// </summary>
public sealed class LimitServer : IDisposable
{
    private const int Backlog = 4_096;

    private static readonly TimeSpan LookTime = TimeSpan.FromMilliseconds(200);

    private readonly Poller _poller = new();
    private readonly Dictionary<string, LimitRoom> _rooms = [];
    private readonly List<LimitRoom> _spoken = [];
    private readonly LimitListener _listener;

    /// <summary>Listens on a port of the loopback address. Throws a <see cref="BenchException"/>.</summary>
    public LimitServer(int port)
    {
        _listener = new LimitListener(_poller, descriptor => new LimitMember(_poller, this, descriptor));
        _listener.Listen(port, Backlog);
    }

    /// <summary>Serves on this thread until it is cancelled.</summary>
    public void Run(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            _poller.Poll(LookTime);
            foreach (var room in _spoken)
                room.SendBatch();
            _spoken.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _poller.Dispose();

    internal LimitRoom Enter(string name, LimitMember member)
    {
        if (!_rooms.TryGetValue(name, out var room))
            _rooms[name] = room = new LimitRoom();
        room.Add(member);
        return room;
    }

    internal void Say(LimitRoom room, ReadOnlySpan<byte> text)
    {
        if (room.IsSilent)
            _spoken.Add(room);
        room.Append(text);
    }
}

/// <summary>Takes connections as they come.</summary>
internal sealed class LimitListener(Poller poller, Action<int> accepted) : PolledSocket(poller)
{
    private int _socket;

    public void Listen(int port, int backlog)
    {
        _socket = Libc.NewSocket();
        Libc.Listen(_socket, port, backlog);
        Open(_socket, isConnecting: false);
    }

    internal override void Serve(bool isWritable)
    {
        while (Libc.Accept(_socket) is >= 0 and var descriptor)
            accepted(descriptor);
    }

    private protected override int Received(ReadOnlySpan<byte> bytes) => bytes.Length;

    private protected override void Ended(string why)
    {
    }
}

/// <summary>Members, and the frames that they are to get next.</summary>
internal sealed class LimitRoom
{
    private readonly List<LimitMember> _members = [];
    private byte[] _batch = new byte[4_096];
    private int _length;

    public bool IsSilent => _length == 0;

    public void Add(LimitMember member) => _members.Add(member);

    public void Remove(LimitMember member) => _members.Remove(member);

    /// <summary>A server's frame: <c>0x81, length (7 bits, or 126 and 16), text</c>; a text has at most 65,535 bytes.</summary>
    public void Append(ReadOnlySpan<byte> text)
    {
        if (_batch.Length - _length < text.Length + ClientFrame.MaxHeader)
            Array.Resize(ref _batch, (_batch.Length + text.Length) * 2);
        _batch[_length++] = 0x80 | (byte)Opcode.Text;
        if (text.Length < 126)
        {
            _batch[_length++] = (byte)text.Length;
        }
        else
        {
            _batch[_length++] = 126;
            _batch[_length++] = (byte)(text.Length >> 8);
            _batch[_length++] = (byte)text.Length;
        }
        text.CopyTo(_batch.AsSpan(_length));
        _length += text.Length;
    }

    public void SendBatch()
    {
        // One that is gone takes itself out of the list while it is written to.
        for (var i = _members.Count - 1; i >= 0; i--)
            _members[i].Send(_batch.AsSpan(0, _length));
        _length = 0;
    }
}
