using System.Buffers;
using Akka.Actor;
using Chat.Protocol;

namespace Chat.Actors.Delivery;

/// <summary>What became of room events that were offered to an outbox.</summary>
public enum Offer
{
    /// <summary>They go out, in order.</summary>
    Accepted,

    /// <summary>Too much waits already: the caller keeps the subscriber's place and asks for a turn to catch up.</summary>
    Full,

    /// <summary>The connection is closing.</summary>
    Closed,
}

/// <summary>
/// What waits for one socket, in order. At most one write is under way; all that waits goes out in the next. Room events are
/// bounded (<see cref="Offer"/>); answers never are dropped, as whoever reads the socket stops at a number of unanswered
/// requests. Safe from any thread; a write is started on the caller's.
/// </summary>
public sealed class Outbox
{
    /// <summary>Bytes that may wait before room events are refused.</summary>
    public const int DefaultBound = 1024 * 1024;

    // A write takes no more than this at once, so that a slow reader's progress is seen.
    private const int WriteBytes = 64 * 1024;

    // Pages are fed while no more than this waits.
    private const int LowWater = 64 * 1024;

    // Control frames that may wait.
    private const int MaxControl = 8;

    private enum WriteKind
    {
        Items,
        Control,
        Close,
    }

    private readonly record struct Write(ReadOnlyMemory<byte> Bytes, int Answers, WriteKind Kind);

    private readonly record struct Item(ReadOnlyMemory<byte> Frames, int Answers, RoomName? Room);

    private readonly object _gate = new();
    private readonly IFrameWriter _writer;
    private readonly Action<int> _answered;
    private readonly TimeProvider _time;
    private readonly int _bound;
    private readonly Queue<ReadOnlyMemory<byte>> _control = new();
    private LinkedList<Item>? _items;
    private Queue<PageTurn>? _turns;
    private PageTurn? _turn;
    private ReadOnlyMemory<byte>? _close;
    private int _waiting;
    private bool _writing;
    private bool _broken;
    private long _partStarted;

    /// <param name="writer">The socket.</param>
    /// <param name="answered">Told how many answers a write has carried out.</param>
    /// <param name="time">For <see cref="Stalled"/>.</param>
    /// <param name="bound">Bytes that may wait before room events are refused.</param>
    public Outbox(IFrameWriter writer, Action<int> answered, TimeProvider time, int bound = DefaultBound)
    {
        (_writer, _answered, _time, _bound) = (writer, answered, time, bound);
    }

    /// <summary>How long the write under way has had no byte taken; zero where none is under way.</summary>
    public TimeSpan Stalled
    {
        get
        {
            lock (_gate)
                return _writing ? _time.GetElapsedTime(Interlocked.Read(ref _partStarted)) : TimeSpan.Zero;
        }
    }

