namespace Chat.Actors.History;

/// <summary>
/// Reads pages of one log, from any thread, beside its writer: opens what it needs for the duration of a call, and believes
/// nothing beyond the seq that the caller knows to be durable.
/// </summary>
internal sealed class PageReader(IDisk disk, string folder, DamageReports reports)
{
    /// <param name="query">What is asked for.</param>
    /// <param name="known">The newest seq that the log's writer has stored, as far as is known: for a log whose files are gone.</param>
    public LogPage Read(LogQuery query, long known)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.MaxMessages, 1);
        var segments = Segment.In(disk, folder);
        var first = segments.Count > 0 ? segments[0].First : 1;
        var from = Math.Max(query.From, first);
        var to = segments.Count > 0 ? Math.Min(query.To, long.MaxValue - 1) : Math.Min(query.To, known);
        if (to < from)
            return new LogPage(from, from - 1, [], [], first);
        var page = new PageContents(query);
        if (query.Keep == PageEnd.Oldest)
        {
            var next = ReadOn(segments, from, to, page);
            return page.ToPage(from, next - 1, first);
        }
        else
        {
            var next = ReadBack(segments, from, to, page);
            return page.ToPage(next + 1, to, first);
        }
    }

    // Both ways, next is the seq that the page speaks of next: what was passed over on the way to a whole line is missing.
    private long ReadOn(IReadOnlyList<Segment> segments, long from, long to, PageContents page)
    {
        var next = from;
        for (var i = IndexOf(segments, from); i < segments.Count && next <= to && !page.Full && segments[i].First <= to; i++)
        {
            if (segments[i].First > next)
            {
                page.Miss(next, segments[i].First - 1);
                reports.Missing(segments[i], next, segments[i].First - 1);
                next = segments[i].First;
            }
            using var file = Open(segments[i]);
            if (file is not null)
                next = ReadOn(segments, i, file, next, to, page);
        }
        if (page.Full)
            return next;
        page.Miss(next, to);
        return to + 1;
    }

    private long ReadOn(IReadOnlyList<Segment> segments, int index, IDiskFile file, long next, long to, PageContents page)
    {
        var following = index + 1 < segments.Count ? segments[index + 1] : null;
        var length = file.Length;
        using var lines = new LinesForward(file, SegmentSearch.LineBefore(file, length, next), length);
        while (next <= to && !page.Full && lines.Next())
        {
            if (WholeSeq(segments[index], lines.Line, lines.Offset, lines.Terminated, following) is not { } seq || seq < next)
                continue;
            if (seq > to)
                break;
            if (seq >= following?.First)
                reports.Overlap(segments[index], lines.Offset, following);
            page.Miss(next, seq - 1);
            next = page.TryAdd(seq, lines.Line) ? seq + 1 : seq;
        }
        return next;
    }

    private long ReadBack(IReadOnlyList<Segment> segments, long from, long to, PageContents page)
    {
        var next = to;
        for (var i = segments.Count > 0 ? IndexOf(segments, to) : -1; i >= 0 && next >= from && !page.Full; i--)
        {
            using var file = Open(segments[i]);
            if (file is not null)
                next = ReadBack(segments, i, file, from, next, page);
            var lowest = Math.Max(segments[i].First, from);
            if (!page.Full && next >= lowest)
            {
                page.Miss(lowest, next);
                next = lowest - 1;
            }
        }
        if (page.Full)
            return next;
        page.Miss(from, next);
        return from - 1;
    }

    private long ReadBack(IReadOnlyList<Segment> segments, int index, IDiskFile file, long from, long next, PageContents page)
    {
        var following = index + 1 < segments.Count ? segments[index + 1] : null;
        using var lines = new LinesBackward(file, SegmentSearch.EndOf(file, file.Length, next));
        while (next >= from && !page.Full && lines.Next())
        {
            if (WholeSeq(segments[index], lines.Line.Span, lines.Offset, lines.Terminated, following) is not { } seq || seq > next)
                continue;
            if (seq < from)
                break;
            page.Miss(seq + 1, next);
            next = page.TryAdd(seq, lines.Line.Span) ? seq - 1 : seq;
        }
        return next;
    }

    private long? WholeSeq(Segment segment, ReadOnlySpan<byte> line, long offset, bool terminated, Segment? following)
    {
        if (terminated && StoredLine.WholeSeq(line) is { } seq && seq >= segment.First)
            return seq;
        // The last segment may end in a line that is being written right now.
        if (terminated || following is not null)
            reports.Line(segment, offset);
        return null;
    }

    // The last segment that starts at or before the seq; the first where none does.
    private static int IndexOf(IReadOnlyList<Segment> segments, long seq)
    {
        var index = segments.Count - 1;
        while (index > 0 && segments[index].First > seq)
            index--;
        return Math.Max(index, 0);
    }

    private IDiskFile? Open(Segment segment)
    {
        try
        {
            return segment.OpenRead(disk);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Gone since the folder was listed, so its lines are missing.
            return null;
        }
    }
}
