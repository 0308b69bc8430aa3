using System.Runtime.InteropServices;

namespace Chat.Bench.Measures;

/// <summary>What a figure means nothing without: the machine and what else was running on it.</summary>
public static class Conditions
{
    private const string Mounts = "/proc/self/mounts";

    /// <summary>One line for each condition: the machine's, then those of the measurement.</summary>
    public static void Print(TextWriter output, string title, params IReadOnlyList<(string Name, string Value)> more)
    {
        output.WriteLine(title);
        foreach (var (name, value) in Machine())
            Report.Line(output, name, value);
        foreach (var (name, value) in more)
            Report.Line(output, name, value);
        output.WriteLine();
    }

    /// <summary>The machine's conditions now.</summary>
    public static IReadOnlyList<(string Name, string Value)> Machine()
    {
        var load = Load();
        return
        [
            ("machine", $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription} ({RuntimeInformation.OSArchitecture})"),
            ("runtime", RuntimeInformation.FrameworkDescription),
            .. load is null ? Array.Empty<(string, string)>() : [("load before", $"{load} (1 minute; what else runs on the machine is in every figure)")],
            ("date", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'")),
        ];
    }

    /// <summary>The file system that a folder is on, as syncing to one in memory measures no disk.</summary>
    public static string FileSystem(string folder)
    {
        try
        {
            return DriveInfo.GetDrives()
                .Where(drive => folder.StartsWith(drive.Name, StringComparison.Ordinal))
                .MaxBy(drive => drive.Name.Length) is { } drive ? drive.DriveFormat + Device(drive.Name) : "unknown";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }

    // On Linux, of the last that was mounted there: DEVICE FOLDER TYPE …
    private static string Device(string mountedAt) =>
        File.Exists(Mounts) && File.ReadLines(Mounts).Select(line => line.Split(' ')).LastOrDefault(fields => fields[1] == mountedAt) is { } mount
            ? $" of {mount[0]}"
            : "";

    /// <summary>The machine's load over the last minute; null where the system doesn't tell.</summary>
    public static string? Load()
    {
        try
        {
            return File.ReadAllText("/proc/loadavg").Split(' ')[0];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
