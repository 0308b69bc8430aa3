using System.Diagnostics;
using Xunit;

namespace Chat.Tests.History;

/// <summary>
/// A disk of 64 KiB in memory, mounted where this process alone sees it: in the mount namespace of a child, reached through
/// <c>/proc</c>, so that nothing is left behind however a test ends.
/// </summary>
internal sealed class TinyDisk : IDisposable
{
    private const int Size = 64 * 1024;

    // Then runs what it is told, a command a line, and says of each how it ended.
    private const string Script =
        "mount -t tmpfs -o size=64k tmpfs \"$0\" && echo mounted && while read -r line; do eval \"$line\" 1>&2; echo \"ended $?\"; done";

    private readonly Process _holder;
    private readonly string _mountPoint;

    private TinyDisk(Process holder, string mountPoint)
    {
        _holder = holder;
        _mountPoint = mountPoint;
        Path = $"/proc/{holder.Id}/root{mountPoint}";
    }

    public string Path { get; }

    public static TinyDisk Mount()
    {
        var mountPoint = Directory.CreateTempSubdirectory("chat-tiny-disk-").FullName;
        var start = new ProcessStartInfo("unshare")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments = ["--mount", "--map-root-user", "sh", "-c", Script, mountPoint];
        foreach (var argument in arguments.Where(argument => argument != "--map-root-user" || !Environment.IsPrivilegedProcess))
            start.ArgumentList.Add(argument);
        Process? holder = null;
        try
        {
            holder = Process.Start(start)!;
            if (holder.StandardOutput.ReadLine() == "mounted")
                return new TinyDisk(holder, mountPoint);
            throw new InvalidOperationException("Can't mount a tmpfs: " + holder.StandardError.ReadToEnd().Trim());
        }
        catch
        {
            holder?.Dispose();
            Directory.Delete(mountPoint);
            throw;
        }
    }

    /// <summary>Makes a folder of it read-only, for all that nobody has open for writing; what is elsewhere isn't touched.</summary>
    public void MakeReadOnly(string folder)
    {
        Run($"mount --bind '{Inside(folder)}' '{Inside(folder)}'");
        Run($"mount -o remount,ro,bind '{Inside(folder)}'");
    }

    /// <summary>Takes it back.</summary>
    public void MakeWritable(string folder) => Run($"mount -o remount,rw,bind '{Inside(folder)}'");

    /// <summary>Takes space away, all that there is or less; gives the path of the file that has it.</summary>
    public string Fill(int atMost = Size)
    {
        var path = System.IO.Path.Combine(Path, "ballast");
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            for (var written = 0; written < atMost; written += 4096)
                file.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // Full, which is what was wanted.
        }
        return path;
    }

    private string Inside(string path) => _mountPoint + path[Path.Length..];

    private void Run(string command)
    {
        _holder.StandardInput.WriteLine(command);
        if (_holder.StandardOutput.ReadLine() is not "ended 0")
            throw new InvalidOperationException($"Can't {command}: {_holder.StandardError.ReadLine()}");
    }

    public void Dispose()
    {
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
        Directory.Delete(_mountPoint);
    }
}

/// <summary>A fact that fills a <see cref="TinyDisk"/>; skipped where none can be mounted, unless <c>CHAT_TEST_REQUIRE_ALL=1</c>.</summary>
internal sealed class TinyDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Obstacle = new(FindObstacle);

    public TinyDiskFactAttribute()
    {
        if (!Required.IsAll)
            Skip = Obstacle.Value;
    }

    private static string? FindObstacle()
    {
        try
        {
            using var disk = TinyDisk.Mount();
            return Directory.Exists(disk.Path) ? null : $"{disk.Path} can't be reached.";
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }
}
