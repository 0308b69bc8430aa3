namespace Chat.Actors.History;

/// <summary>Finds and deletes what retention has come to in one log; its writer alone may.</summary>
internal sealed class LogTrim(IDisk disk, string folder, Retention retention, Action<StorageWarning> warn)
{
    /// <summary>What goes.</summary>
    /// <param name="Segments">Segments that others follow, the oldest first.</param>
    /// <param name="First">The oldest seq that is kept when they are deleted.</param>
    /// <param name="Last">Whether the last goes too: a new one has to take its place before.</param>
    public sealed record Due(IReadOnlyList<Segment> Segments, long First, bool Last);

    /// <summary>Finds what goes; changes nothing. Null where nothing does.</summary>
    /// <param name="last">The newest seq, where it is known.</param>
    /// <param name="now">The time that ages are counted to.</param>
    public Due? Find(long? last, DateTime now)
    {
        var segments = Segment.In(disk, folder);
        if (segments.Count == 0)
            return null;
        var sizes = segments.Select(segment => new SegmentSize(segment.First, Length(segment))).ToArray();
        var seq = last ?? Last(segments[^1]);
        var count = retention.Deletable(sizes, i => Newest(segments, i), seq, now);
        // Times don't decrease within a room: where the last is too old, all are.
        var isLastToo = count == segments.Count - 1 && retention.IsTooOld(Newest(segments, count), now);
        return count == 0 && !isLastToo ? null : new Due([.. segments.Take(count)], segments[count].First, isLastToo);
    }

    /// <summary>
    /// Deletes segments in their order, each for good before the next: after a power cut in the middle, what is left has no hole.
    /// Ends at the first that can't be deleted, with a warning.
    /// </summary>
    public void Delete(IReadOnlyList<Segment> segments)
    {
        foreach (var segment in segments)
        {
            try
            {
                disk.Delete(segment.Path);
                disk.SyncFolder(folder);
            }
            catch (Exception e) when (StorageErrors.IsFromStorage(e))
            {
                Warn(segment.Path, e);
                return;
            }
        }
    }

    /// <summary>Says that something kept the log from being trimmed.</summary>
    public void Warn(string path, Exception cause) => warn(new StorageWarning(
        path, null, $"What is no longer to be kept can't be deleted: {StorageErrors.Sentence(cause)} It is tried again later.",
        StorageErrors.Remedy(cause)));

    // Where no line of a segment is whole, those that follow tell how old it is at least.
    private DateTime? Newest(IReadOnlyList<Segment> segments, int index)
    {
        for (var i = index; i < segments.Count; i++)
        {
            if (SegmentTimes.Newest(disk, segments[i]) is { } time)
                return time;
        }
        return null;
    }

    private long Length(Segment segment)
    {
        using var file = segment.OpenRead(disk);
        return file.Length;
    }

    private long Last(Segment newest)
    {
        using var file = newest.OpenRead(disk);
        return SegmentTail.Of(file, newest.First).Last;
    }
}
