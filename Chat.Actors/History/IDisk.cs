namespace Chat.Actors.History;

/// <summary>
/// All that the history does with a disk. Calls block, may come from any thread, and throw what the system's own do: an
/// <see cref="IOException"/> or an <see cref="UnauthorizedAccessException"/>. What a call changed survives the process when it
/// returns, and the machine only after the sync that is named for it.
/// </summary>
internal interface IDisk
{
    /// <summary>Opens a file that is there.</summary>
    IDiskFile Open(string path, FileAccess access);

    /// <summary>Makes a file that must not be there yet, empty; durable when its folder is synced.</summary>
    IDiskFile Create(string path);

    /// <summary>Makes a file, or empties the one that is there; durable when its folder is synced.</summary>
    IDiskFile CreateOrEmpty(string path);

    /// <summary>
    /// Opens a file for this process alone until it is disposed or the process ends, and makes it if need be. Where another has it,
    /// throws what <see cref="StorageErrors.IsLocked"/> knows.
    /// </summary>
    IDiskFile OpenLocked(string path);

    /// <summary>Whether there is such a file; false too where the system can't tell.</summary>
    bool FileExists(string path);

    /// <summary>Whether there is such a folder; false too where the system can't tell.</summary>
    bool FolderExists(string path);

    /// <summary>The paths of the files in a folder, in any order; throws where the folder isn't there.</summary>
    IEnumerable<string> Files(string folder);

    /// <summary>The paths of the folders in a folder, in any order; throws where the folder isn't there.</summary>
    IEnumerable<string> Folders(string folder);

    /// <summary>Removes a file; one that isn't there is none to remove.</summary>
    void Delete(string path);

    /// <summary>Puts a file in another's place in the same folder, at once: durable when the folder is synced.</summary>
    void Replace(string from, string to);

    /// <summary>Makes a folder in one that is there; durable when that one is synced.</summary>
    void CreateFolder(string path);

    /// <summary>
    /// What tells a file from its copies: a copy has another, a file that was renamed the same, and nobody can choose it. Null where
    /// none is known; throws where there is no such file.
    /// </summary>
    string? Birth(string path);

    /// <summary>Makes a folder's entries durable, not what the files hold.</summary>
    void SyncFolder(string path);

    /// <summary>What a folder that is there is on; null where a sync of all that is on it can't be trusted to tell of every failure.</summary>
    IDiskVolume? Volume(string folder);
}

/// <summary>An open file of an <see cref="IDisk"/>, of one thread at a time.</summary>
internal interface IDiskFile : IDisposable
{
    /// <summary>The file's length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads what is at an offset, perhaps less than was asked for; 0 at the end of the file alone.</summary>
    int Read(Span<byte> bytes, long offset);

    /// <summary>Writes all the bytes; where it throws, any part of them.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Cuts the file, or lengthens it with zeros.</summary>
    void SetLength(long length);

    /// <summary>Makes the bytes and the length durable, not the times: half the work of <see cref="Sync"/>.</summary>
    void SyncData();

    /// <summary>Makes all of the file durable.</summary>
    void Sync();
}
