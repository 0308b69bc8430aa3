using System.Collections.Concurrent;
using Chat.Actors;
using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Tests.Fakes;

/// <summary>A history in memory, as strict about the order of calls as the one in files, with faults to order.</summary>
internal sealed class MemoryStore : IHistoryStore
{
    private readonly ConcurrentDictionary<RoomName, MemoryRoom> _rooms = new();

    public StorageFaults Faults { get; } = new();

    /// <summary>What is stored of a room.</summary>
    public MemoryRoom Room(RoomName room) => _rooms.GetOrAdd(room, name => new MemoryRoom(name));

    public IReadOnlyList<RoomName> Rooms()
    {
        Faults.Pass(StorageCall.Rooms);
        return [.. _rooms.Where(room => room.Value.Last > 0).Select(room => room.Key).Order()];
    }

    public IRoomLog Log(RoomName room) => new MemoryLog(Room(room), this);

    /// <summary>Whether appends wait for a sync that they share.</summary>
    public bool SharesSyncs { get; set; }

    /// <summary>How many syncs there were that didn't fail.</summary>
    public int Syncs { get; private set; }

    public void Sync()
    {
        try
        {
            Faults.Pass(StorageCall.Sync);
            Syncs++;
        }
        catch (StorageException)
        {
            // Told by the logs.
        }
    }

    public TimeSpan? TrimEvery { get; set; }

    public void Trim(RoomName room)
    {
        Faults.Pass(StorageCall.Trim);
        Room(room).TrimUnlessOwned();
    }

    public void Probe() => Faults.Pass(StorageCall.Probe);

    public void Dispose() { }
}

/// <summary>What is stored of one room; outlives the logs that are opened on it.</summary>
internal sealed class MemoryRoom(RoomName name)
{
    private readonly object _gate = new();
    private readonly List<LogEntry> _lines = [];
    private readonly HashSet<long> _damaged = [];
    private MemoryLog? _owner;

    public string Epoch { get; set; } = "epoch-1";

    public long First { get; private set; } = 1;

    public long Last { get; private set; }

    public IReadOnlyList<LogEntry> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    /// <summary>The stored messages, read back.</summary>
    public IReadOnlyList<ServerEvent.Message> Messages => [.. Lines.Select(line => LogLine.Decode(line.Line)!)];

    /// <summary>Stores messages as an earlier run would have: "text 1" under "id-1", by bob.</summary>
    public MemoryRoom Fill(int count, DateTime at, string user = "bob", int length = 0)
    {
        lock (_gate)
        {
            for (var i = 0; i < count; i++)
            {
                var seq = ++Last;
                _lines.Add(new LogEntry(seq, LogLine.Encode(name, seq, $"id-{seq}", user, $"text {seq}".PadRight(length, '.'), at)));
            }
        }
        return this;
    }

    /// <summary>Retention deleted what is below a seq.</summary>
    public void DeleteBelow(long first)
    {
        lock (_gate)
        {
            First = first;
            _lines.RemoveAll(line => line.Seq < first);
        }
    }

    /// <summary>From which seq on the next trim keeps what is there.</summary>
    public long? TrimTo { get; set; }

    /// <summary>As retention does for the writer; gives the oldest seq kept where that changed.</summary>
    public long? Trim()
    {
        if (TrimTo is not { } first || first <= First)
            return null;
        DeleteBelow(first);
        return first;
    }

    /// <summary>As retention does where there is no writer.</summary>
    public void TrimUnlessOwned()
    {
        lock (_gate)
        {
            if (_owner is null)
                Trim();
        }
    }

    /// <summary>The newest lines are gone, under a new epoch.</summary>
    public void CutAfter(long last, string epoch)
    {
        lock (_gate)
        {
            (Last, Epoch) = (last, epoch);
            _lines.RemoveAll(line => line.Seq > last);
        }
    }

    /// <summary>A line can't be read any more.</summary>
    public void Damage(long seq)
    {
        lock (_gate)
            _damaged.Add(seq);
    }

    public LogState Open(MemoryLog owner)
    {
        lock (_gate)
        {
            if (_owner is not null && _owner != owner)
                throw new InvalidOperationException($"The log of {name} has an owner already.");
            _owner = owner;
            return new LogState(Epoch, First, Last, _lines.Count > 0 ? LogLine.Decode(_lines[^1].Line)!.Timestamp : null);
        }
    }

    public void Release(MemoryLog owner)
    {
        lock (_gate)
        {
            if (_owner == owner)
                _owner = null;
        }
    }

    public void Append(IReadOnlyList<LogEntry> batch)
    {
        lock (_gate)
        {
            foreach (var entry in batch)
            {
                if (entry.Seq != Last + 1 || LogLine.Seq(entry.Line.Span) != entry.Seq || !LogLine.IsWhole(entry.Line.Span))
                    throw new ArgumentException($"Seq {entry.Seq} can't follow {Last} in the log of {name}.", nameof(batch));
                _lines.Add(entry);
                Last = entry.Seq;
            }
        }
    }

