namespace Chat.Actors.History;

/// <summary>The times of a segment's messages, by its first and its last whole line.</summary>
internal static class SegmentTimes
{
    /// <summary>The oldest message's; null where there is no whole line.</summary>
    public static DateTime? Oldest(IDisk disk, Segment segment)
    {
        using var file = segment.OpenRead(disk);
        using var lines = new LinesForward(file, 0, file.Length);
        while (lines.Next())
        {
            if (lines.Terminated && StoredLine.WholeSeq(lines.Line) is not null && StoredLine.Time(lines.Line) is { } time)
                return time;
        }
        return null;
    }

    /// <summary>The newest message's; null where there is no whole line.</summary>
    public static DateTime? Newest(IDisk disk, Segment segment)
    {
        using var file = segment.OpenRead(disk);
        using var lines = new LinesBackward(file, file.Length);
        while (lines.Next())
        {
            if (lines.Terminated && StoredLine.WholeSeq(lines.Line.Span) is not null && StoredLine.Time(lines.Line.Span) is { } time)
                return time;
        }
        return null;
    }
}
