namespace Chat.Actors.History;

// What retention has come to is deleted by the writer alone.
internal sealed partial class FileRoomLog
{
    public long? Trim()
    {
        if (!_ready || _segment is not { } segment || FindDue() is not { } due)
            return null;
        var before = _first;
        Delete(due.Segments, due.First);
        if (due.Last)
        {
            EndSegment();
            Delete([segment], _last + 1);
        }
        return _first > before ? _first : null;
    }

    /// <summary>For a log that nobody opens: opens it and trims it, where there is anything to trim.</summary>
    public void OpenToTrim()
    {
        if (FindDue() is null)
            return;
        Open();
        Trim();
    }

    // The next message begins a new segment, which has the log's place meanwhile.
    private void EndSegment()
    {
        _ready = false;
        try
        {
            BeginSegment(_says!);
            // What is deleted takes space as long as it is open.
            _store.Handles.Close(_handle);
            _ready = true;
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            throw StorageErrors.Failed("begin a segment of the log in", _folder, e);
        }
    }

    private void Delete(IReadOnlyList<Segment> segments, long first)
    {
        // Before anything is deleted: readers that miss it look here.
        Volatile.Write(ref _first, Math.Max(_first, first));
        _trim.Delete(segments);
    }

    private LogTrim.Due? FindDue()
    {
        if (!_store.Retention.IsOn)
            return null;
        try
        {
            // What the room's file names isn't deleted.
            if (_ready && _says!.Newest is { } named && named != _mark)
                Say(_says with { Newest = _mark });
            return _trim.Find(_ready ? _last : null, _store.Clock.Now());
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            _trim.Warn(_folder, e);
            return null;
        }
    }
}
