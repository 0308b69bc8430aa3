using Chat.Protocol;
using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>
/// One room's log in a database, as <see cref="PostgresHistoryStore"/> makes it. The room's row says who its writer is, and since which opening
/// (its term): an append takes the row and checks both in the statement that stores, so that none can come behind a later opening.
/// </summary>
internal sealed class PostgresRoomLog : IRoomLog
{
    private readonly PostgresHistoryStore _store;
    private readonly PostgresDatabase _database;
    private readonly RoomName _room;
    private readonly Guid _owner = Guid.NewGuid();
    private readonly DamageReports _reports;
    private readonly PostgresPages _pages;

    // What is known to be stored: it is what a failed append is cut back to.
    private string? _epoch;
    private long _term;
    private long _first = 1;
    private long _last;
    private DateTime? _lastTime;

    // Since when, and how much was appended since, where that may give something to trim.
    private DateTime? _begun;
    private long _appended;
    private bool _isTrimDue;
    private bool _ready;
    private bool _disposed;
    private volatile bool _movesOn;

    public PostgresRoomLog(PostgresHistoryStore store, RoomName room)
    {
        (_store, _database, _room) = (store, store.Database, room);
        _reports = new DamageReports(store.Warn);
        _pages = new PostgresPages(store.Database, room, _reports);
    }

    public LogState Open()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _store.Claim(_room, this);
        _ready = false;
        var claim = new RoomClaim(_room, _owner);
        var row = _database.Run($"open the log of {_room} in", connection =>
            _epoch is { } epoch ? claim.TakeAgain(connection, epoch, _last, _lastTime) ?? throw Superseded() : claim.Take(connection));
        if (row.IsMoved)
        {
            _store.Warn(new StorageWarning(
                $"The log of {_room} in {_database.Name}", null,
                "It was written in another database (a backup was restored, or a standby took over), perhaps beyond what is here: it gets a new epoch, and clients load its history anew.",
                "None is needed if you meant that; a synchronous standby has all that was acknowledged."));
        }
        (_epoch, _term, _lastTime) = (row.Epoch, row.Term, row.LastTime);
        Volatile.Write(ref _first, row.First);
        Volatile.Write(ref _last, row.Last);
        _ready = true;
        return new LogState(row.Epoch, row.First, row.Last, row.LastTime);
    }

    public void MoveOn() => _movesOn = true;

    public LogWindow ReadWindow(WindowQuery query)
    {
        ThrowUnlessReady();
        return _pages.ReadWindow(query, _last);
    }

    public LogPage Read(LogQuery query) => _pages.Read(query, Volatile.Read(ref _last));

    public AppendResult Append(IReadOnlyList<LogEntry> batch)
    {
        ThrowUnlessReady();
        if (batch.Count == 0)
            return new(IsStored: true, BeganSegment: false);
        LogBatch.ThrowUnlessNext(_room, _last, batch);
        _ready = false;
        var append = new RoomAppend(_room, _owner, _term, _last, batch, TimesOf(batch));
        if (!_database.Run($"append to the log of {_room} in", append.Store, append.StoreUnlessStored))
            throw Superseded();
        _lastTime = append.Times[^1];
        Volatile.Write(ref _last, batch[^1].Seq);
        _ready = true;
        return new(IsStored: true, BeganSegment(append));
    }

    public void Commit() => throw new InvalidOperationException($"Nothing was appended to the log of {_room} that isn't stored.");

    public long? Trim()
    {
        if (!_ready || !_store.Retention.IsOn)
            return null;
        try
        {
            var (first, isDone) = _store.TrimSome(_room);
            _isTrimDue = !isDone;
            var before = _first;
            Volatile.Write(ref _first, first ?? _last + 1);
            return _first > before ? _first : null;
        }
        catch (StorageException e)
        {
            _store.Warn(new StorageWarning($"The log of {_room}", null, $"What is no longer to be kept can't be deleted. {e.Message}", "It is tried again later."));
            return null;
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            // A room that nobody wrote in leaves nothing.
            if (_ready && _last == 0 && !_movesOn)
                _database.Run($"close the log of {_room} in", new RoomClaim(_room, _owner).GiveBackUnused);
        }
        catch (StorageException)
        {
            // An empty room's row is in nobody's way.
        }
        _store.Release(_room, this);
    }

    // A line without a time has that of the one before it.
    private DateTime[] TimesOf(IReadOnlyList<LogEntry> batch)
    {
        var times = new DateTime[batch.Count];
        var time = _lastTime;
        for (var i = 0; i < times.Length; i++)
        {
            time = StoredLine.Time(batch[i].Line.Span) ?? time;
            times[i] = time ??= _store.Options.Time.GetUtcNow().UtcDateTime;
        }
        return times;
    }

    // There are no segments: it is as often as files would have one.
    private bool BeganSegment(RoomAppend append)
    {
        if (!_store.Retention.IsOn)
            return false;
        _appended += append.Bytes;
        _begun ??= append.Times[0];
        if (!_isTrimDue && _appended < _store.Retention.SegmentBytes && !_store.Retention.EndsBefore(_begun, append.Times[^1]))
            return false;
        (_appended, _begun, _isTrimDue) = (0, append.Times[^1], false);
        return true;
    }

    private void ThrowUnlessReady()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_ready)
            throw new InvalidOperationException($"The log of {_room} isn't open: Open comes first, and again after a failed Append.");
    }

    private StorageException Superseded() => new(
        $"The log of {_room} in {_database.Name} was opened by another writer meanwhile. None is needed, unless it happens again and again: then gateways that are no cluster share it; give each a database of its own.")
    { Failure = StorageFailure.Superseded };
}
