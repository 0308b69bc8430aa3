using System.Globalization;
using System.Runtime.InteropServices;

namespace Chat.Actors.History;

/// <summary>
/// When a file was made, as its file system remembers it: no tool that copies or restores files can set it, and renaming keeps it.
/// Only Linux is asked.
/// </summary>
internal static class FileBirth
{
    private const int CurrentFolder = -100;
    private const uint BirthTime = 0x800;
    private const int NotPermitted = 1, NoSuchCall = 38;

    /// <summary>Null where the system or the file system doesn't tell; throws where there is no such file.</summary>
    public static string? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            if (statx(CurrentFolder, path, 0, BirthTime, out var found) == 0)
            {
                return (found.Mask & BirthTime) == 0
                    ? null
                    : string.Create(CultureInfo.InvariantCulture, $"{found.BirthSeconds}.{found.BirthNanoseconds:D9}");
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
        var error = Marshal.GetLastPInvokeError();
        // Old kernels don't have it, and some sandboxes forbid what they don't know.
        return error is NoSuchCall or NotPermitted ? null : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int statx(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out Found found);

    // One layout on all of Linux's architectures.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Found
    {
        [FieldOffset(0)]
        public uint Mask;

        [FieldOffset(80)]
        public long BirthSeconds;

        [FieldOffset(88)]
        public uint BirthNanoseconds;
    }
}
