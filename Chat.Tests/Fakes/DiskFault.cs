namespace Chat.Tests.Fakes;

/// <summary>What a process asks of a disk.</summary>
public enum DiskCall
{
    Open,
    Create,
    CreateOrEmpty,
    OpenLocked,
    FileExists,
    FolderExists,
    Files,
    Folders,
    Delete,
    Replace,
    Birth,
    CreateFolder,
    SyncFolder,
    Length,
    Read,
    Write,
    SetLength,
    SyncData,
    Sync,
    Volume,
    SyncVolume,
}

/// <summary>One call of a process to a <see cref="SimulatedDisk"/>.</summary>
/// <param name="Number">Its number among all calls that the disk has had, from 1.</param>
/// <param name="Call">What is asked for.</param>
/// <param name="Path">Of the file or folder.</param>
internal readonly record struct DiskRequest(int Number, DiskCall Call, string Path);

/// <summary>What goes wrong in one call to a <see cref="SimulatedDisk"/>.</summary>
public enum DiskFault
{
    /// <summary>
    /// An I/O error. Nothing is done, but by a sync: as on Linux, what it should have written counts as synced from then on, and
    /// only what is written once more is written by a later one.
    /// </summary>
    Error,

    /// <summary>The disk is full: of a write an arbitrary part is done, of all else nothing.</summary>
    NoSpace,

    /// <summary>An I/O error that is told after all was done.</summary>
    LateError,

    /// <summary>The process ends within the call, an arbitrary part of which is done; no later call of its does anything.</summary>
    Stop,
}

/// <summary>What a <see cref="SimulatedDisk"/> tells of files' births.</summary>
public enum DiskBirths
{
    /// <summary>Each file's own, whatever it is renamed to.</summary>
    Kept,

    /// <summary>None.</summary>
    Unknown,

    /// <summary>Another one when a file takes another's place.</summary>
    RenewedByReplace,
}
