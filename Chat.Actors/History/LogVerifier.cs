using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>
/// Reads the logs of a data folder from end to end and says what is off. It only reads and takes no lock, so that it may run on a
/// copy or beside the gateway that owns the folder: what is appended while it reads, or deleted by retention, is no fault.
/// </summary>
public sealed class LogVerifier(ChatOptions options)
{
    /// <summary>Faults that are named of a room; more are only counted.</summary>
    public const int NamedFaults = 20;

    private static readonly SystemDisk Disk = SystemDisk.Instance;

    /// <summary>
    /// Checks folder by folder, in the order of their names, as the result is enumerated. Throws a <see cref="StorageException"/> where
    /// the data folder can't be listed; what can't be read in it is a fault of its room.
    /// </summary>
    public IEnumerable<RoomVerdict> Verify(string data)
    {
        data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(data));
        if (Stray(data, "It lies in no room's folder.", "Name the folder that holds the rooms' folders; or move the file to its room's.") is { } misplaced)
            yield return misplaced with { Folder = "." };
        foreach (var folder in FoldersIn(data))
        {
            if (RoomFolder.ToRoom(Path.GetFileName(folder)) is { } room)
                yield return VerifyRoom(folder, room);
            else if (Stray(folder, "Its folder is named as no room's is.", "Give the folder its room's name, percent-encoded.") is { } foreign)
                yield return foreign;
        }
    }

    // Files that are logs by their ending.
    private static string[] LogLike(string folder) =>
        [.. Disk.Files(folder).Where(path => path.EndsWith(Segment.Extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static string[] FoldersIn(string data)
    {
        try
        {
            return [.. Disk.Folders(data).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            throw StorageErrors.Failed("list the rooms in", data, e);
        }
    }

    // Files that look like logs where no gateway reads them; other folders (a disk's lost+found) are nobody's business here.
    private static RoomVerdict? Stray(string folder, string problem, string remedy)
    {
        try
        {
            var files = LogLike(folder);
            return files.Length == 0 ? null : new RoomVerdict
            {
                Folder = Path.GetFileName(folder),
                Faults = [.. files.Take(NamedFaults).Select(file => new StorageWarning(file, null, problem, remedy))],
                FaultCount = files.Length,
            };
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            return null;
        }
    }

    private RoomVerdict VerifyRoom(string folder, RoomName room)
    {
        var check = new LogCheck(room, options);
        var (bytes, read) = (0L, 0);
        long? ended = null;
        try
        {
            // Before the lines: what it says of the log's end holds for all that is appended later.
            var file = RoomFile.Read(Disk, folder);
            ended = file?.Last;
            var segments = Segment.In(Disk, folder);
            foreach (var stray in LogLike(folder).Where(path => Segment.Named(path) is null))
                check.Fault(stray, null, "It is named as no segment is, so it isn't read.", "Name it by the seq of its first line, with 20 digits.");
            foreach (var segment in segments)
            {
                if (VerifySegment(check, segment, isNewest: segment == segments[^1]) is not { } length)
                    continue;
                bytes += length;
                read++;
            }
            // A room's file is there before its first line, but may not have been when it was looked for.
            if (file is null && bytes > 0 && RoomFile.Read(Disk, folder) is null)
            {
                check.Fault(RoomFile.PathIn(folder), null, "It is missing or damaged.",
                    "Put it back from a backup; without it the next start gives the log a new epoch, and clients load its history anew.");
            }
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            check.Fault(folder, null, $"It can't be read: {StorageErrors.Sentence(e)}", StorageErrors.Remedy(e));
        }
        return check.End(Path.GetFileName(folder), RoomFile.PathIn(folder), ended) with { Segments = read, Bytes = bytes };
    }

    // Gives the length that was read; null where retention has deleted the file since the folder was listed.
    private static long? VerifySegment(LogCheck check, Segment segment, bool isNewest)
    {
        var at = 0L;
        try
        {
            using var file = segment.OpenRead(Disk);
            check.Start(segment, isNewest);
            var length = file.Length;
            using var lines = new LinesForward(file, 0, length);
            while (lines.Next())
            {
                at = lines.Offset;
                check.Line(at, lines.Line.ToArray(), lines.Terminated);
            }
            return length;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && IsOlderThanAll(segment))
        {
            check.Skip();
            return null;
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            check.Fault(segment.Path, at, $"From here on it can't be read: {StorageErrors.Sentence(e)}", StorageErrors.Remedy(e));
            return at;
        }
    }

    private static bool IsOlderThanAll(Segment gone) =>
        Segment.In(Disk, Path.GetDirectoryName(gone.Path)!).All(segment => segment.First > gone.First);
}
