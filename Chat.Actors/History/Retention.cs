namespace Chat.Actors.History;

/// <summary>
/// Which of a log's segments have become too old or too many: the rules, without files and without a clock. What goes are whole
/// segments, the oldest first and never the last.
/// </summary>
internal sealed class Retention(FileHistoryOptions options)
{
    // A segment has at most this part of what is kept, in bytes and in time: as finely it is deleted.
    private const int Parts = 10;

    /// <summary>Whether anything is ever deleted.</summary>
    public bool IsOn => options.RetainAge is not null || options.RetainBytes > 0;

    /// <summary>Bytes after which a log goes on in a new segment.</summary>
    public long SegmentBytes { get; } =
        options.RetainBytes > 0 ? Math.Clamp(options.RetainBytes / Parts, 1, options.SegmentBytes) : options.SegmentBytes;

    /// <summary>Whether a segment that was begun by a message of one time ends before a message of another; null: unknown.</summary>
    public bool EndsBefore(DateTime? begun, DateTime? next) => options.RetainAge is { } age && next - begun >= age / Parts;

    /// <summary>Whether all of a segment is too old, by the time of its newest message; null: unknown.</summary>
    public bool IsTooOld(DateTime? newest, DateTime now) => options.RetainAge is { } age && now - newest > age;

    /// <summary>How many of the oldest segments go.</summary>
    /// <param name="segments">All segments of the log, oldest first.</param>
    /// <param name="newest">The time of a segment's newest message, by its index; null where that is unknown.</param>
    /// <param name="last">The newest seq.</param>
    /// <param name="now">The time that ages are counted to.</param>
    public int Deletable(IReadOnlyList<SegmentSize> segments, Func<int, DateTime?> newest, long last, DateTime now)
    {
        // The last may grow to its full size, so it counts as full.
        var excess = options.RetainBytes > 0 ? segments.SkipLast(1).Sum(segment => segment.Bytes) + SegmentBytes - options.RetainBytes : 0;
        for (var i = 0; i < segments.Count - 1; i++)
        {
            var time = newest(i);
            var isExcess = excess > 0 && !IsInWindow(last + 1 - segments[i + 1].First, time, now);
            if (!isExcess && !IsTooOld(time, now))
                return i;
            excess -= segments[i].Bytes;
        }
        return segments.Count - 1;
    }

    /// <summary>How many of the oldest lines go, where each can go by itself: as far down as whole segments would.</summary>
    /// <param name="oldest">The log's oldest lines, some or all of them.</param>
    /// <param name="bytes">Of all lines.</param>
    /// <param name="last">The newest seq.</param>
    /// <param name="now">The time that ages are counted to.</param>
    public int DeletableLines(IReadOnlyList<LineSize> oldest, long bytes, long last, DateTime now)
    {
        var excess = options.RetainBytes > 0 ? bytes + SegmentBytes - options.RetainBytes : 0;
        for (var i = 0; i < oldest.Count; i++)
        {
            var isExcess = excess > 0 && !IsInWindow(last - oldest[i].Seq, oldest[i].Time, now);
            if (!isExcess && !IsTooOld(oldest[i].Time, now))
                return i;
            excess -= oldest[i].Bytes;
        }
        return oldest.Count;
    }

    // What the ids seen are read back from after a restart is kept, however many bytes that is.
    private bool IsInWindow(long after, DateTime? newest, DateTime now) =>
        after < options.WindowAtLeast || (after < options.WindowAtMost && now - newest <= options.WindowTime);
}

/// <summary>A segment of a log: the seq that its first line has or will have, and its length.</summary>
internal readonly record struct SegmentSize(long First, long Bytes);

/// <summary>A line of a log: its seq, its length with its line feed, and its time.</summary>
internal readonly record struct LineSize(long Seq, long Bytes, DateTime Time);
