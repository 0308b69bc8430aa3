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
        var said = WindowLine.Of(line.Span);
        LoggedId? id = said is { Type: "message", Id: { } known, User: { } user, Text: { } text, Time: { } time }
            ? new LoggedId(seq, Folded(user), known, time, text)
            : null;
        if (!TryAdd(id, said.Time))
            return false;
        AddRecent(seq, line);
        return true;
    }

    /// <summary>The same of what is known of a line without it; <see cref="AddRecent"/> is to add the newest whole.</summary>
    public bool TryAdd(LoggedId? id, DateTime? time)
    {
        if (_lines >= query.AtLeast && time < query.NotBefore)
            return false;
        _lines++;
        if (id is { } known)
            _ids.Add(known);
        return true;
    }

    public LogWindow ToWindow()
    {
        _ids.Reverse();
        _recent.Reverse();
        return new LogWindow(_ids.AsReadOnly(), _recent.AsReadOnly());
    }

    /// <summary>Adds the whole line before those held, where it fits. The first that doesn't ends them: they have no hole but the log's own.</summary>
    public void AddRecent(long seq, ReadOnlyMemory<byte> line)
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
