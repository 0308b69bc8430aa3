using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chat.Actors.History;

/// <summary>The disk that the system offers, by .NET's calls and a few that it lacks.</summary>
internal sealed class SystemDisk : IDisk
{
    /// <summary>The only one.</summary>
    public static readonly SystemDisk Instance = new();

    private const FileShare Shared = FileShare.ReadWrite | FileShare.Delete;
    internal const int Interrupted = 4;
    private const int CloseOnExecute = 0x80000;
    private const int InvalidArgument = 22;

    private SystemDisk() { }

    public IDiskFile Open(string path, FileAccess access) => new SystemFile(File.OpenHandle(path, FileMode.Open, access, Shared));

    public IDiskFile Create(string path) =>
        new SystemFile(File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, Shared));

    public IDiskFile CreateOrEmpty(string path) =>
        new SystemFile(File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, Shared));

    public IDiskFile OpenLocked(string path) =>
        new SystemFile(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));

    public bool FileExists(string path) => File.Exists(path);

    public bool FolderExists(string path) => Directory.Exists(path);

    public IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder);

    public IEnumerable<string> Folders(string folder) => Directory.EnumerateDirectories(folder);

    public void Delete(string path) => File.Delete(path);

    public void Replace(string from, string to) => File.Move(from, to, overwrite: true);

    public void CreateFolder(string path) => Directory.CreateDirectory(path);

    public string? Birth(string path) => FileStatus.Of(path)?.Birth;

    public IDiskVolume? Volume(string folder) => SystemVolume.Of(folder);

    public void SyncFolder(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return;
        using var folder = OpenFolder(path);
        while (fsync(folder) != 0)
        {
            // Some file systems (network ones, FUSE) can't sync a folder, and say so with EINVAL.
            if (Marshal.GetLastPInvokeError() == InvalidArgument)
                return;
            ThrowUnless(Interrupted);
        }
    }

    /// <summary>Opens a folder, to sync it or all that is where it is.</summary>
    internal static SafeFileHandle OpenFolder(string path)
    {
        int descriptor;
        while ((descriptor = open(path, OperatingSystem.IsLinux() ? CloseOnExecute : 0)) < 0)
            ThrowUnless(Interrupted);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Throws the last call's error, unless it is this one.</summary>
    internal static void ThrowUnless(int harmless)
    {
        var error = Marshal.GetLastPInvokeError();
        if (error != harmless)
            throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int fdatasync(SafeFileHandle file);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(SafeFileHandle file);

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    private sealed class SystemFile(SafeFileHandle handle) : IDiskFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> bytes, long offset) => RandomAccess.Read(handle, bytes, offset);

        public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(handle, bytes, offset);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        public void SyncData()
        {
            if (!OperatingSystem.IsLinux())
            {
                RandomAccess.FlushToDisk(handle);
                return;
            }
            while (fdatasync(handle) != 0)
                ThrowUnless(Interrupted);
        }

        public void Sync() => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();
    }
}
