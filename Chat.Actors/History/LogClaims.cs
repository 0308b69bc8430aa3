using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>Which log is a room's only writer. Safe from any thread.</summary>
internal sealed class LogClaims
{
    private readonly object _gate = new();
    private readonly Dictionary<RoomName, (FileRoomLog Writer, bool IsShort)> _writers = [];
    private int _waiting;

    /// <summary>
    /// Makes a log its room's writer until <see cref="Release"/>; false where another is. One that has it for a short while alone is
    /// waited for.
    /// </summary>
    public bool Claim(RoomName room, FileRoomLog writer)
    {
        lock (_gate)
        {
            _waiting++;
            while (_writers.TryGetValue(room, out var other) && other.Writer != writer && other.IsShort)
                Monitor.Wait(_gate);
            _waiting--;
            return _writers.TryAdd(room, (writer, false)) || _writers[room].Writer == writer;
        }
    }

    /// <summary>
    /// The same for a short while, whose end others wait for. Waits for nobody, and comes behind whoever waits: for none is more
    /// than one such end.
    /// </summary>
    public bool ClaimShortly(RoomName room, FileRoomLog writer)
    {
        lock (_gate)
            return _waiting == 0 && _writers.TryAdd(room, (writer, true));
    }

    /// <summary>Ends a log's claim, if it has one.</summary>
    public void Release(RoomName room, FileRoomLog writer)
    {
        lock (_gate)
        {
            if (_writers.TryGetValue(room, out var owner) && owner.Writer == writer)
                _writers.Remove(room);
            Monitor.PulseAll(_gate);
        }
    }
}
