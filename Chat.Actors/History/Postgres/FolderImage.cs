using Chat.Protocol;

namespace Chat.Actors.History.Postgres;

/// <summary>Logs in a data folder that are copies of others, made whole: beside it first, then put into their place.</summary>
internal sealed class FolderImage(FileHistoryStore store)
{
    // No room's folder has such a name.
    private const string Unfinished = ".unfinished";

    private readonly IDisk _disk = store.Disk;

    /// <summary>Makes a log of these lines; false where the room has a folder already.</summary>
    public bool TryMake(RoomName room, LogState state, IEnumerable<LogEntry> lines)
    {
        var folder = store.FolderOf(room);
        var draft = folder + Unfinished;
        try
        {
            if (_disk.FolderExists(folder))
                return false;
            // Of an attempt that was killed.
            if (_disk.FolderExists(draft))
                Directory.Delete(draft, recursive: true);
            DurableFolder.Create(_disk, draft);
            var newest = Write(draft, state, lines);
            new RoomFile(state.Epoch, null, state.Last, newest.Mark(_disk), state.LastTimestamp).Write(_disk, draft);
            Directory.Move(draft, folder);
            _disk.SyncFolder(Path.GetDirectoryName(folder)!);
            return true;
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            throw StorageErrors.Failed("copy a log to", draft, e);
        }
    }

    /// <summary>Removes what <see cref="TryMake"/> made.</summary>
    public void Remove(RoomName room)
    {
        var folder = store.FolderOf(room);
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            throw StorageErrors.Failed("remove", folder, e);
        }
    }

    private Segment Write(string folder, LogState state, IEnumerable<LogEntry> lines)
    {
        var segment = Segment.Create(_disk, folder, state.First);
        var file = segment.OpenReadWrite(_disk);
        try
        {
            var at = 0L;
            DateTime? begun = null;
            foreach (var (seq, line) in lines)
            {
                var time = StoredLine.Time(line.Span);
                if (at > 0 && (at >= store.Retention.SegmentBytes || store.Retention.EndsBefore(begun, time)))
                {
                    file.Sync();
                    file.Dispose();
                    segment = Segment.Create(_disk, folder, seq);
                    file = segment.OpenReadWrite(_disk);
                    (at, begun) = (0, null);
                }
                begun ??= time;
                byte[] bytes = [.. line.Span, (byte)'\n'];
                file.Write(bytes, at);
                at += bytes.Length;
            }
            file.Sync();
        }
        finally
        {
            file.Dispose();
        }
        _disk.SyncFolder(folder);
        return segment;
    }
}
