using System.Buffers.Binary;
using System.Text;
using System.Threading.Channels;
using Chat.Actors.Delivery;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Tests.Fakes;

/// <summary>What a client sees that isn't an event.</summary>
internal abstract record OtherFrame
{
    public sealed record Closed(int Code, string Reason) : OtherFrame;

    public sealed record Ping : OtherFrame;
}

/// <summary>A socket's writing side: takes bytes, at once or when told to, and reads the frames back.</summary>
internal sealed class RecordingWriter : IFrameWriter
{
    private readonly object _gate = new();
    private readonly List<byte> _unread = [];
    private readonly List<object> _frames = [];
    private readonly Channel<object> _arrivals = Channel.CreateUnbounded<object>();
    private readonly List<int> _writes = [];
    private TaskCompletionSource? _held;
    private bool _holding;
    private Exception? _failure;
    private int _under;

    /// <summary>Events and <see cref="OtherFrame"/>s, in the order taken.</summary>
    public IReadOnlyList<object> Frames
    {
        get
        {
            lock (_gate)
                return [.. _frames];
        }
    }

    /// <summary>The sizes of the writes taken.</summary>
    public IReadOnlyList<int> Writes
    {
        get
        {
            lock (_gate)
                return [.. _writes];
        }
    }

    /// <summary>The same frames, for whoever waits for the next.</summary>
    public ChannelReader<object> Arrivals => _arrivals.Reader;

    /// <summary>A write began while another was under way.</summary>
    public bool HasOverlapped { get; private set; }

    public bool IsCloseSent { get; private set; }

    public bool IsAborted { get; private set; }

    /// <summary>From now on every write waits for <see cref="TakeOne"/> or <see cref="TakeAll"/>.</summary>
    public void Hold()
    {
        lock (_gate)
            _holding = true;
    }

    /// <summary>The write that waits is taken; the next one waits again. What follows runs here, before this returns.</summary>
    public void TakeOne() => Finish(hold: true);

    /// <summary>The write that waits is taken, and all that follow.</summary>
    public void TakeAll() => Finish(hold: false);

    /// <summary>The write that waits fails, or, where none does, the next.</summary>
    public void Fail()
    {
        lock (_gate)
            _failure = new IOException("The peer is gone.");
        Finish(hold: false);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        HasOverlapped |= Interlocked.Increment(ref _under) > 1;
        Task taken;
        lock (_gate)
        {
            _held = _holding ? new TaskCompletionSource() : null;
            taken = _held?.Task ?? Task.CompletedTask;
        }
        await taken.ConfigureAwait(false);
        Interlocked.Decrement(ref _under);
        lock (_gate)
        {
            if (_failure is not null)
                throw _failure;
            _writes.Add(bytes.Length);
            _unread.AddRange(bytes.Span);
            while (ReadFrame() is { } frame)
            {
                _frames.Add(frame);
                _arrivals.Writer.TryWrite(frame);
            }
        }
    }

    public void CloseSent() => IsCloseSent = true;

    public void Abort() => IsAborted = true;

    private void Finish(bool hold)
    {
        TaskCompletionSource? held;
        lock (_gate)
        {
            _holding = hold;
            (held, _held) = (_held, null);
        }
        // Without a context in the way, what waits for the write goes on in this call.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        held?.SetResult();
        SynchronizationContext.SetSynchronizationContext(context);
    }

    private object? ReadFrame()
    {
        var bytes = _unread.ToArray();
        if (bytes.Length < 2)
            return null;
        var (header, length) = bytes[1] switch
        {
            126 => (4, bytes.Length < 4 ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(2))),
            127 => (10, bytes.Length < 10 ? int.MaxValue : (int)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(2))),
            var small => (2, small),
        };
        if (bytes.Length - header < length)
            return null;
        _unread.RemoveRange(0, header + length);
        var payload = bytes.AsMemory(header, length);
        return bytes[0] switch
        {
            0x81 => EventCodec.Decode(payload) ?? throw new InvalidDataException(Encoding.UTF8.GetString(payload.Span)),
            0x88 => new OtherFrame.Closed(BinaryPrimitives.ReadUInt16BigEndian(payload.Span), Encoding.ASCII.GetString(payload.Span[2..])),
            0x89 => new OtherFrame.Ping(),
            var other => throw new InvalidDataException($"No server sends a frame that begins with {other:x2}."),
        };
    }
}
