using System.Buffers;
using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>One room's log in a folder of segments, as <see cref="FileHistoryStore"/> makes it.</summary>
internal sealed partial class FileRoomLog : IRoomLog
{
    private sealed record Unstored(SharedSync.Append Sync, DateTime? Time, long Last, long End);

    private readonly FileHistoryStore _store;
    private readonly IDisk _disk;
    private readonly RoomName _room;
    private readonly string _folder;
    private readonly FileHistoryOptions _options;
    private readonly DamageReports _reports;
    private readonly PageReader _pages;
    private readonly LogTrim _trim;
    private readonly WriteHandle _handle = new();

    // What is known to be stored: it is what a failed append is cut back to.
    private Segment? _segment;
    private long? _end;
    private long _last;

    // The oldest seq that is kept, and when the segment that is written was begun, where that matters.
    private long _first = 1;
    private DateTime? _begun;

    // What the room's file says, or will say when there is one, and what it has to name before the segment is written to.
    private RoomFile? _says;
    private SegmentMark? _mark;

    // Whether a sync alone may leave a part of the segment unwritten: see Rewriting.
    private bool _mayBePassedOver;

    // Whether a shared sync reaches the segment, and what is written and waits for one.
    private bool _isReached;
    private Unstored? _unstored;
    private bool _ready;
    private bool _disposed;

    public FileRoomLog(FileHistoryStore store, RoomName room, string folder)
    {
        _store = store;
        _disk = store.Disk;
        _room = room;
        _folder = folder;
        _options = store.Options;
        _reports = new DamageReports(store.Warn);
        _pages = new PageReader(_disk, folder, _reports);
        _trim = new LogTrim(_disk, folder, store.Retention, store.Warn);
    }

