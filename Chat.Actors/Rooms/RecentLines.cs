using Chat.Actors.History;

namespace Chat.Actors.Rooms;

/// <summary>
/// The newest lines of a log, in memory: without a hole, ending at the newest stored seq, within a bound in lines and bytes.
/// Reads that it reaches never touch the disk.
/// </summary>
public sealed class RecentLines(int maxLines, int maxBytes)
{
    private readonly Queue<LogEntry> _lines = new();
    private int _bytes;
    private long _next;

    /// <summary>The oldest seq held, or the next one where none is.</summary>
    public long From => _lines.TryPeek(out var oldest) ? oldest.Seq : _next;

    /// <summary>Forgets all; the next line added is <paramref name="next"/>.</summary>
    public void Restart(long next)
    {
        _lines.Clear();
        _bytes = 0;
        _next = next;
    }

    /// <summary>Adds the next line; one that isn't the next starts anew.</summary>
    public void Add(LogEntry entry)
    {
        if (entry.Seq != _next)
            Restart(entry.Seq);
        _lines.Enqueue(entry);
        _bytes += entry.Line.Length;
        _next = entry.Seq + 1;
        while (_lines.Count > maxLines || (_bytes > maxBytes && _lines.Count > 1))
            _bytes -= _lines.Dequeue().Line.Length;
    }

    /// <summary>The page, where all that it could hold is in memory; else null, and the log has to be read.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="first">The oldest seq that the log keeps.</param>
    public LogPage? Page(LogQuery query, long first)
    {
        var from = Math.Max(query.From, first);
        if (query.To < from)
            return new LogPage(from, from - 1, [], [], first);
        return query.Keep switch
        {
            PageEnd.Oldest when from >= From && query.To < _next => Collect(
                _lines.SkipWhile(line => line.Seq < from).TakeWhile(line => line.Seq <= query.To), query, from, first),
            PageEnd.Newest when query.To >= From && query.To < _next => Newest(query, from, first),
            _ => null,
        };
    }

    private LogPage? Newest(LogQuery query, long from, long first)
    {
        var page = Collect(
            _lines.Reverse().SkipWhile(line => line.Seq > query.To).TakeWhile(line => line.Seq >= from), query, from, first);
        // Where the bounds didn't end the page, memory did: the log may hold more of it.
        var isWhole = page.Entries[0].Seq == from || page.Entries.Count == query.MaxMessages
            || page.Entries.Sum(entry => entry.Line.Length) + BytesBefore(page.Entries[0].Seq) > query.MaxBytes;
        return isWhole ? page : null;
    }

    // The size of the line before a seq; where memory doesn't have it, nothing is known to have ended the page.
    private int BytesBefore(long seq) => seq - 1 < From ? 0 : _lines.First(line => line.Seq == seq - 1).Line.Length;

    private static LogPage Collect(IEnumerable<LogEntry> lines, LogQuery query, long from, long first)
    {
        var entries = new List<LogEntry>();
        var bytes = 0;
        foreach (var line in lines)
        {
            if (entries.Count == query.MaxMessages || (entries.Count > 0 && bytes + line.Line.Length > query.MaxBytes))
                break;
            entries.Add(line);
            bytes += line.Line.Length;
        }
        if (query.Keep == PageEnd.Newest)
            entries.Reverse();
        return entries.Count == 0
            ? new LogPage(from, from - 1, [], [], first)
            : new LogPage(entries[0].Seq, entries[^1].Seq, entries, [], first);
    }
}
