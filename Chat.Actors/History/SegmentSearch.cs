namespace Chat.Actors.History;

/// <summary>
/// Finds a seq in a segment by binary search over the file's bytes: lines are in order, so no index is needed. Only whole lines
/// are believed; where a probe lands on damage, the next whole line speaks for it.
/// </summary>
internal static class SegmentSearch
{
    // Below so many bytes, reading on is cheaper than another probe.
    private const int CloseEnough = 32 * 1024;

    /// <summary>The start of a line before which every whole line is below <paramref name="seq"/>, a little before that seq's own.</summary>
    public static long LineBefore(IDiskFile file, long end, long seq)
    {
        long low = 0, high = end;
        while (high - low > CloseEnough)
        {
            var middle = low + (high - low) / 2;
            if (FirstWhole(file, middle, high, end) is { } found && found.Seq < seq)
                low = found.Offset;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>Where the first whole line above <paramref name="seq"/> starts; where there is none, the end of the last line.</summary>
    public static long EndOf(IDiskFile file, long end, long seq)
    {
        using var lines = new LinesForward(file, LineBefore(file, end, seq + 1), end);
        while (lines.Next())
        {
            if (!lines.Terminated || StoredLine.WholeSeq(lines.Line) > seq)
                return lines.Offset;
        }
        return lines.Offset;
    }

    private static (long Offset, long Seq)? FirstWhole(IDiskFile file, long from, long until, long end)
    {
        // Starting one byte early makes the piece before the first line feed no line of its own, even where a line starts at from.
        using var lines = new LinesForward(file, from - 1, end);
        if (!lines.Next())
            return null;
        while (lines.Next() && lines.Offset < until)
        {
            if (lines.Terminated && StoredLine.WholeSeq(lines.Line) is { } seq)
                return (lines.Offset, seq);
        }
        return null;
    }
}
