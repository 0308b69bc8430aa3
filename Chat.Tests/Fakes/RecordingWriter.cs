using System.Threading.Channels;
using Chat.Actors.Delivery;

namespace Chat.Tests.Fakes;

/// <summary>A socket's writing side: takes bytes, at once or when told to, and reads the frames back.</summary>
internal sealed class RecordingWriter : IFrameWriter
{
    private readonly object _gate = new();
    private readonly ServerFrames _unread = new();
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

    /// <summary>Called in every write, on the writer's thread.</summary>
    public Action? BeforeWrite { get; set; }

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
        BeforeWrite?.Invoke();
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
            _unread.Add(bytes.Span);
            while (_unread.Next() is { } frame)
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
}
