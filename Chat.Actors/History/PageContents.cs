using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>Gathers a page within its bounds, in either direction.</summary>
internal sealed class PageContents(LogQuery query)
{
    private readonly List<LogEntry> _entries = [];
    private readonly List<SeqRange> _missing = [];
    private long _bytes;

    /// <summary>Whether nothing more fits.</summary>
    public bool Full { get; private set; }

    /// <summary>Adds a line where it fits; the first always does.</summary>
    public bool TryAdd(long seq, ReadOnlySpan<byte> line)
    {
        if (Full || (_entries.Count > 0 && _bytes + line.Length > query.MaxBytes))
        {
            Full = true;
            return false;
        }
        _entries.Add(new LogEntry(seq, line.ToArray()));
        _bytes += line.Length;
        Full = _entries.Count >= query.MaxMessages;
        return true;
    }

    /// <summary>Notes what can't be had; nothing where <paramref name="from"/> is above <paramref name="to"/>.</summary>
    public void Miss(long from, long to)
    {
        if (from <= to)
            _missing.Add(new SeqRange(from, to));
    }

    public LogPage ToPage(long from, long through, long first)
    {
        _entries.Sort((a, b) => a.Seq.CompareTo(b.Seq));
        _missing.Sort((a, b) => a.From.CompareTo(b.From));
        var merged = new List<SeqRange>(_missing.Count);
        foreach (var range in _missing)
        {
            if (merged.Count > 0 && merged[^1].To + 1 >= range.From)
                merged[^1] = new SeqRange(merged[^1].From, range.To);
            else
                merged.Add(range);
        }
        return new LogPage(from, through, _entries.AsReadOnly(), merged.AsReadOnly(), first);
    }
}
