namespace Chat.Actors.History;

/// <summary>Reads the newest entries of a log, as many as the rules of ids seen need.</summary>
internal static class WindowReader
{
    /// <param name="segments">The log's segments.</param>
    /// <param name="newest">The one that is written.</param>
    /// <param name="end">Where that one ends, in bytes.</param>
    /// <param name="last">The newest seq.</param>
    /// <param name="atMost">How many to read at most.</param>
    /// <param name="wanted">Whether one more is, given how many are held and its time (null where it has none).</param>
    /// <param name="reports">Where damage is told.</param>
    /// <returns>Oldest first.</returns>
    public static IReadOnlyList<LogEntry> Read(
        IReadOnlyList<Segment> segments,
        Segment newest,
        long end,
        long last,
        int atMost,
        Func<int, DateTime?, bool> wanted,
        DamageReports reports)
    {
        var entries = new List<LogEntry>();
        var next = last;
        for (var i = segments.Count - 1; i >= 0 && entries.Count < atMost; i--)
        {
            using var file = segments[i].OpenRead();
            using var lines = new LinesBackward(file, segments[i] == newest ? end : RandomAccess.GetLength(file));
            while (entries.Count < atMost && lines.Next())
            {
                if (!lines.Terminated || StoredLine.WholeSeq(lines.Line) is not { } seq || seq < segments[i].First)
                {
                    reports.Line(segments[i], lines.Offset);
                    continue;
                }
                if (seq > next)
                    continue;
                if (!wanted(entries.Count, StoredLine.Time(lines.Line)))
                    return Reversed(entries);
                entries.Add(new LogEntry(seq, lines.Line.ToArray()));
                next = seq - 1;
            }
        }
        return Reversed(entries);
    }

    private static IReadOnlyList<LogEntry> Reversed(List<LogEntry> entries)
    {
        entries.Reverse();
        return entries.AsReadOnly();
    }
}
