namespace Chat.Actors.History;

/// <summary>
/// How a log's last segment ends, and what of it is kept.
/// <para>
/// Torn is what an unfinished write leaves: bytes after the last line feed, and whatever else (zeros, other files' blocks) stands
/// behind the last record without being one. It is cut off, and its seq given again: nobody has seen it. Where it isn't plainly
/// one record's start, it may have been lines that somebody has seen, and the log gets a new epoch. A record that is whole but for
/// its line feed isn't torn: somebody may have seen it, so it stays, and the line feed is put back.
/// </para>
/// <para>
/// Damaged is a record that was finished, its line feed included, and fails its crc. Somebody may have seen it, so it stays, and
/// its seq is spent. No whole line follows to tell how many seqs such damage holds; its records are counted by their fixed
/// starts and ends, as a flipped bit may join two lines or split one. Where starts and ends disagree, as in a block that was
/// wiped, the highest seq that it names counts too, and the log gets a new epoch.
/// </para>
/// </summary>
/// <param name="Kept">The end of what is kept, in bytes; the rest is torn.</param>
/// <param name="Length">The file's length in bytes.</param>
/// <param name="Last">The newest seq, of a whole line or of a damaged one.</param>
/// <param name="DamagedFrom">Where the damage before the end starts; null where there is none.</param>
/// <param name="LacksLineFeed">Whether the last record is whole, and only its line feed is missing.</param>
/// <param name="MayLackSeen">Whether lines that somebody may have seen could be missing, their seqs unknown.</param>
internal sealed record SegmentTail(long Kept, long Length, long Last, long? DamagedFrom, bool LacksLineFeed, bool MayLackSeen)
{
    /// <summary>Reads backward to the last whole line, and no further.</summary>
    public static SegmentTail Of(IDiskFile file, long first)
    {
        var length = file.Length;
        using var lines = new LinesBackward(file, length);
        var kept = -1L;
        var damagedFrom = length;
        var tornLines = 0;
        var tornCleanly = true;
        var damage = new RecordTraces();
        var before = first - 1;
        while (lines.Next())
        {
            if (StoredLine.WholeSeq(lines.Line.Span) is { } seq && seq >= first)
            {
                // Only the file's last line can lack it, so nothing stands behind this one.
                if (!lines.Terminated)
                    return new SegmentTail(length, length, seq, null, LacksLineFeed: true, MayLackSeen: false);
                before = seq;
                break;
            }
            if (kept < 0 && lines.Terminated && new RecordTraces(lines.Line.Span).Any)
                kept = lines.End;
            if (kept < 0)
                tornCleanly = ++tornLines == 1 && !lines.Terminated && RecordTraces.IsStartOfOne(lines.Line.Span);
            else
                damage = damage.And(lines.Line.Span);
            damagedFrom = lines.Offset;
        }
        if (kept < 0)
            return new SegmentTail(damagedFrom, length, before, null, false, !tornCleanly);
        var mostRecords = (kept - damagedFrom) / RecordTraces.Shortest;
        return new SegmentTail(
            kept, length, before + damage.Count(before, mostRecords), damagedFrom, false,
            !tornCleanly || !damage.CountIsCertain(before));
    }
}
