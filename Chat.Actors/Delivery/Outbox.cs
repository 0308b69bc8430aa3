using System.Buffers;
using Akka.Actor;
using Chat.Protocol;

namespace Chat.Actors.Delivery;

/// <summary>What became of room events that were offered to an outbox.</summary>
public enum Offer
{
    /// <summary>They go out, in order.</summary>
    Accepted,

    /// <summary>Too much waits already: the caller keeps the subscriber's place, and catches up in its turn.</summary>
    Full,

    /// <summary>The connection is closing.</summary>
    Closed,
}

/// <summary>
/// What waits for one socket, in order. At most one write is under way; all that waits goes out in the next. Room events are
/// bounded: where they come to more than the bound, those that wait are taken out, and each feed takes its own up again in its turn.
/// Answers never are dropped, as whoever reads the socket stops at a number of unanswered requests. Safe from any thread; a write
/// is started on the caller's.
/// </summary>
public sealed class Outbox
{
    /// <summary>Bytes that may wait before room events are taken out.</summary>
    public const int DefaultBound = 1024 * 1024;

    // A write takes no more than this at once, so that a slow reader's progress is seen.
    private const int WriteBytes = 64 * 1024;

    // Items are copied together up to this: what a reader who takes nothing holds.
    private const int GatherBytes = 16 * 1024;

    // A page is fed while no more than this waits: the socket's own buffers bridge the time that it takes to read it.
    private const int LowWater = 16 * 1024;

    // Control frames that may wait.
    private const int MaxControl = 8;

    private enum WriteKind
    {
        Items,
        Control,
        Close,
    }

    private readonly record struct Write(ReadOnlyMemory<byte> Bytes, int Answers, WriteKind Kind)
    {
        public int Waited => Kind == WriteKind.Items ? Bytes.Length : 0;
    }

    private readonly record struct Item(ReadOnlyMemory<byte> Frames, int Answers, Feed? Feed = null, Passage? Passage = null);

    private readonly object _gate = new();
    private readonly IFrameWriter _writer;
    private readonly Action<int> _answered;
    private readonly TimeProvider _time;
    private readonly int _bound;
    private Queue<ReadOnlyMemory<byte>>? _control;
    private readonly ItemQueue<Item> _items = new();
    private Queue<Feed>? _turns;
    private Feed? _turn;
    private ReadOnlyMemory<byte>? _close;
    private int _waiting;
    private bool _writing;
    private bool _broken;
    private long _partStarted;
    private long _closeStarted;

    /// <param name="writer">The socket.</param>
    /// <param name="answered">Told how many answers a write has carried out.</param>
    /// <param name="time">For <see cref="Stalled"/>.</param>
    /// <param name="bound">Bytes that may wait before room events are taken out.</param>
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

