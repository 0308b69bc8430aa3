using System.Diagnostics;
using System.Globalization;

namespace Chat.Bench.Measures;

/// <summary>What a process has used, as the operating system counts it.</summary>
public static class ProcessUsage
{
    /// <summary>The steps in which Linux tells another process's CPU time.</summary>
    public static readonly TimeSpan CpuStep = TimeSpan.FromMilliseconds(10);

    /// <summary>User and system time of a process so far: <c>utime</c> and <c>stime</c> of <c>/proc/PID/stat</c> on Linux.</summary>
    public static TimeSpan Cpu(int processId)
    {
        using var process = Find(processId);
        return process.TotalProcessorTime;
    }

    /// <summary>Bytes of memory that are resident now.</summary>
    public static long ResidentBytes(int processId)
    {
        using var process = Find(processId);
        return process.WorkingSet64;
    }

    /// <summary>The most bytes that were resident since its start, or since <see cref="RestartPeak"/>.</summary>
    public static long PeakResidentBytes(int processId)
    {
        using var process = Find(processId);
        return process.PeakWorkingSet64;
    }

    /// <summary>Forgets the peak so far. Throws a <see cref="BenchException"/> where the system isn't Linux, or the process isn't one's own.</summary>
    public static void RestartPeak(int processId)
    {
        try
        {
            // Documentation/filesystems/proc.rst: 5 resets the peak resident set size.
            File.WriteAllText($"/proc/{processId}/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"The peak of the gateway's memory can't be had: {e.Message} It takes Linux, and a gateway of one's own.");
        }
    }

    /// <summary>Descriptors that it has open; Linux alone.</summary>
    public static int Handles(int processId)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd").Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"The handles of process {processId} can't be counted: {e.Message}");
        }
    }

    /// <summary>CPU time over a time, as a share of one core.</summary>
    public static string Share(TimeSpan cpu, TimeSpan time) =>
        (cpu / time * 100).ToString("0.0", CultureInfo.InvariantCulture) + " % of a core";

    private static Process Find(int processId)
    {
        try
        {
            return Process.GetProcessById(processId);
        }
        catch (ArgumentException)
        {
            throw new BenchException($"The process {processId} that was to be measured has ended.");
        }
    }
}
