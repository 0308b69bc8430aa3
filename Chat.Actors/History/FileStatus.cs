using System.Globalization;
using System.Runtime.InteropServices;

namespace Chat.Actors.History;

/// <summary>What Linux alone is asked of a file or folder (<c>statx(2)</c>).</summary>
/// <param name="Birth">
/// When it was made, as its file system remembers it: no tool that copies or restores files can set it, and renaming keeps it. Null where
/// the file system doesn't tell.
/// </param>
/// <param name="Device">What it is on.</param>
internal sealed record FileStatus(string? Birth, ulong Device)
{
    private const int CurrentFolder = -100;
    private const uint BirthTime = 0x800;
    private const int NotPermitted = 1, NoSuchCall = 38;

    /// <summary>Null where the system doesn't tell; throws where there is no such file.</summary>
    public static FileStatus? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            if (statx(CurrentFolder, path, 0, BirthTime, out var found) == 0)
            {
                return new FileStatus(
                    (found.Mask & BirthTime) == 0
                        ? null
                        : string.Create(CultureInfo.InvariantCulture, $"{found.BirthSeconds}.{found.BirthNanoseconds:D9}"),
                    ((ulong)found.DeviceMajor << 32) | found.DeviceMinor);
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

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
