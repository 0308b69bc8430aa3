namespace Chat.Actors.History;

/// <summary>Reads the newest entries of a log, as many as the rules of ids seen need.</summary>
internal static class WindowReader
{
    /// <param name="disk">Where the log is.</param>
    /// <param name="segments">Its segments.</param>
    /// <param name="newest">The one that is written.</param>
    /// <param name="end">Where that one ends, in bytes.</param>
    /// <param name="last">The newest seq.</param>
    /// <param name="query">What is wanted.</param>
    /// <param name="reports">Where damage is told.</param>
    public static LogWindow Read(
        IDisk disk, IReadOnlyList<Segment> segments, Segment newest, long end, long last, WindowQuery query, DamageReports reports)
    {
        var window = new WindowContents(query);
        var next = last;
        for (var i = segments.Count - 1; i >= 0 && !window.Full; i--)
        {
            using var file = segments[i].OpenRead(disk);
            using var lines = new LinesBackward(file, segments[i] == newest ? end : file.Length);
            while (!window.Full && lines.Next())
            {
                if (!lines.Terminated || StoredLine.WholeSeq(lines.Line.Span) is not { } seq || seq < segments[i].First)
                {
                    reports.Line(segments[i], lines.Offset);
                    continue;
                }
                if (seq > next)
                    continue;
                if (!window.TryAdd(seq, lines.Line))
                    return window.ToWindow();
                next = seq - 1;
            }
        }
        return window.ToWindow();
    }
}
