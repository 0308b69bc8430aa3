namespace Chat.Actors.Rooms;

/// <summary>
/// The ids that a room has accepted, each user's apart: those of the last while and at least the last so many messages, within a
/// bound. What promise 3 is decided by.
/// </summary>
public sealed class IdWindow(TimeSpan time, int atLeast, int atMost)
{
    private readonly record struct Key(string User, string Id);

    private readonly Dictionary<Key, SeenId> _seen = [];
    private readonly Queue<(Key Key, long Seq, DateTime Timestamp)> _order = new();

    /// <summary>How many ids are remembered.</summary>
    public int Count => _seen.Count;

    /// <summary>What is known of an id, null where it isn't.</summary>
    public SeenId? Find(string foldedUser, string id) => _seen.TryGetValue(new Key(foldedUser, id), out var seen) ? seen : null;

    /// <summary>Remembers an id, and forgets those that left the window.</summary>
    public void Add(string foldedUser, string id, SeenId seen)
    {
        var key = new Key(foldedUser, id);
        _seen[key] = seen;
        _order.Enqueue((key, seen.Seq, seen.Timestamp));
        while (_order.Count > atMost || (_order.Count > atLeast && seen.Timestamp - _order.Peek().Timestamp > time))
        {
            var oldest = _order.Dequeue();
            if (_seen.TryGetValue(oldest.Key, out var now) && now.Seq == oldest.Seq)
                _seen.Remove(oldest.Key);
        }
    }

    /// <summary>Forgets the ids of messages that weren't stored after all: those with a seq above <paramref name="last"/>.</summary>
    public void RevertTo(long last)
    {
        if (_order.Count == 0)
            return;
        var kept = _order.Where(entry => entry.Seq <= last).ToArray();
        foreach (var (key, seq, _) in _order)
        {
            if (seq > last && _seen.TryGetValue(key, out var seen) && seen.Seq == seq)
                _seen.Remove(key);
        }
        _order.Clear();
        foreach (var entry in kept)
            _order.Enqueue(entry);
    }
}

/// <summary>An id that was accepted: where its message stands, and what tells whether a later one says the same.</summary>
public readonly record struct SeenId(long Seq, DateTime Timestamp, UInt128 Text);
