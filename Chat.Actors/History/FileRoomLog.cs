using System.Buffers;
using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>One room's log in a folder of segments, as <see cref="FileHistoryStore"/> makes it.</summary>
internal sealed class FileRoomLog : IRoomLog
{
    /// <summary>Bytes of lines, with their line feeds, that one append may have: more than that is never unsynced.</summary>
    public const int LargestBatch = LinesForward.LongestLine + 1;

    private readonly FileHistoryStore _store;
    private readonly IDisk _disk;
    private readonly RoomName _room;
    private readonly string _folder;
    private readonly FileHistoryOptions _options;
    private readonly DamageReports _reports;
    private readonly PageReader _pages;
    private readonly WriteHandle _handle = new();

    // What is known to be stored: it is what a failed append is cut back to.
    private Segment? _segment;
    private long? _end;
    private long _last;
    private string? _epoch;

    // What the room's file says: a boot, and the seq that the log ended with.
    private bool _marked;
    private bool _ended;

    // Whether a sync alone may leave a part of the segment unwritten: see Rewriting.
    private bool _mayBePassedOver;
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
    }

    public LogState Open()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _store.Claim(_room, this);
        _ready = false;
        _store.Handles.Close(_handle);
        try
        {
            var opened = new LogOpening(_disk, _folder, _options, _store.Warn).Open(new(_segment, _end, _last, _epoch));
            (_segment, _end, _epoch) = (opened.Segment, opened.End, opened.Epoch);
            (_marked, _ended) = (opened.Marked, opened.Ended);
            _mayBePassedOver = opened.Marked;
            Volatile.Write(ref _last, opened.Last);
            var newest = Newest(new WindowQuery(DateTime.MinValue, 1, 1, 1, 0)).Recent;
            _ready = true;
            return new LogState(
                opened.Epoch, opened.First, opened.Last, newest.Count > 0 ? StoredLine.Time(newest[0].Line.Span) : null);
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

    public LogPage Read(LogQuery query) => Reading(() => _pages.Read(query, Volatile.Read(ref _last)));

    public void Append(IReadOnlyList<LogEntry> batch)
    {
        ThrowUnlessReady();
        if (batch.Count == 0)
            return;
        ThrowUnlessNext(batch);
        _ready = false;
        try
        {
            Prepare();
            Write(batch);
            Volatile.Write(ref _last, batch[^1].Seq);
            _ready = true;
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
        try
        {
            if (_ready && _segment is not null && (_marked || !_ended))
            {
                if (_marked)
                    Sync(_segment);
                new RoomFile(_epoch!, null, _last).Write(_disk, _folder);
            }
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            // The file says what it said, which is the truth: no clean end, and what was written may not be on the disk.
        }
        _store.Handles.Close(_handle);
        _store.Release(_room, this);
    }

    private void Prepare()
    {
        if (_segment is null)
        {
            DurableFolder.Create(_disk, _folder);
            // Also where it was there: it may be from an attempt that failed before this.
            _disk.SyncFolder(Path.GetDirectoryName(_folder)!);
        }
        // Durable before the append: a seq that the file names must never be below one that is given after it.
        if (_segment is null || _ended || (_options.Durability == Durability.Never && !_marked))
        {
            _marked = _options.Durability == Durability.Never;
            new RoomFile(_epoch!, _marked ? _options.BootId : null).Write(_disk, _folder);
            _ended = false;
        }
        if (_segment is not null && _end < _options.SegmentBytes)
            return;
        if (_segment is not null && _options.Durability == Durability.Never)
            Sync(_segment);
        (_segment, _end) = (Segment.Create(_disk, _folder, _last + 1), 0);
        _mayBePassedOver = false;
        _disk.SyncFolder(_folder);
    }

    private void Write(IReadOnlyList<LogEntry> batch)
    {
        var length = batch.Sum(entry => entry.Line.Length + 1);
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
            Write(_segment!.Path, buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Write(string path, ReadOnlySpan<byte> bytes)
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
            if (_options.Durability == Durability.Always)
                file.SyncData();
            // A file that was removed takes writes as before, and keeps none.
            if (!_disk.FileExists(path))
                throw new FileNotFoundException("The file was removed.");
            _end = start + bytes.Length;
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

    // What would break the log for good is refused before it is written.
    private void ThrowUnlessNext(IReadOnlyList<LogEntry> batch)
    {
        if (batch.Sum(entry => entry.Line.Length + 1L) > LargestBatch)
            throw new ArgumentException($"A batch for {_room} has more than 1 MiB.", nameof(batch));
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch[i].Seq != _last + 1 + i)
                throw new ArgumentException($"Seq {batch[i].Seq} can't follow {_last + i} in the log of {_room}.", nameof(batch));
            if (batch[i].Line.Length > LinesForward.LongestLine || batch[i].Line.Span.Contains((byte)'\n'))
                throw new ArgumentException($"Seq {batch[i].Seq} of {_room} isn't one line of at most 1 MiB.", nameof(batch));
        }
    }
}
