namespace Chat.Tests.EndToEnd.Support;

/// <summary>A fresh folder, removed with all that is in it.</summary>
public sealed class TempFolder : IDisposable
{
    private const string Memory = "/dev/shm";
    private const long MemoryNeeded = 2L << 30;

    private TempFolder(string path) => Path = path;

    public TempFolder() : this(Directory.CreateTempSubdirectory("chat-e2e-").FullName)
    {
    }

    /// <summary>One that no busy disk holds up, where the machine has such with 2 GiB free; else any.</summary>
    public static TempFolder InMemory() => OperatingSystem.IsLinux() && new DriveInfo(Memory) is { IsReady: true, AvailableFreeSpace: >= MemoryNeeded }
        ? new TempFolder(Directory.CreateDirectory(System.IO.Path.Combine(Memory, $"chat-e2e-{Guid.NewGuid():n}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName)
        : new TempFolder();

    public string Path { get; }

    /// <summary>The path of something in it.</summary>
    public string In(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // The process that had it ends in a moment; the folder is the system's to clear.
        }
    }
}
