using System.Diagnostics;
using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>
/// Tells other gateways that one uses the database, as long as it lives: alone, or with the other nodes of a cluster. It keeps people from a mistake;
/// that a log has one writer is seen to by its row. Its session is the server's to end when the gateway is gone.
/// </summary>
internal sealed class PostgresUse : IDisposable
{
    // "chat" and one more.
    private const long Key = 0x63686175;

    // One that was killed a moment ago may not be noticed yet; nor one whose machine is gone, for half a minute.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private const string Settings = """
        SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '4', false)
        """;

    private readonly NpgsqlConnection _connection;

    private PostgresUse(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Blocks for seconds, at most; throws a <see cref="StorageException"/> where others use it in another way.</summary>
    public static PostgresUse Begin(PostgresDatabase database, bool isShared)
    {
        var connection = database.Keep();
        try
        {
            using (var settings = new NpgsqlCommand(Settings, connection))
                settings.ExecuteNonQuery();
            using var take = new NpgsqlCommand(isShared ? "SELECT pg_try_advisory_lock_shared($1)" : "SELECT pg_try_advisory_lock($1)", connection)
            {
                Parameters = { new() { Value = Key } },
            };
            for (var since = Stopwatch.GetTimestamp(); take.ExecuteScalar() is not true; Thread.Sleep(Look))
            {
                if (Stopwatch.GetElapsedTime(since) > Wait)
                    throw new StorageException(
                        isShared
                            ? $"{PostgresErrors.Capital(database.Name)} is used by a gateway that is no node of a cluster. Stop that one, or make it a node (--cluster-host)."
                            : $"{PostgresErrors.Capital(database.Name)} is used by another gateway. Stop that one; or make both nodes of one cluster (--cluster-host, --cluster-seeds).")
                    {
                        Failure = StorageFailure.InUse,
                    };
            }
            return new PostgresUse(connection);
        }
        catch (Exception e)
        {
            connection.Dispose();
            throw PostgresErrors.IsFromDatabase(e) ? PostgresErrors.Failed("use", database.Name, e) : e;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();
}
