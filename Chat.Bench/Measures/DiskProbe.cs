using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chat.Bench.Measures;

/// <summary>
/// The disk alone, without any chat: what a small append and its sync take now, at a steady rate. No message can be faster where each
/// is synced before it is seen.
/// </summary>
public static class DiskProbe
{
    private const int LineBytes = 256;

    /// <summary>Milliseconds of each sync, at most <paramref name="rate"/> a second, in a file of its own in the folder.</summary>
    public static Percentiles Run(string folder, int rate, TimeSpan time)
    {
        var path = Path.Combine(folder, "disk-probe");
        var syncs = new List<double>();
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write))
        {
            var line = new byte[LineBytes];
            for (var startedAt = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(startedAt) < time;)
            {
                var before = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, line, (long)syncs.Count * LineBytes);
                Sync(file);
                syncs.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
                Thread.Sleep(TimeSpan.FromSeconds(1.0 / rate));
            }
        }
        File.Delete(path);
        return new Percentiles(syncs);
    }

    private static void Sync(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux() || fdatasync(file) != 0)
            RandomAccess.FlushToDisk(file);
    }

    [DllImport("libc")]
    private static extern int fdatasync(SafeFileHandle file);
}
