using Chat.Actors.Delivery;
using Chat.Actors.History;

namespace Chat.Actors.Relays;

/// <summary>
/// The newest events of a room's log that not every member has had, framed once: what a member is still to get is one piece of memory,
/// the same for all who stand at the same place. Members are visited in turn, without an end; an event is out when as many were visited as there are.
/// </summary>
internal sealed class LiveTail
{
    private readonly record struct Framed(long Seq, int Start, long OutAt);

    // Never written to again where it was handed out: it only grows at its end, and goes on in another.
    private byte[] _frames = [];
    private int _end;
    private readonly Queue<Framed> _events = new();

    /// <summary>The newest seq; meaningless where it is empty.</summary>
    public long Last { get; private set; }

    /// <summary>The oldest seq that is kept.</summary>
    public long First => _events.Peek().Seq;

    /// <summary>Every member has had all.</summary>
    public bool IsEmpty => _events.Count == 0;

    /// <summary>Bytes of the frames that are kept.</summary>
    public int Length => IsEmpty ? 0 : _end - _events.Peek().Start;

    /// <summary>Events that follow on, out at the visit of this number.</summary>
    public void Append(IReadOnlyList<LogEntry> entries, long outAt)
    {
        var length = entries.Sum(entry => WireFrame.TextLength(entry.Line.Length));
        if (_frames.Length - _end < length)
            MakeRoom(length);
        foreach (var (seq, line) in entries)
        {
            _events.Enqueue(new Framed(seq, _end, outAt));
            _end += WireFrame.WriteText(line.Span, _frames.AsSpan(_end));
            Last = seq;
        }
    }

    /// <summary>The frames from a seq on, which is one of those kept.</summary>
    public ReadOnlyMemory<byte> From(long seq)
    {
        var first = _events.Peek();
        if (seq == first.Seq)
            return _frames.AsMemory(first.Start.._end);
        foreach (var framed in _events)
        {
            if (framed.Seq == seq)
                return _frames.AsMemory(framed.Start.._end);
        }
        throw new ArgumentOutOfRangeException(nameof(seq), seq, $"The tail has {First} to {Last}.");
    }

    /// <summary>Forgets what is out by the visit of this number.</summary>
    public void Forget(long visit)
    {
        while (_events.TryPeek(out var oldest) && oldest.OutAt <= visit)
            _events.Dequeue();
        // A quiet room holds nothing.
        if (IsEmpty)
            (_frames, _end) = ([], 0);
    }

    // The first batch of a tail gets just what it needs, as in a small room there is no other.
    private void MakeRoom(int length)
    {
        var start = _end - Length;
        var larger = new byte[IsEmpty ? length : 2 * (Length + length)];
        _frames.AsSpan(start, Length).CopyTo(larger);
        var kept = _events.ToArray();
        _events.Clear();
        foreach (var framed in kept)
            _events.Enqueue(framed with { Start = framed.Start - start });
        (_frames, _end) = (larger, _end - start);
    }
}
