using System.Diagnostics;
using Chat.Protocol;

namespace Chat.Bench.Crash;

/// <summary>
/// What the users of a crash test record while it runs. Publishes and acks may be recorded from any thread, sightings by the place
/// that they belong to alone.
/// </summary>
public sealed class CrashRecord
{
    private sealed class RoomRecord
    {
        public List<PublishedMessage> Published { get; } = [];

        public List<AckedMessage> Acks { get; } = [];

        public HashSet<(string User, string Id)> Acked { get; } = [];

        public HashSet<string> Epochs { get; } = [];

        public List<Place> Places { get; } = [];

        public long Head { get; set; }

        public long LastAckAt { get; set; }

        public TimeSpan LongestPause { get; set; }
    }

    private readonly Dictionary<string, RoomRecord> _rooms;
    private long _acked;
    private long _duplicates;
    private long _delivered;
    private long _resent;
    private long _struck;

    /// <param name="rooms">The rooms' names, folded.</param>
    public CrashRecord(IEnumerable<string> rooms) => _rooms = rooms.ToDictionary(room => room, _ => new RoomRecord());

    /// <summary>The rooms.</summary>
    public IReadOnlyCollection<string> Rooms => _rooms.Keys;

    /// <summary>Whether a server may refuse for a while: what it refused is sent again.</summary>
    public bool ToleratesBusy { get; init; }

    /// <summary>What was broken, as far as it was seen while it ran.</summary>
    public Offences Offences { get; } = new();

    /// <summary>Messages that were acked, each counted once.</summary>
    public long Acked => Volatile.Read(ref _acked);

    /// <summary>Acks of what had been stored before.</summary>
    public long Duplicates => Volatile.Read(ref _duplicates);

    /// <summary>Messages that were delivered, to all.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Messages that were sent again after a lost connection, those of raw sockets alone.</summary>
    public long Resent => Volatile.Read(ref _resent);

    /// <summary>Messages that were found in the history, and not sent again, those of raw sockets alone.</summary>
    public long Struck => Volatile.Read(ref _struck);

    /// <summary>A user's place in a room, from its beginning on.</summary>
    public Place PlaceOf(string user, string room)
    {
        var place = new Place(this, user, room);
        lock (_rooms[room])
            _rooms[room].Places.Add(place);
        return place;
    }

    /// <summary>A message is about to be sent for the first time.</summary>
    public void Published(string room, string user, string id, string text)
    {
        lock (_rooms[room])
            _rooms[room].Published.Add(new PublishedMessage(user, id, ContentDigest.Of(text)));
    }

    /// <summary>An ack came.</summary>
    public void Acknowledged(string user, ServerEvent.Ack ack)
    {
        if (!_rooms.TryGetValue(ack.Room, out var room))
        {
            Offences.Add(Offence.Wrong, $"{user} got an ack for the room {ack.Room}, in which it never was");
            return;
        }
        lock (room)
        {
            room.Acks.Add(new AckedMessage(user, ack.Id ?? "", ack.Seq));
            room.Head = Math.Max(room.Head, ack.Seq);
            if (!ack.Duplicate)
                Took(room);
            if (room.Acked.Add((user, ack.Id ?? "")))
                Interlocked.Increment(ref _acked);
        }
        if (ack.Duplicate)
            Interlocked.Increment(ref _duplicates);
    }

    /// <summary>After a lost connection so many were sent again, and so many found in the history.</summary>
    public void CameBack(int resent, int struck)
    {
        Interlocked.Add(ref _resent, resent);
        Interlocked.Add(ref _struck, struck);
    }

    /// <summary>The newest seq of a room that anybody was told of.</summary>
    public long Head(string room)
    {
        lock (_rooms[room])
            return _rooms[room].Head;
    }

    /// <summary>From now on the longest pause of a room is looked for.</summary>
    public void Watch(string room)
    {
        lock (_rooms[room])
            (_rooms[room].LastAckAt, _rooms[room].LongestPause) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
    }

    /// <summary>The longest time since <see cref="Watch"/>, up to the last ack, in which no ack came of a new message of a room.</summary>
    public TimeSpan LongestPause(string room)
    {
        lock (_rooms[room])
            return _rooms[room].LongestPause;
    }

    /// <summary>All of a room, beside its log.</summary>
    public RoomHistory ToHistory(string room, IReadOnlyList<LoggedMessage> log)
    {
        var record = _rooms[room];
        lock (record)
        {
            return new RoomHistory(
                room, record.Published, record.Acks, [.. record.Places.Select(place => place.ToReading())], record.Epochs, log);
        }
    }

    internal void Delivering(string room, long seq)
    {
        Interlocked.Increment(ref _delivered);
        var record = _rooms[room];
        lock (record)
            record.Head = Math.Max(record.Head, seq);
    }

    internal void Told(string room, string epoch)
    {
        lock (_rooms[room])
            _rooms[room].Epochs.Add(epoch);
    }

    private static void Took(RoomRecord room)
    {
        var now = Stopwatch.GetTimestamp();
        var pause = Stopwatch.GetElapsedTime(room.LastAckAt, now);
        (room.LastAckAt, room.LongestPause) = (now, pause > room.LongestPause ? pause : room.LongestPause);
    }
}
