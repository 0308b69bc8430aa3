namespace Chat.Bench.Crash;

/// <summary>What a writer on raw sockets has sent and got no ack for, at most so many; in order. Safe for use from several threads.</summary>
internal sealed class Outbox
{
    /// <summary>Messages that may be unacked.</summary>
    public const int Most = 16;

    private readonly Lock _gate = new();
    private readonly List<Draft> _unacked = [];
    private readonly HashSet<string> _seen = [];
    private Draft? _lastAcked;

    /// <summary>How many are unacked.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _unacked.Count;
        }
    }

    /// <summary>Puts a new one at the end.</summary>
    public void Add(Draft draft)
    {
        lock (_gate)
            _unacked.Add(draft);
    }

    /// <summary>One was acked.</summary>
    public void Acked(string? id)
    {
        lock (_gate)
        {
            if (_unacked.Find(draft => draft.Id == id) is not { } draft)
                return;
            _unacked.Remove(draft);
            _seen.Remove(draft.Id);
            _lastAcked = draft;
        }
    }

    /// <summary>One was seen in its room, live or in a page: it is stored.</summary>
    public void Seen(string id)
    {
        lock (_gate)
        {
            if (_unacked.Exists(draft => draft.Id == id))
                _seen.Add(id);
        }
    }

    /// <summary>
    /// What to send again on a new connection, in order: with <paramref name="strikesOff"/>, what was seen is struck off, as it should be;
    /// otherwise it is sent once more, and the last that was acked with it, which a server has to know and to ack as before.
    /// </summary>
    public IReadOnlyList<Draft> Return(bool strikesOff, out int struck)
    {
        lock (_gate)
        {
            struck = strikesOff ? _unacked.RemoveAll(draft => _seen.Contains(draft.Id)) : 0;
            if (strikesOff)
                _seen.Clear();
            return strikesOff || _lastAcked is null ? [.. _unacked] : [_lastAcked, .. _unacked];
        }
    }
}
