using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.History;

/// <summary>Gathers a window from the newest line back, and keeps of each line only what the window needs.</summary>
internal sealed class WindowContents(WindowQuery query)
{
    private readonly List<LoggedId> _ids = [];
    private readonly List<LogEntry> _recent = [];
    // A user's many lines share one string.
    private readonly Dictionary<string, string> _folded = new(StringComparer.Ordinal);
    private int _lines;
    private long _recentBytes;
    private bool _recentFull;

    /// <summary>Whether nothing more fits.</summary>
    public bool Full => _lines >= query.AtMost;

    /// <summary>Adds the line before those held; false where it is too old, and with it all before it.</summary>
    public bool TryAdd(long seq, ReadOnlyMemory<byte> line)
    {
        if (_lines >= query.AtLeast && StoredLine.Time(line.Span) < query.NotBefore)
            return false;
        _lines++;
        AddId(seq, line.Span);
        AddRecent(seq, line);
        return true;
    }

    public LogWindow ToWindow()
    {
        _ids.Reverse();
        _recent.Reverse();
        return new LogWindow(_ids.AsReadOnly(), _recent.AsReadOnly());
    }

    // Found in the bytes: publishes wait for this, and to parse each line into a tree takes many times as long, above all at a start.
    private void AddId(long seq, ReadOnlySpan<byte> line)
    {
        if (TopLevel.Text(line, "type"u8) == "message" && TopLevel.Text(line, "id"u8) is { } id && TopLevel.Text(line, "user"u8) is { } user
            && TopLevel.Text(line, "message"u8) is { } text && StoredLine.Time(line) is { } time)
            _ids.Add(new LoggedId(seq, Folded(user), id, time, TextDigest.Of(text)));
    }

    // The first that doesn't fit ends them: they have no hole but the log's own.
    private void AddRecent(long seq, ReadOnlyMemory<byte> line)
    {
        _recentFull |= _recent.Count >= query.RecentLines
            || (_recent.Count > 0 && _recentBytes + line.Length > query.RecentBytes);
        if (_recentFull)
            return;
        _recent.Add(new LogEntry(seq, line.ToArray()));
        _recentBytes += line.Length;
    }

    private string Folded(string user)
    {
        if (!_folded.TryGetValue(user, out var folded))
            _folded[user] = folded = UserName.Parse(user, out _)?.Folded ?? user;
        return folded;
    }
}
