using System.Collections.Concurrent;
using Chat.Actors.History;
using Chat.Actors.History.Postgres;

namespace Chat.Tests.History.Postgres;

/// <summary>A fresh database, and what a test does with the logs in it.</summary>
internal sealed class PostgresLogs(PostgresServer server, string with = "") : IStoredLogs
{
    public string Connection { get; } = server.MakeDatabase(with);

    public ConcurrentQueue<StorageWarning> Warnings { get; } = new();

    public PostgresHistoryStore Open(FileHistoryOptions? options = null) => PostgresHistoryStore.Open(Connection, options, Warnings.Enqueue);

    IHistoryStore IStoredLogs.Open(FileHistoryOptions? options) => Open(options);

    public void Damage(long seq) => Ask($"UPDATE message SET line = set_byte(line, 50, get_byte(line, 50) # 4) WHERE seq = {seq}");

    public object? Ask(string sql) => PostgresServer.Ask(Connection, sql);

    /// <summary>Ends the gateway's sessions.</summary>
    public Task CutAsync() => Task.Run(server.CutAll);

    public void Dispose() => server.Drop(Connection);
}
