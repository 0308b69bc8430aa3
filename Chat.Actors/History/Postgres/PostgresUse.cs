using System.Diagnostics;
using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>
/// Tells other gateways that one uses the database, as long as it lives: alone, or with the other nodes of a cluster. It keeps people from a mistake;
/// that a log has one writer is seen to by its row. Its session is the server's to end when the gateway is gone; where the server ends it before, as
/// when it is restarted, another takes its place.
/// </summary>
internal sealed class PostgresUse : IDisposable
{
    // "chat" and one more.
    private const long Key = 0x63686175;

    // One that was killed a moment ago may not be noticed yet; nor one whose machine is gone, for half a minute.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(1);

    // For longer than it takes the server to notice that a session is gone.
    private const int RefusedAtMost = 7;

    /// <summary>How often it is looked whether the session is there.</summary>
    public static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(5);

    private const string Settings = """
        SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '4', false)
        """;

    private readonly PostgresDatabase _database;
    private readonly bool _isShared;
    private readonly TimeSpan _keepEvery;
    private readonly Action<StorageWarning> _warn;
    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _keeper;
    private NpgsqlConnection? _connection;

    private PostgresUse(PostgresDatabase database, bool isShared, Action<StorageWarning> warn, TimeSpan keepEvery)
    {
        (_database, _isShared, _warn, _keepEvery) = (database, isShared, warn, keepEvery);
        // Its own: it waits for a database that may be away.
        _keeper = new Thread(Keep) { IsBackground = true, Name = "use of the database" };
    }

    private string Other => _isShared ? "a gateway that is no node of a cluster" : "another gateway";

    /// <summary>Blocks for seconds, at most; throws a <see cref="StorageException"/> where others use it in another way.</summary>
    public static PostgresUse Begin(PostgresDatabase database, bool isShared, Action<StorageWarning> warn, TimeSpan keepEvery)
    {
        var use = new PostgresUse(database, isShared, warn, keepEvery);
        for (var since = Stopwatch.GetTimestamp(); !use.Take(); Thread.Sleep(Look))
        {
            if (Stopwatch.GetElapsedTime(since) > Wait)
                throw new StorageException($"{PostgresErrors.Capital(database.Name)} is used by {use.Other}. {use.Remedy}");
        }
        use._keeper.Start();
        return use;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Set();
        // Where it waits for a database that is away, it ends with the process.
        if (!_keeper.Join(EndTime))
            return;
        _end.Dispose();
        _connection?.Dispose();
    }

    private string Remedy => _isShared
        ? "Stop that one, or make it a node (--cluster-host)."
        : "Stop that one; or make both nodes of one cluster (--cluster-host, --cluster-seeds).";

    // False where others use it in another way.
    private bool Take()
    {
        var connection = _database.Keep();
        try
        {
            using (var settings = new NpgsqlCommand(Settings, connection))
                settings.ExecuteNonQuery();
            using var take = new NpgsqlCommand(_isShared ? "SELECT pg_try_advisory_lock_shared($1)" : "SELECT pg_try_advisory_lock($1)", connection)
            {
                Parameters = { new() { Value = Key } },
            };
            if (take.ExecuteScalar() is not true)
            {
                connection.Dispose();
                return false;
            }
            _connection = connection;
            return true;
        }
        catch (Exception e)
        {
            connection.Dispose();
            throw PostgresErrors.IsFromDatabase(e) ? PostgresErrors.Failed("use", _database.Name, e) : e;
        }
    }

    private void Keep()
    {
        var refused = 0;
        while (!_end.Wait(_keepEvery))
        {
            try
            {
                if (IsKept() || Take())
                    refused = 0;
                // Else it may be the session that was lost, which the server doesn't know yet.
                else if (++refused == RefusedAtMost)
                    _warn(new StorageWarning(PostgresErrors.Capital(_database.Name), null, $"It is used by {Other} as well, which started while this one's session was lost.", Remedy));
            }
            catch (Exception)
            {
                // It is away. Whatever it is, it is tried again, and must not end the process.
            }
        }
    }

    private bool IsKept()
    {
        if (_connection is not { } connection)
            return false;
        try
        {
            using var ask = new NpgsqlCommand("SELECT 1", connection);
            ask.ExecuteScalar();
            return true;
        }
        catch (Exception e) when (PostgresErrors.IsFromDatabase(e))
        {
            connection.Dispose();
            _connection = null;
            return false;
        }
    }
}
