using Chat.Actors.History;
using Chat.Tests.Fakes;

namespace Chat.Tests.History;

/// <summary>The log of one room on a <see cref="SimulatedDisk"/>: written once, then spoiled and opened by a test.</summary>
internal sealed class SimulatedLog
{
    private static readonly string Data = Path.GetFullPath("/data");

    /// <summary>Writes messages one by one, and ends by a kill or cleanly.</summary>
    public SimulatedLog(long messages, FileHistoryOptions? options = null, bool cleanly = false)
    {
        var store = FileHistoryStore.Open(Disk.Start(), Data, options);
        var log = store.Log(DataFolder.Room);
        Epoch = log.Open().Epoch;
        for (var seq = 1L; seq <= messages; seq++)
            log.Append(DataFolder.Entries(seq, seq));
        if (cleanly)
            log.Dispose();
        Disk.Kill();
    }

    public SimulatedDisk Disk { get; } = new();

    /// <summary>What the messages were written under.</summary>
    public string Epoch { get; }

    public List<StorageWarning> Warnings { get; } = [];

    public string RoomFile => InRoom("room.json");

    /// <summary>The segments, oldest first.</summary>
    public string[] Segments => Files(".jsonl");

    /// <summary>The copies of what was cut off.</summary>
    public string[] Cuts => Files(".cut");

    /// <summary>What a file holds.</summary>
    public byte[] this[string path]
    {
        get => Disk.Peek(path) ?? throw new FileNotFoundException(path);
        set => Disk.Put(path, value);
    }

    /// <summary>Opens the log by a process of its own.</summary>
    public IRoomLog Open(out LogState state, FileHistoryOptions? options = null)
    {
        var log = Store(options).Log(DataFolder.Room);
        state = log.Open();
        return log;
    }

    public FileHistoryStore Store(FileHistoryOptions? options = null) =>
        FileHistoryStore.Open(Disk.Start(), Data, options, Warnings.Add);

    private static string InRoom(string name) => Path.Combine(Data, "general", name);

    private string[] Files(string extension) =>
        [.. Disk.FilesIn(Path.Combine(Data, "general")).Where(path => path.EndsWith(extension, StringComparison.Ordinal))];
}