    public LogPage Page(LogQuery query)
    {
        lock (_gate)
            return NaivePage.Of(_lines, First, query, _damaged);
    }

    public LogWindow Window(WindowQuery query)
    {
        LogEntry[] newest;
        lock (_gate)
        {
            newest = [.. _lines.AsEnumerable().Reverse()
                .TakeWhile((line, i) => i < query.AtMost && (i < query.AtLeast || LogLine.Decode(line.Line)!.Timestamp >= query.NotBefore))
                .Where(line => !_damaged.Contains(line.Seq))];
        }
        var recent = newest
            .TakeWhile((_, i) => i < query.RecentLines && (i == 0 || newest[..(i + 1)].Sum(line => line.Line.Length) <= query.RecentBytes));
        return new LogWindow([.. newest.Select(Id).Reverse()], [.. recent.Reverse()]);
    }

    private static LoggedId Id(LogEntry line)
    {
        var message = LogLine.Decode(line.Line)!;
        return new LoggedId(
            line.Seq, UserName.Parse(message.User, out _)?.Folded ?? message.User, message.Id!, message.Timestamp, TextDigest.Of(message.Text));
    }
}

/// <summary>One opening of a room's log.</summary>
internal sealed class MemoryLog(MemoryRoom room, MemoryStore store) : IRoomLog
{
    private readonly StorageFaults _faults = store.Faults;
    private (IReadOnlyList<LogEntry> Batch, int Syncs)? _unsynced;
    private bool _ready;

    public LogState Open()
    {
        _ready = false;
        _faults.Pass(StorageCall.Open);
        var state = room.Open(this);
        _ready = true;
        return state;
    }

    public LogWindow ReadWindow(WindowQuery query)
    {
        ThrowUnlessReady();
        _faults.Pass(StorageCall.ReadWindow);
        return room.Window(query);
    }

    public AppendResult Append(IReadOnlyList<LogEntry> batch)
    {
        ThrowUnlessReady();
        _ready = false;
        _faults.Pass(StorageCall.Append);
        _unsynced = (batch, store.Syncs);
        var beganSegment = room.TrimTo > room.First;
        if (store.SharesSyncs)
            return new(IsStored: false, beganSegment);
        Store(batch);
        return new(IsStored: true, beganSegment);
    }

    public void Commit()
    {
        if (_unsynced is not { } unsynced)
            throw new InvalidOperationException("Nothing waits for a sync.");
        _unsynced = null;
        if (store.Syncs == unsynced.Syncs)
            throw new StorageException("The Sync was made to fail.");
        Store(unsynced.Batch);
    }

    private void Store(IReadOnlyList<LogEntry> batch)
    {
        _unsynced = null;
        room.Append(batch);
        _ready = true;
    }

    public long? Trim()
    {
        if (!_ready)
            return null;
        _ready = false;
        _faults.Pass(StorageCall.Trim);
        _ready = true;
        return room.Trim();
    }

    public LogPage Read(LogQuery query)
    {
        _faults.Pass(StorageCall.Read);
        return room.Page(query);
    }

    public void Dispose() => room.Release(this);

    private void ThrowUnlessReady()
    {
        if (!_ready)
            throw new InvalidOperationException("The log isn't open: Open comes first, and again after a failed Append.");
    }
}

/// <summary>A page as its definition says, one line after the other.</summary>
internal static class NaivePage
{
    public static LogPage Of(IReadOnlyList<LogEntry> all, long first, LogQuery query, IReadOnlySet<long>? damaged = null)
    {
        var from = Math.Max(query.From, first);
        if (query.To < from)
            return new LogPage(from, from - 1, [], [], first);
        var range = all.Where(line => line.Seq >= from && line.Seq <= query.To);
        var entries = new List<LogEntry>();
        var missing = new List<SeqRange>();
        var bytes = 0;
        foreach (var line in query.Keep == PageEnd.Oldest ? range : range.Reverse())
        {
            if (entries.Count == query.MaxMessages)
                break;
            if (damaged?.Contains(line.Seq) == true)
            {
                missing.Add(new SeqRange(line.Seq, line.Seq));
                continue;
            }
            if (entries.Count > 0 && bytes + line.Line.Length > query.MaxBytes)
                break;
            entries.Add(line);
            bytes += line.Line.Length;
        }
        entries.Sort((a, b) => a.Seq.CompareTo(b.Seq));
        missing.Sort((a, b) => a.From.CompareTo(b.From));
        long[] told = [.. entries.Select(entry => entry.Seq), .. missing.Select(range => range.From)];
        return told.Length == 0
            ? new LogPage(from, from - 1, [], [], first)
            : new LogPage(told.Min(), told.Max(), entries, missing, first);
    }
}
