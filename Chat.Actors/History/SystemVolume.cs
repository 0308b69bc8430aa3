using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chat.Actors.History;

/// <summary>A local file system of Linux, synced by <c>syncfs(2)</c>.</summary>
internal sealed class SystemVolume : IDiskVolume
{
    // Before it, syncfs didn't tell of writes that failed.
    private static readonly Version OldestKernel = new(5, 8);

    // Where such failures reach syncfs: an overlay, a network or a FUSE file system may keep them to itself.
    private static readonly string[] Trusted = ["ext2", "ext3", "ext4", "xfs", "btrfs"];

    private readonly SafeFileHandle _folder;
    private readonly ulong _device;

    private SystemVolume(SafeFileHandle folder, ulong device) => (_folder, _device) = (folder, device);

    /// <summary>That of a folder; null where a sync of it doesn't tell of every write that failed, or the system won't say.</summary>
    public static SystemVolume? Of(string folder)
    {
        if (!OperatingSystem.IsLinux() || Environment.OSVersion.Version < OldestKernel)
            return null;
        try
        {
            return FileStatus.Of(folder) is { } status && Trusted.Contains(new DriveInfo(folder).DriveFormat, StringComparer.Ordinal)
                ? new SystemVolume(SystemDisk.OpenFolder(folder), status.Device)
                : null;
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            return null;
        }
    }

    public bool Has(string path) => FileStatus.Of(path) is { } status && status.Device == _device;

    public void Sync()
    {
        while (syncfs(_folder) != 0)
            SystemDisk.ThrowUnless(SystemDisk.Interrupted);
    }

    public void Dispose() => _folder.Dispose();

    [DllImport("libc", SetLastError = true)]
    private static extern int syncfs(SafeFileHandle file);
}
