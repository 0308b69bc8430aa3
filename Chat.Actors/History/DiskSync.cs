using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chat.Actors.History;

/// <summary>Makes files and folders durable, by calls that .NET doesn't offer.</summary>
internal static class DiskSync
{
    private const int Interrupted = 4;
    private const int InvalidArgument = 22;

    /// <summary>Syncs a file's bytes and length, not its times: half the work of a full sync.</summary>
    public static void Data(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }
        while (fdatasync(file) != 0)
            ThrowUnless(Interrupted);
    }

    /// <summary>Syncs a folder's entries: a file that was made or renamed isn't durable before.</summary>
    public static void Folder(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return;
        int descriptor;
        while ((descriptor = open(path, 0)) < 0)
            ThrowUnless(Interrupted);
        using var folder = new SafeFileHandle(descriptor, ownsHandle: true);
        while (fsync(folder) != 0)
        {
            // Some file systems (network ones, FUSE) can't sync a folder, and say so with EINVAL.
            if (Marshal.GetLastPInvokeError() == InvalidArgument)
                return;
            ThrowUnless(Interrupted);
        }
    }

    /// <summary>Makes a folder, and those above it, so that they survive a power cut.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(path);
        if (string.IsNullOrEmpty(parent))
            return;
        CreateFolder(parent);
        Directory.CreateDirectory(path);
        Folder(parent);
    }

    private static void ThrowUnless(int harmless)
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
}