    /// <summary>Bytes that wait, for measurements and tests.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting;
        }
    }

    /// <summary>The connection is gone.</summary>
    public bool IsAbandoned
    {
        get
        {
            lock (_gate)
                return _broken;
        }
    }

    /// <summary>Room events: whole frames, the same bytes for every subscriber.</summary>
    public Offer Offer(RoomName room, ReadOnlyMemory<byte> frames)
    {
        lock (_gate)
        {
            if (IsClosed)
                return Delivery.Offer.Closed;
            // A batch of its own larger than the bound still goes out where nothing waits.
            if (_waiting > 0 && _waiting + frames.Length > _bound)
                return Delivery.Offer.Full;
            Add(new Item(frames, 0, room));
        }
        Pump();
        return Delivery.Offer.Accepted;
    }

    /// <summary>The answer to a request; never dropped while the connection is open.</summary>
    public void Answer(ReadOnlyMemory<byte> frame) => Send(new Item(frame, 1, null));

    /// <summary>What belongs to no room's order and answers nothing; never dropped while the connection is open.</summary>
    public void Tell(ReadOnlyMemory<byte> frame) => Send(new Item(frame, 0, null));

    /// <summary>One page of a room, sent in its turn; with <paramref name="isAnswer"/> the last of those that answer a join.</summary>
    public void Page(RoomName room, ReadOnlyMemory<byte> frame, bool isAnswer) =>
        Send(new Item(frame, isAnswer ? 1 : 0, isAnswer ? null : room));

    /// <summary>A request is done that has no answer.</summary>
    public void NoAnswer() => _answered(1);

    /// <summary>A control frame; goes out ahead of what waits.</summary>
    public void Control(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (IsClosed)
                return;
            // A peer that pings without end and takes nothing must not grow this: the latest are answered (RFC 6455, section 5.5.3).
            if (_control.Count == MaxControl)
                _control.Dequeue();
            _control.Enqueue(frame);
        }
        Pump();
    }

    /// <summary>Takes back the events of a room of which no byte was handed to the socket yet.</summary>
    public void Drop(RoomName room)
    {
        lock (_gate)
        {
            for (var node = _items?.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Room == room)
                {
                    _waiting -= node.Value.Frames.Length;
                    _items!.Remove(node);
                }
                node = next;
            }
            GrantTurn();
        }
    }

    /// <summary>
    /// Asks for a turn to send one page. Turns of a connection's rooms come one at a time, each when little waits any more:
    /// <paramref name="turn"/> is then told to its relay, which ends it with <see cref="EndTurn"/>.
    /// </summary>
    public void RequestTurn(PageTurn turn)
    {
        lock (_gate)
        {
            if (IsClosed)
                return;
            (_turns ??= new()).Enqueue(turn);
            GrantTurn();
        }
    }

    /// <summary>The page of the turn was added, or isn't needed any more, whether the turn was due yet or not.</summary>
    public void EndTurn(PageTurn turn)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_turn, turn))
                _turn = null;
            else if (_turns is not null && _turns.Any(waiting => ReferenceEquals(waiting, turn)))
                _turns = new(_turns.Where(waiting => !ReferenceEquals(waiting, turn)));
            GrantTurn();
        }
    }

    /// <summary>
    /// Closes after all that waits, or, with <paramref name="atOnce"/>, after the frame that is half sent. Nothing is taken any more.
    /// </summary>
    public void Close(int code, string reason, bool atOnce = false) => Close(WireFrame.Close(code, reason), atOnce);

    /// <summary>The same, with a close frame that is encoded already.</summary>
    public void Close(ReadOnlyMemory<byte> frame, bool atOnce)
    {
        lock (_gate)
        {
            if (IsClosed)
                return;
            _close = frame;
            _turns = null;
            if (atOnce)
            {
                _items = null;
                _control.Clear();
                _waiting = 0;
            }
        }
        Pump();
    }

    /// <summary>The connection is gone; nothing is sent any more.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _broken = true;
            _items = null;
            _turns = null;
            _control.Clear();
            _waiting = 0;
        }
    }

    private void Send(Item item)
    {
        lock (_gate)
        {
            if (IsClosed)
                return;
            Add(item);
        }
        Pump();
    }

    private bool IsClosed => _broken || _close is not null;

    private void Add(Item item)
    {
        (_items ??= new()).AddLast(item);
        _waiting += item.Frames.Length;
    }

    private void GrantTurn()
    {
        if (_turn is not null || _waiting > LowWater || _turns is null || !_turns.TryDequeue(out var next))
            return;
        _turn = next;
        next.Relay.Tell(next, ActorRefs.NoSender);
    }

    private void Pump()
    {
        lock (_gate)
        {
            if (_writing || _broken)
                return;
            _writing = true;
            _partStarted = _time.GetTimestamp();
        }
        _ = WriteAllAsync();
    }

    private async Task WriteAllAsync()
    {
        byte[]? buffer = null;
        try
        {
            while (Next(ref buffer) is { } write)
            {
                for (var rest = write.Bytes; rest.Length > 0;)
                {
                    var part = rest[..Math.Min(rest.Length, WriteBytes)];
                    Interlocked.Exchange(ref _partStarted, _time.GetTimestamp());
                    await _writer.WriteAsync(part).ConfigureAwait(false);
                    rest = rest[part.Length..];
                }
                if (write.Kind == WriteKind.Items)
                    Written(write.Bytes.Length);
                if (write.Answers > 0)
                    _answered(write.Answers);
                if (write.Kind == WriteKind.Close)
                    _writer.CloseSent();
            }
        }
        catch (Exception)
        {
            // Whatever a socket throws, the peer is gone. The reading side finds the same and reports it.
            Abandon();
            _writer.Abort();
        }
        finally
        {
            if (buffer is not null)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // What goes out next: control frames, then as many items as one write may carry, then the close. Where nothing is left,
    // the writing ends, under the same lock that the next caller takes to see whether it has to start it again.
    private Write? Next(ref byte[]? buffer)
    {
        lock (_gate)
        {
            if (_control.TryDequeue(out var control))
                return new Write(control, 0, WriteKind.Control);
            if (_items?.First is { } first)
            {
                var item = first.Value;
                if (first.Next is null || item.Frames.Length >= WriteBytes)
                {
                    _items.RemoveFirst();
                    return new Write(item.Frames, item.Answers, WriteKind.Items);
                }
                buffer ??= ArrayPool<byte>.Shared.Rent(WriteBytes);
                var (length, answers) = (0, 0);
                while (_items.First is { Value: var next } && length + next.Frames.Length <= WriteBytes)
                {
                    next.Frames.CopyTo(buffer.AsMemory(length));
                    length += next.Frames.Length;
                    answers += next.Answers;
                    _items.RemoveFirst();
                }
                return new Write(buffer.AsMemory(0, length), answers, WriteKind.Items);
            }
            if (_close is { Length: > 0 } close)
            {
                _close = ReadOnlyMemory<byte>.Empty;
                return new Write(close, 0, WriteKind.Close);
            }
            _items = null;
            _writing = false;
            return null;
        }
    }

    private void Written(int bytes)
    {
        lock (_gate)
        {
            _waiting = Math.Max(0, _waiting - bytes);
            GrantTurn();
        }
    }
}

/// <summary>A subscription's turn to send one page; told to its relay when it is due. One object for each time it is asked for.</summary>
public sealed record PageTurn(RoomName Room, SessionId Session, Outbox Outbox, IActorRef Relay) : IWithRoom;
