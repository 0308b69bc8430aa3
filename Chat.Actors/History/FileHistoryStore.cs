using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>
/// The rooms' logs as files: a folder for each room, JSON Lines in it. The folder is this process's alone until Dispose, which
/// comes after every log's own.
/// </summary>
public sealed class FileHistoryStore : IHistoryStore
{
    private readonly string _folder;
    private readonly StoreLock _lock;
    private readonly LogClaims _claims = new();

    private FileHistoryStore(string folder, StoreLock taken, IDisk disk, FileHistoryOptions options, Action<StorageWarning> warn)
    {
        _folder = folder;
        _lock = taken;
        Disk = disk;
        Options = options;
        Warn = warn;
        Syncs = new SharedSync(options.Durability == Durability.Always ? disk.Volume(folder) : null, options.ShareSyncsFrom, options.Time);
        Handles = new WriteHandles(disk, options.OpenLogs);
        Retention = new Retention(options);
        Clock = new RetentionClock(options.Time);
    }

    internal IDisk Disk { get; }

    internal FileHistoryOptions Options { get; }

    internal Action<StorageWarning> Warn { get; }

    internal WriteHandles Handles { get; }

    internal SharedSync Syncs { get; }

    internal Retention Retention { get; }

    internal RetentionClock Clock { get; }

    /// <inheritdoc/>
    public TimeSpan? TrimEvery => Retention.IsOn ? Options.TrimEvery : null;

    /// <summary>
    /// Takes a data folder, and makes it if need be. Throws a <see cref="StorageException"/> whose
    /// <see cref="StorageException.Failure"/> tells a folder in use from one that can't be written.
    /// </summary>
    /// <param name="folder">Where the rooms' folders are.</param>
    /// <param name="options">How they are kept; the defaults where null.</param>
    /// <param name="warn">Is told what a person should know, on any thread; must not throw.</param>
    public static FileHistoryStore Open(string folder, FileHistoryOptions? options = null, Action<StorageWarning>? warn = null) =>
        Open(SystemDisk.Instance, folder, options, warn);

    internal static FileHistoryStore Open(
        IDisk disk, string folder, FileHistoryOptions? options = null, Action<StorageWarning>? warn = null)
    {
        options ??= new FileHistoryOptions();
        options.Validate();
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return new FileHistoryStore(folder, StoreLock.Take(disk, folder), disk, options, warn ?? (_ => { }));
    }

    /// <inheritdoc/>
    public IReadOnlyList<RoomName> Rooms()
    {
        try
        {
            var rooms = new List<RoomName>();
            foreach (var path in Disk.Folders(_folder))
            {
                if (RoomFolder.ToRoom(Path.GetFileName(path)) is { } room)
                    rooms.Add(room);
            }
            rooms.Sort();
            return rooms;
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            throw StorageErrors.Failed("list the rooms in", _folder, e);
        }
    }

    /// <inheritdoc/>
    public IRoomLog Log(RoomName room) => FileLog(room);

    /// <inheritdoc/>
    public void Trim(RoomName room)
    {
        using var log = FileLog(room);
        if (Retention.IsOn && _claims.ClaimShortly(room, log))
            log.OpenToTrim();
    }

    /// <inheritdoc/>
    public void Sync() => Syncs.Run();

    /// <inheritdoc/>
    public void Probe()
    {
        if (!Disk.FolderExists(_folder))
            throw new StorageException($"The data folder {_folder} is gone. Put it back, or mount its disk.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Syncs.Dispose();
        Handles.Dispose();
        _lock.Dispose();
    }

    /// <summary>Makes a log its room's only writer until <see cref="Release"/>.</summary>
    internal void Claim(RoomName room, FileRoomLog writer)
    {
        if (!_claims.Claim(room, writer))
        {
            throw new StorageException(
                $"The log of {room} in {_folder} has a writer that hasn't ended. Try again when it was disposed.");
        }
    }

    internal void Release(RoomName room, FileRoomLog writer) => _claims.Release(room, writer);

    /// <summary>Where a room's log is, or would be.</summary>
    internal string FolderOf(RoomName room) => Path.Combine(_folder, RoomFolder.Of(room));

    private FileRoomLog FileLog(RoomName room) => new(this, room, FolderOf(room));
}
