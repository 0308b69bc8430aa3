using Chat.Protocol;

namespace Chat.Actors.History.Postgres;

/// <summary>What came of copying one log.</summary>
/// <param name="Room">Whose log.</param>
/// <param name="Messages">Those that were copied or compared.</param>
/// <param name="Bytes">Of them, with their line feeds.</param>
/// <param name="First">The oldest seq that the log keeps.</param>
/// <param name="Last">The newest.</param>
/// <param name="WasThere">It was there already, and is the same.</param>
/// <param name="Problem">Why it isn't there, or not the same; null where it is.</param>
public sealed record RoomTransfer(RoomName Room, long Messages, long Bytes, long First, long Last, bool WasThere, string? Problem = null)
{
    /// <summary>Lines that are damaged where the log was copied from, and left out.</summary>
    public long Damaged => Problem is null ? Last - First + 1 - Messages : 0;
}

/// <summary>
/// Copies logs between a data folder and a database, byte for byte, with their epochs and where they begin and end; a log is there as a whole or
/// not at all. Then both are read and compared. What is there already is compared alone. Damaged lines are left out, as they are of what is read.
/// </summary>
public sealed class LogTransfer(FileHistoryStore files, PostgresHistoryStore database)
{
    private const int PageLines = 1_000;

    private readonly FolderImage _folders = new(files);
    private readonly RoomImage _rooms = new(database);

    /// <summary>The rooms whose logs there are to copy. Blocks; throws <see cref="StorageException"/>.</summary>
    public IReadOnlyList<RoomName> Rooms(bool isImport) => isImport ? files.Rooms() : database.Rooms();

    /// <summary>Copies a room's log from the folder into the database. Blocks; throws <see cref="StorageException"/> where one of them fails.</summary>
    public RoomTransfer Import(RoomName room)
    {
        using var source = files.Log(room);
        var state = source.Open();
        if (state.Last == 0)
            return new RoomTransfer(room, 0, 0, state.First, state.Last, WasThere: false);
        using var copy = database.Log(room);
        var owner = _rooms.TryMake(room, state, Lines(source, state));
        var there = _rooms.Look(room) ?? throw new StorageException($"The log of {room} vanished from {database.Name} as it was copied. Keep other programs out of it.");
        var result = Compare(room, source, state, copy, there.State) with { WasThere = owner is null };
        return result.Problem is null && owner is not null && there.Owner != owner ? result with { Problem = WrittenMeanwhile(room) } : result;
    }

    /// <summary>Copies a room's log from the database into the folder. Blocks; throws <see cref="StorageException"/> where one of them fails.</summary>
    public RoomTransfer Export(RoomName room)
    {
        if (_rooms.Look(room) is not { } before)
            return new RoomTransfer(room, 0, 0, 1, 0, WasThere: false);
        using var source = database.Log(room);
        var (newest, from) = (before.State.First - 1, before.State);
        var isMade = _folders.TryMake(room, from, Lines(source, from).Select(entry => entry with { Seq = newest = entry.Seq }));
        RoomTransfer result;
        using (var copy = files.Log(room))
        {
            var to = copy.Open();
            // In a folder a log ends with a line. Where the newest are damaged, it ends before, and so it got a new epoch: their numbers were seen.
            if (isMade && newest < from.Last && to.Last == newest)
                from = to with { First = from.First };
            result = Compare(room, source, from, copy, to) with { WasThere = !isMade, Last = before.State.Last };
            if (_rooms.Look(room) != before)
                result = result with { Problem = WrittenMeanwhile(room) };
        }
        // It would be in the way of the next attempt.
        if (isMade && result.Problem is not null)
            _folders.Remove(room);
        return result;
    }

    private string WrittenMeanwhile(RoomName room) =>
        $"A gateway opened the log of {room} in {database.Name} meanwhile. Stop all gateways that use it, and begin again.";

    private RoomTransfer Compare(RoomName room, IRoomLog source, LogState from, IRoomLog copy, LogState to)
    {
        var (messages, bytes) = (0L, 0L);
        if (from != to)
            return Differs($"{(from.Epoch != to.Epoch ? "its epoch is another" : $"it has seqs {to.First} to {to.Last} and not {from.First} to {from.Last}")}");
        using var copied = Lines(copy, to).GetEnumerator();
        foreach (var (seq, line) in Lines(source, from))
        {
            if (!copied.MoveNext())
                return Differs($"it lacks seq {seq}");
            if (copied.Current.Seq != seq || !copied.Current.Line.Span.SequenceEqual(line.Span))
                return Differs($"it isn't the same at seq {Math.Min(seq, copied.Current.Seq)}");
            messages++;
            bytes += line.Length + 1;
        }
        return copied.MoveNext() ? Differs($"it has seq {copied.Current.Seq}, which isn't to be had") : new RoomTransfer(room, messages, bytes, from.First, from.Last, WasThere: false);

        RoomTransfer Differs(string how) => new(room, messages, bytes, from.First, from.Last, WasThere: false,
            $"The log of {room} is there already, and {how}. Nothing is replaced: remove the one that isn't wanted, and begin again.");
    }

    private static IEnumerable<LogEntry> Lines(IRoomLog log, LogState state)
    {
        for (var next = state.First; next <= state.Last;)
        {
            var page = log.Read(new LogQuery(next, state.Last, PageEnd.Oldest, PageLines, LogBatch.Largest));
            foreach (var entry in page.Entries)
                yield return entry;
            next = page.Through + 1;
        }
    }
}
