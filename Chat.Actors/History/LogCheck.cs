using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.History;

/// <summary>
/// What has to hold of a room's log, checked line after line from the oldest on: every line whole and of this room, seqs without a
/// hole, times that never decrease, ids once within the window of promise 3. Without I/O; what it holds doesn't grow with the log.
/// </summary>
internal sealed class LogCheck(RoomName room, ChatOptions options)
{
    private const string NotOfThisLog = "Remove what doesn't belong, as after a mixed backup.";

    private readonly IdWindow _ids = new(options.WindowTime, options.WindowAtLeast, options.WindowAtMost);
    private readonly List<StorageWarning> _faults = [];
    private long _faultCount;
    private Segment? _segment;
    private bool _isNewest;
    private bool _isAtStart;
    private long? _first;
    private long _due = 1;
    private long _messages;
    private DateTime? _time;
    private StorageWarning? _unfinished;

    // Damaged lines in a row: which seqs they held is known when a whole line follows.
    private StorageWarning? _damage;
    private int _damagedLines;

    /// <summary>The lines of this segment follow; it is the log's last where <paramref name="isNewest"/>.</summary>
    public void Start(Segment segment, bool isNewest)
    {
        EndDamage(segment.First);
        if (_segment is not null && segment.First > _due)
            Fault(segment.Path, 0, $"{Seqs(_due, segment.First - 1)} should stand before this file's first.", "Put the file that held them back from a backup.");
        else if (_segment is not null && segment.First < _due)
            Fault(segment.Path, 0, $"The file before this one reaches to seq {_due - 1}, into what is this one's by its name.", NotOfThisLog);
        _first ??= segment.First;
        (_segment, _isNewest, _isAtStart, _due) = (segment, isNewest, true, segment.First);
    }

    /// <summary>Retention has deleted all up to here since the segments were listed: whatever comes next is due.</summary>
    public void Skip()
    {
        EndDamage(null);
        _segment = null;
    }

    /// <summary>The next line, without its line feed; <paramref name="terminated"/> where it has one.</summary>
    public void Line(long offset, ReadOnlyMemory<byte> line, bool terminated)
    {
        var isLast = !terminated && _isNewest;
        if (StoredLine.WholeSeq(line.Span) is { } seq && (terminated || isLast))
        {
            EndDamage(seq);
            Whole(offset, line, seq);
            if (isLast)
                Unfinished(offset + line.Length, $"Seq {seq} is whole but for its line feed.", "a gateway that starts keeps it");
        }
        else if (isLast && RecordTraces.IsStartOfOne(line.Span))
        {
            Unfinished(offset, $"An unfinished write of {line.Length} bytes.", "nobody has seen it, and a gateway that starts cuts it off");
        }
        else
        {
            _damage ??= new StorageWarning(_segment!.Path, offset, "", "");
            _damagedLines++;
        }
    }

    /// <summary>What else is off.</summary>
    public void Fault(string path, long? offset, string problem, string remedy)
    {
        if (++_faultCount <= LogVerifier.NamedFaults)
            _faults.Add(new StorageWarning(path, offset, problem, remedy));
    }

    /// <summary>The log ends here. <paramref name="ended"/> is the seq that it ended with by its <c>room.json</c>, at that <paramref name="path"/>.</summary>
    public RoomVerdict End(string folder, string path, long? ended)
    {
        EndDamage(null);
        if (ended >= _due)
        {
            Fault(path, null, $"The log ended with seq {ended} by this file, and ends with {_due - 1}: messages are lost.",
                "Put them back from a backup; without them the next start gives the log a new epoch.");
        }
        return new RoomVerdict
        {
            Folder = folder,
            Messages = _messages,
            First = _first ?? 1,
            Last = _due - 1,
            Faults = _faults.AsReadOnly(),
            FaultCount = _faultCount,
            Unfinished = _unfinished,
        };
    }

    private void Whole(long offset, ReadOnlyMemory<byte> line, long seq)
    {
        _messages++;
        Order(offset, seq);
        var time = StoredLine.Time(line.Span);
        if (time < _time)
            LineFault(offset, $"The time of seq {seq} is before that of an earlier line.", "None is needed; clients go by seq.");
        else
            _time = time ?? _time;
        if (TopLevel.Text(line.Span, "room"u8) is { } named && named != room.Value)
            LineFault(offset, $"Seq {seq} is of another room than its folder.", NotOfThisLog);
        switch (EventCodec.Decode(line))
        {
            case ServerEvent.Message { Id: { } id } message:
                Identity(offset, message, id);
                break;
            case ServerEvent.Unknown:
                // Of a later version: it has its place in the order, and what it says is its own affair.
                break;
            default:
                LineFault(offset, $"Seq {seq} has a crc that holds, but is no line of a log.", "Look at what wrote it; the gateway leaves it out.");
                break;
        }
    }

    private void Order(long offset, long seq)
    {
        if (seq > _due && _isAtStart)
            LineFault(offset, $"The file's first line has seq {seq}, not the one that the file is named by.", "Put back what is missing before it, or the file's name.");
        else if (seq > _due)
            LineFault(offset, $"{Seqs(_due, seq - 1)} should stand before this line.", "Put them back from a backup.");
        else if (seq < _due)
            LineFault(offset, $"Seq {seq} stands where {_due} is due.", NotOfThisLog);
        _isAtStart = false;
        _due = Math.Max(_due, seq + 1);
    }

    private void Identity(long offset, ServerEvent.Message message, string id)
    {
        var user = UserName.Parse(message.User, out _)?.Folded ?? message.User;
        // A gateway that was started anew has forgotten what both limits let it forget, be it still remembered here.
        if (_ids.Find(user, id) is { } before
            && (message.Timestamp - before.Timestamp <= options.WindowTime || message.Seq - before.Seq <= options.WindowAtLeast))
        {
            LineFault(offset, $"Seq {message.Seq} has the user and the id of seq {before.Seq}: the same message is there twice.",
                "Remove what doesn't belong, if the log was edited or mixed; else report it as the gateway's fault.");
        }
        _ids.Add(user, id, new SeenId(message.Seq, message.Timestamp, default));
    }

    private void EndDamage(long? next)
    {
        if (_damage is null)
            return;
        var lost = next > _due ? Seqs(_due, next.Value - 1) + " can't be read." : next is null ? $"The last seq that can be read is {_due - 1}." : "No seq is missing.";
        Fault(_damage.File, _damage.Offset, (_damagedLines == 1 ? "A damaged line. " : $"{_damagedLines} damaged lines from here on. ") + lost,
            "Check the disk; put the lines back from a backup if there is one.");
        (_damage, _damagedLines) = (null, 0);
        if (next > _due)
            _due = next.Value;
        _isAtStart = false;
    }

    private void Unfinished(long offset, string what, string otherwise) => _unfinished = new StorageWarning(
        _segment!.Path, offset, what, $"Where a gateway has the log open, it is being written now; else a kill left it, and {otherwise}.");

    private void LineFault(long offset, string problem, string remedy) => Fault(_segment!.Path, offset, problem, remedy);

    private static string Seqs(long from, long to) => from == to ? $"Seq {from}" : $"Seqs {from} to {to}";
}
