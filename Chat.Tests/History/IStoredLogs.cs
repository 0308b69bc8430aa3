using System.Collections.Concurrent;
using Chat.Actors.History;

namespace Chat.Tests.History;

/// <summary>A place where logs are stored, whatever keeps them.</summary>
internal interface IStoredLogs : IDisposable
{
    ConcurrentQueue<StorageWarning> Warnings { get; }

    IHistoryStore Open(FileHistoryOptions? options = null);

    /// <summary>Flips a bit of a message that is stored.</summary>
    void Damage(long seq);
}

internal static class StoredLogsExtensions
{
    /// <summary>Writes a log as an earlier run would have left it, and gives its epoch.</summary>
    public static string Write(this IStoredLogs logs, long messages, FileHistoryOptions? options = null, int batch = 1)
    {
        using var store = logs.Open(options);
        using var log = store.Log(DataFolder.Room);
        var state = log.Open();
        for (var seq = state.Last + 1; seq <= messages; seq += batch)
            log.Append(DataFolder.Entries(seq, Math.Min(messages, seq + batch - 1)));
        return state.Epoch;
    }
}
