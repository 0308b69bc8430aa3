namespace Chat.Actors.History;

/// <summary>Opens a log's folder for writing: repairs its end, and decides on its epoch.</summary>
internal sealed class LogOpening(IDisk disk, string folder, FileHistoryOptions options, Action<StorageWarning> warn)
{
    /// <summary>What the log's writer knows of it from before; nothing, the first time. Without an end, the file is another's work.</summary>
    public sealed record Known(Segment? Segment, long? End, long Last, string? Epoch);

    /// <summary>Where the log stands, and what the room's file says. Without a segment nothing is on the disk yet.</summary>
    public sealed record Opened(RoomFile Room, long First, long Last, Segment? Segment, long End);

    public Opened Open(Known known)
    {
        var segments = Segment.In(disk, folder);
        if (segments.Count == 0 && known.Last == 0)
            return new Opened(NewRoom(known), 1, 0, null, 0);
        if (segments.Count == 0)
            return GoOn(known, first: known.Last + 1);

        var newest = segments[^1];
        using var file = newest.OpenReadWrite(disk);
        if (newest == known.Segment && known.End is { } knownEnd)
            CutBack(file, knownEnd);
        var tail = SegmentTail.Of(file, newest.First);
        var found = RoomFile.Read(disk, folder);
        MakeDurable(file, tail, found);
        if (tail.Last < known.Last)
            return GoOn(known, segments[0].First);

        var room = Room(known, found, segments, tail);
        var end = Repair(newest, file, tail);
        return new Opened(room, segments[0].First, tail.Last, newest, end);
    }

    // Lines that were stored are gone while their log was open: their seqs aren't given again.
    private Opened GoOn(Known known, long first)
    {
        warn(new StorageWarning(
            folder, null, $"Stored messages up to {known.Last} are gone; the log goes on after them, with a new epoch.",
            "Keep other programs out of the data folder; put the files back from a backup while the gateway is stopped."));
        DurableFolder.Create(disk, folder);
        disk.SyncFolder(Path.GetDirectoryName(folder)!);
        var room = new RoomFile(RoomFile.NewEpoch(), null);
        room.Write(disk, folder);
        var segment = Segment.Create(disk, folder, known.Last + 1);
        disk.SyncFolder(folder);
        return new Opened(room, first, known.Last, segment, 0);
    }

    // Of a failed append nothing was acked, so there is nothing to keep a copy of.
    private static void CutBack(IDiskFile file, long end)
    {
        if (file.Length > end)
            file.SetLength(end);
    }

    private static RoomFile NewRoom(Known known) => new(known.Epoch ?? RoomFile.NewEpoch(), null);

    // After a kill, lines may be in the system's memory alone, and a new file's entry too.
    private void MakeDurable(IDiskFile file, SegmentTail tail, RoomFile? room)
    {
        // Where none was synced and none will be, the room's file says so.
        if (options.Durability == Durability.Always || room?.Boot != options.BootId)
        {
            if (room is null or { Boot: not null })
                Rewriting.Of(file, 0, tail.Length);
            else if (room.Last != tail.Last)
                Rewriting.Of(file, Math.Max(0, tail.Length - LogBatch.Largest), tail.Length);
            file.Sync();
        }
        disk.SyncFolder(folder);
        disk.SyncFolder(Path.GetDirectoryName(folder)!);
    }

    // Durable before anything is cut: were it lost, the cut would no longer tell that a new epoch is due.
    private RoomFile Room(Known known, RoomFile? file, IReadOnlyList<Segment> segments, SegmentTail tail)
    {
        var path = RoomFile.PathIn(folder);
        var newest = segments[^1];
        var (reason, remedy) = file switch
        {
            // A crash came while the log was being made.
            null when tail is { Last: 0, Length: 0 } => default((string?, string)),
            null => ("It is missing or damaged, so the log gets a new epoch: clients load its history anew.",
                "None is needed, unless you meant to restore the log: then put this file back as well."),
            { Boot: { } boot } when boot != options.BootId => (
                "The machine stopped while messages were not synced, and the newest may be lost: the log gets a new epoch.",
                "Durability 'always' keeps them through a power cut."),
            { Last: { } last } when tail.Last < last => (
                $"Messages up to {last} were stored, but the log ends with {tail.Last}: it gets a new epoch.",
                "None is needed if you restored an older copy; else put the lost messages back from a backup while the gateway is stopped."),
            _ when file.IsCopy || !IsNewest(file.Newest, segments, tail) => (
                "The log is a copy, perhaps from before its newest messages: it gets a new epoch, and clients load its history anew.",
                "None is needed if you moved or restored it; renaming the folder moves a log as it is, within a file system."),
            _ when tail.MayLackSeen => (
                $"The end of {newest.Path} is damaged, and messages may be lost there: the log gets a new epoch.",
                "Check the disk; the lost messages may be in a backup."),
            _ => default,
        };
        if (reason is not null)
        {
            warn(new StorageWarning(path, null, reason, remedy));
            file = new RoomFile(RoomFile.NewEpoch(), null, Newest: newest.Mark(disk), Time: file?.Time);
            file.Write(disk, folder);
        }
        else if (file?.Boot is not null && options.Durability == Durability.Always)
        {
            // All of it is synced by now.
            file = file with { Boot = null };
            file.Write(disk, folder);
        }
        return file ?? NewRoom(known);
    }

    // Whether the segment that was written last is still the newest. It is named before anything is written to it: one that was
    // begun and isn't named yet is empty, and the one before it is named.
    private bool IsNewest(SegmentMark? named, IReadOnlyList<Segment> segments, SegmentTail tail) =>
        named is null || IsSame(named, segments[^1]) || (tail.Length == 0 && segments.Count > 1 && IsSame(named, segments[^2]));

    private bool IsSame(SegmentMark named, Segment segment) =>
        named.First == segment.First && (named.Birth is null || named.Birth == disk.Birth(segment.Path));

    // Gives the end of the file as it is left.
    private long Repair(Segment newest, IDiskFile file, SegmentTail tail)
    {
        if (tail.DamagedFrom is { } damaged)
        {
            warn(new StorageWarning(
                newest.Path, damaged, $"Damaged to byte {tail.Kept}; the log goes on after it, with seq {tail.Last + 1}.",
                "Check the disk; put the lines back from a backup if there is one."));
        }
        if (tail.LacksLineFeed)
            return Finish(newest, file, tail);
        if (tail.Kept == tail.Length)
            return tail.Length;
        TornTail.Cut(disk, newest.Path, file, tail.Kept, tail.Length, copy => warn(new StorageWarning(
            newest.Path, tail.Kept, $"An unfinished write of {tail.Length - tail.Kept} bytes was cut off; they are in {copy}.",
            "None is needed after a crash: nobody had seen them. Delete the copy when you have looked at it.")));
        return tail.Kept;
    }

    private long Finish(Segment newest, IDiskFile file, SegmentTail tail)
    {
        file.Write("\n"u8, tail.Length);
        file.Sync();
        var length = file.Length;
        if (length != tail.Length + 1)
            throw new IOException($"It has {length} bytes where {tail.Length + 1} were expected.");
        warn(new StorageWarning(
            newest.Path, tail.Length, $"The line feed after seq {tail.Last} was missing and is restored; the message is kept.",
            "None is needed after a crash; else check the disk."));
        return length;
    }
}