    public LogState Open()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _store.Claim(_room, this);
        _ready = false;
        DropUnstored();
        _store.Handles.Close(_handle);
        try
        {
            var opened = new LogOpening(_disk, _folder, _options, _store.Warn).Open(new(_segment, _end, _last, _says?.Epoch));
            (_segment, _end, _says) = (opened.Segment, opened.End, opened.Room);
            _mayBePassedOver = _says.Boot is not null;
            Volatile.Write(ref _last, opened.Last);
            Volatile.Write(ref _first, opened.First);
            var newest = Newest(new WindowQuery(DateTime.MinValue, 1, 1, 1, 0)).Recent;
            _mark = _segment?.Mark(_disk);
            _isReached = _segment is not null && _store.Syncs.Reaches(_segment.Path);
            _begun = _segment is null || _options.RetainAge is null ? null : SegmentTimes.Oldest(_disk, _segment);
            _ready = true;
            return new LogState(
                _says.Epoch, _first, _last, newest.Count > 0 ? StoredLine.Time(newest[0].Line.Span) : _says.Time);
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            throw StorageErrors.Failed("open the log in", _folder, e);
        }
    }

    public LogWindow ReadWindow(WindowQuery query)
    {
        ThrowUnlessReady();
        // Times don't decrease within a room, so the first that is too old is the last one looked at.
        return Reading(() => Newest(query));
    }

    public LogPage Read(LogQuery query) => Reading(() => _pages.Read(query, () => Volatile.Read(ref _first), Volatile.Read(ref _last)));

    public AppendResult Append(IReadOnlyList<LogEntry> batch)
    {
        ThrowUnlessReady();
        if (batch.Count == 0)
            return new(IsStored: true, BeganSegment: false);
        LogBatch.ThrowUnlessNext(_room, _last, batch);
        _ready = false;
        try
        {
            var time = _options.RetainAge is null ? null : StoredLine.Time(batch[0].Line.Span);
            var begins = Prepare(time);
            var sync = _store.Syncs.Begin(_isReached);
            var length = batch.Sum(entry => entry.Line.Length + 1);
            _unstored = new Unstored(sync, time, batch[^1].Seq, _end!.Value + length);
            Write(batch, length, _options.Durability == Durability.Always && !sync.Shares);
            sync.Written();
            if (!sync.Shares)
                CommitWritten();
            return new(!sync.Shares, begins);
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            DropUnstored();
            throw StorageErrors.Failed("append to", _segment?.Path ?? _folder, e);
        }
    }

    public void Commit()
    {
        try
        {
            CommitWritten();
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            throw StorageErrors.Failed("append to", _segment?.Path ?? _folder, e);
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        DropUnstored();
        try
        {
            if (_ready && _segment is not null && _says is { } says && (says.Boot is not null || says.Last is null))
            {
                if (says.Boot is not null)
                    Sync(_segment);
                Say(says with { Boot = null, Last = _last, Newest = _mark });
            }
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            // The file says what it said, which is the truth: no clean end, and what was written may not be on the disk.
        }
        _store.Handles.Close(_handle);
        _store.Release(_room, this);
    }

    // Gives whether a segment was begun.
    private bool Prepare(DateTime? time)
    {
        if (_segment is null)
        {
            DurableFolder.Create(_disk, _folder);
            // Also where it was there: it may be from an attempt that failed before this.
            _disk.SyncFolder(Path.GetDirectoryName(_folder)!);
        }
        // Durable before the append: a seq that the file names must never be below one that is given after it.
        var says = _says! with { Boot = _options.Durability == Durability.Never ? _options.BootId : null, Last = null, Newest = _mark };
        var begins = _segment is null
            || (_end > 0 && (_end >= _store.Retention.SegmentBytes || _store.Retention.EndsBefore(_begun, time)));
        if (begins)
            BeginSegment(says);
        else if (says != _says)
            Say(says);
        return begins;
    }

    private void BeginSegment(RoomFile says)
    {
        if (_segment is not null)
        {
            if (_options.Durability == Durability.Never)
                Sync(_segment);
            says = says with { Time = SegmentTimes.Newest(_disk, _segment) ?? says.Time };
        }
        (_segment, _end, _begun) = (Segment.Create(_disk, _folder, _last + 1), 0, null);
        _isReached = _store.Syncs.Reaches(_segment.Path);
        _mayBePassedOver = false;
        _disk.SyncFolder(_folder);
        _mark = _segment.Mark(_disk);
        Say(says with { Newest = _mark });
    }

    private void Say(RoomFile says)
    {
        says.Write(_disk, _folder);
        _says = says;
    }

    private void CommitWritten()
    {
        using var sync = _unstored?.Sync ?? throw new InvalidOperationException($"Nothing was appended to the log of {_room} that isn't stored.");
        var (_, time, last, end) = _unstored;
        _unstored = null;
        sync.ThrowUnlessStored();
        // A file that was removed takes writes as before, and keeps none.
        if (!_disk.FileExists(_segment!.Path))
            throw new FileNotFoundException("The file was removed.");
        _end = end;
        _begun ??= time;
        Volatile.Write(ref _last, last);
        _ready = true;
    }

    private void DropUnstored()
    {
        _unstored?.Sync.Dispose();
        _unstored = null;
    }

    private void Write(IReadOnlyList<LogEntry> batch, int length, bool isSynced)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var at = 0;
            foreach (var entry in batch)
            {
                entry.Line.Span.CopyTo(buffer.AsSpan(at));
                at += entry.Line.Length;
                buffer[at++] = (byte)'\n';
            }
            Write(_segment!.Path, buffer.AsSpan(0, length), isSynced);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Write(string path, ReadOnlySpan<byte> bytes, bool isSynced)
    {
        var failed = true;
        var file = _store.Handles.Borrow(_handle, path);
        try
        {
            var start = _end!.Value;
            // Where it isn't as this log left it, no place is known to cut back to.
            _end = null;
            ExpectLength(file, start, "Another program changed it.");
            _end = start;
            file.Write(bytes, start);
            ExpectLength(file, start + bytes.Length, "Only a part was written.");
            if (isSynced)
                file.SyncData();
            failed = false;
        }
        finally
        {
            _store.Handles.Return(_handle, failed);
        }
    }

    private static void ExpectLength(IDiskFile file, long expected, string otherwise)
    {
        var length = file.Length;
        if (length != expected)
            throw new IOException($"It has {length} bytes where {expected} were expected. {otherwise}");
    }

    private void Sync(Segment segment)
    {
        using var file = segment.OpenReadWrite(_disk);
        if (_mayBePassedOver)
            Rewriting.Of(file, 0, _end!.Value);
        file.Sync();
    }

    private LogWindow Newest(WindowQuery query) => _segment is null
        ? new LogWindow([], [])
        : WindowReader.Read(_disk, Segment.In(_disk, _folder), _segment, _end!.Value, _last, query, _reports);

    private T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            throw StorageErrors.Failed("read the log in", _folder, e);
        }
    }

    private void ThrowUnlessReady()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_ready)
            throw new InvalidOperationException($"The log of {_room} isn't open: Open comes first, and again after a failed Append.");
    }
}