    /// <summary>Bytes that wait: past the bound, its connection isn't read.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting;
        }
    }

    /// <summary>How long ago it was told to close; null where it wasn't.</summary>
    public TimeSpan? ClosingFor
    {
        get
        {
            lock (_gate)
                return _close is null ? null : _time.GetElapsedTime(_closeStarted);
        }
    }

    /// <summary>A feed is behind: it has its turn to send a page, or waits for it.</summary>
    public bool IsBehind
    {
        get
        {
            lock (_gate)
                return _turn is not null || _turns is { Count: > 0 };
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

    /// <summary>
    /// Room events: whole frames, the same bytes for every subscriber. Where they are accepted, so is the answer to a request behind them, if there
    /// is one: in the same write where that is worth the copy.
    /// </summary>
    public Offer Offer(Feed feed, ReadOnlyMemory<byte> frames, Passage passage, ReadOnlyMemory<byte> answer = default)
    {
        Write write;
        lock (_gate)
        {
            if (IsClosed)
                return Delivery.Offer.Closed;
            // A batch of its own larger than the bound still goes out where nothing waits.
            if (IsFull(frames))
            {
                TakeOut();
                if (IsFull(frames))
                    return Delivery.Offer.Full;
            }
            // What was taken out of it comes first.
            if (feed.Lost is not null)
                return Delivery.Offer.Full;
            var isIdle = Add(new Item(frames, 0, feed, passage));
            var together = isIdle && answer.Length > 0 && frames.Length + answer.Length <= GatherBytes;
            if (together)
                _waiting += answer.Length;
            else if (answer.Length > 0)
                Add(new Item(answer, 1));
            if (!isIdle)
                return Delivery.Offer.Accepted;
            write = together ? new Write(Joined(frames, answer), 1, WriteKind.Items) : new Write(frames, 0, WriteKind.Items);
        }
        _ = WriteAllAsync(write);
        return Delivery.Offer.Accepted;
    }

    /// <summary>The answer to a request; never dropped while the connection is open.</summary>
    public void Answer(ReadOnlyMemory<byte> frame) => Send(new Item(frame, 1));

    /// <summary>What belongs to no room's order and answers nothing; never dropped while the connection is open.</summary>
    public void Tell(ReadOnlyMemory<byte> frame) => Send(new Item(frame, 0));

    /// <summary>One page of a room, sent in its turn; with <paramref name="isAnswer"/> the last of those that answer a join.</summary>
    public void Page(Feed feed, ReadOnlyMemory<byte> frame, Passage passage, bool isAnswer) =>
        Send(new Item(frame, isAnswer ? 1 : 0, feed, passage));

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
            _control ??= new();
            if (_control.Count == MaxControl)
                _control.Dequeue();
            _control.Enqueue(frame);
            if (!StartWriting())
                return;
        }
        _ = WriteAllAsync(null);
    }

    /// <summary>
    /// Takes back the events and pages of a room of which no byte was handed to the socket yet, but for those up to its last answer:
    /// without the pages before, that would follow a hole.
    /// </summary>
    public void Drop(RoomName room)
    {
        lock (_gate)
        {
            var isAnswered = false;
            _items.RemoveFromEnd(item =>
            {
                if (item.Feed?.Room != room)
                    return false;
                isAnswered |= item.Answers > 0;
                return !isAnswered && TakeOut(item);
            });
            GrantTurn();
        }
    }

    /// <summary>
    /// Asks for a turn to send one page, unless it was asked for already. Turns of a connection's feeds come one at a time, each when
    /// little waits any more: a <see cref="PageTurn"/> is then told to the feed's relay, which ends it with <see cref="EndTurn"/>.
    /// </summary>
    public void RequestTurn(Feed feed)
    {
        lock (_gate)
        {
            Enqueue(feed);
            GrantTurn();
        }
    }

    /// <summary>The page of the turn was added, or can't be; with <paramref name="again"/> another is to be, behind those of the other feeds.</summary>
    public void EndTurn(Feed feed, bool again = false)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_turn, feed))
                _turn = null;
            if (again)
                Enqueue(feed);
            GrantTurn();
        }
    }

    /// <summary>The feed's subscription is over: it has no turn any more. What waits of it still goes out.</summary>
    public void End(Feed feed)
    {
        lock (_gate)
        {
            (feed.IsOver, feed.Lost) = (true, null);
            if (_turns?.Contains(feed) == true)
                _turns = new(_turns.Where(waiting => !ReferenceEquals(waiting, feed)));
            EndTurn(feed);
        }
    }

    /// <summary>
    /// What was taken out of the outbox since, and is to be sent again first; null where nothing was. Asked for in the feed's turn, in
    /// which nothing is taken out of it.
    /// </summary>
    public Passage? TakeLost(Feed feed)
    {
        lock (_gate)
        {
            var lost = feed.Lost;
            feed.Lost = null;
            return lost;
        }
    }

    /// <summary>
    /// Closes after all that waits, or, with <paramref name="atOnce"/>, after the write that is under way. Nothing is taken any more.
    /// </summary>
    public void Close(int code, string reason, bool atOnce = false) => Close(WireFrame.Close(code, reason), atOnce);

    /// <summary>The same, with a close frame that is encoded already.</summary>
    public void Close(ReadOnlyMemory<byte> frame, bool atOnce)
    {
        lock (_gate)
        {
            if (IsClosed)
                return;
            (_close, _closeStarted) = (frame, _time.GetTimestamp());
            _turns = null;
            if (atOnce)
            {
                _items.Clear();
                _control = null;
                _waiting = 0;
            }
            if (!StartWriting())
                return;
        }
        _ = WriteAllAsync(null);
    }

    /// <summary>The connection is gone; nothing is sent any more.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _broken = true;
            _items.Clear();
            (_turns, _control) = (null, null);
            _waiting = 0;
        }
    }

    private void Send(Item item)
    {
        lock (_gate)
        {
            if (IsClosed || !Add(item))
                return;
        }
        _ = WriteAllAsync(new Write(item.Frames, item.Answers, WriteKind.Items));
    }

    private static byte[] Joined(ReadOnlyMemory<byte> frames, ReadOnlyMemory<byte> answer)
    {
        var joined = new byte[frames.Length + answer.Length];
        frames.CopyTo(joined);
        answer.CopyTo(joined.AsMemory(frames.Length));
        return joined;
    }

    private bool IsClosed => _broken || _close is not null;

    // True where nothing waits and no write is under way: then the caller writes it, and it is queued nowhere.
    private bool Add(Item item)
    {
        _waiting += item.Frames.Length;
        if (StartWriting())
            return true;
        _items.Enqueue(item);
        return false;
    }

    private bool IsFull(ReadOnlyMemory<byte> frames) => _waiting > 0 && _waiting + frames.Length > _bound;

    // Of each feed, all that waits behind its last answer, so that what stays is still in order. Not of the one that takes its turn: what
    // it sends follows what it was told to be lost.
    private void TakeOut()
    {
        HashSet<Feed>? answered = null;
        ChatMeter.Overflowed();
        _items.RemoveFromEnd(item =>
        {
            if (item is not { Feed: { IsOver: false } feed, Passage: { } passage } || ReferenceEquals(feed, _turn))
                return false;
            if (item.Answers > 0)
                (answered ??= []).Add(feed);
            if (answered?.Contains(feed) == true)
                return false;
            if (feed.Lost is null)
                Enqueue(feed);
            feed.Lost = passage.Before(feed.Lost);
            return TakeOut(item);
        });
        GrantTurn();
    }

    private bool TakeOut(in Item item)
    {
        _waiting -= item.Frames.Length;
        return true;
    }

    private void Enqueue(Feed feed)
    {
        if (!IsClosed && !feed.IsOver && !ReferenceEquals(_turn, feed) && _turns?.Contains(feed) != true)
            (_turns ??= new()).Enqueue(feed);
    }

    private void GrantTurn()
    {
        if (_turn is not null || _waiting > LowWater || _turns is null || !_turns.TryDequeue(out var next))
            return;
        _turn = next;
        next.Relay.Tell(new PageTurn(next), ActorRefs.NoSender);
    }

    // A write that is under way goes on with what waits when it is done.
    private bool StartWriting()
    {
        if (_writing || _broken)
            return false;
        _writing = true;
        Progress();
        return true;
    }

    private void Progress() => Interlocked.Exchange(ref _partStarted, _time.GetTimestamp());

    private async Task WriteAllAsync(Write? first)
    {
        byte[]? buffer = null;
        try
        {
            for (var next = first ?? Next(0, ref buffer); next is { } write; next = Next(write.Waited, ref buffer))
            {
                for (var rest = write.Bytes; rest.Length > 0;)
                {
                    var part = rest[..Math.Min(rest.Length, WriteBytes)];
                    await _writer.WriteAsync(part).ConfigureAwait(false);
                    ChatMeter.Sent(part.Length);
                    rest = rest[part.Length..];
                    if (rest.Length > 0)
                        Progress();
                }
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

    // What goes out next, so many bytes of what waited being out: control frames, then as many items as one write may carry, then the close.
    // Where nothing is left, the writing ends, under the same lock that the next caller takes to see whether it has to start it again.
    private Write? Next(int written, ref byte[]? buffer)
    {
        lock (_gate)
        {
            Progress();
            if (written > 0)
            {
                _waiting = Math.Max(0, _waiting - written);
                GrantTurn();
            }
            if (_control?.TryDequeue(out var control) == true)
                return new Write(control, 0, WriteKind.Control);
            if (_items.Count > 0)
                return NextItems(ref buffer);
            if (_close is { Length: > 0 } close)
            {
                _close = ReadOnlyMemory<byte>.Empty;
                return new Write(close, 0, WriteKind.Close);
            }
            _writing = false;
            return null;
        }
    }

    private Write NextItems(ref byte[]? buffer)
    {
        if (_items.Count == 1 || _items[0].Frames.Length + _items[1].Frames.Length > GatherBytes)
        {
            var item = _items.Dequeue();
            return new Write(item.Frames, item.Answers, WriteKind.Items);
        }
        buffer ??= ArrayPool<byte>.Shared.Rent(GatherBytes);
        var (length, answers) = (0, 0);
        while (_items.Count > 0 && length + _items[0].Frames.Length <= GatherBytes)
        {
            var item = _items.Dequeue();
            item.Frames.CopyTo(buffer.AsMemory(length));
            length += item.Frames.Length;
            answers += item.Answers;
        }
        return new Write(buffer.AsMemory(0, length), answers, WriteKind.Items);
    }
}
