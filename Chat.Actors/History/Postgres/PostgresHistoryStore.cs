using System.Collections.Concurrent;
using Chat.Protocol;
using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>
/// The rooms' logs in a PostgreSQL database, which several processes may share: whoever opens a log last is its writer, and whoever was
/// before learns that by a <see cref="StorageFailure.Superseded"/>.
/// </summary>
public sealed class PostgresHistoryStore : IHistoryStore
{
    // Lines that are deleted at once, so that no call takes long.
    private const int MostTrimmed = 20_000;

    // What this process writes; for trims alone. Another's are trimmed beside its writer, which that doesn't touch.
    private readonly ConcurrentDictionary<RoomName, PostgresRoomLog> _writers = new();
    private readonly PostgresTrim _trim;
    private PostgresUse? _use;

    private PostgresHistoryStore(PostgresDatabase database, FileHistoryOptions options, Action<StorageWarning> warn)
    {
        (Database, Options, Warn) = (database, options, warn);
        Retention = new Retention(options);
        _trim = new PostgresTrim(database, Retention, new RetentionClock(options.Time));
        Sessions = new PostgresSessions(database);
        Nodes = new PostgresNodes(database);
    }

    internal PostgresDatabase Database { get; }

    internal FileHistoryOptions Options { get; }

    internal Action<StorageWarning> Warn { get; }

    internal Retention Retention { get; }

    /// <summary>Who was logged in, for whoever goes on with them.</summary>
    public PostgresSessions Sessions { get; }

    /// <summary>The gateways that share it as nodes of a cluster.</summary>
    public PostgresNodes Nodes { get; }

    /// <inheritdoc/>
    public TimeSpan? TrimEvery => Retention.IsOn ? Options.TrimEvery : null;

    /// <summary>Which database it is, as sentences call it; without the password.</summary>
    public string Name => Database.Name;

    /// <summary>
    /// Connects, and makes the tables or brings them up to this version where need be. Blocks; throws a <see cref="StorageException"/> that
    /// says what is wrong with the address, the user, the database or how it is set.
    /// </summary>
    /// <param name="connection">Which database, as Npgsql has it: <c>Host=…;Username=…;Password=…;Database=…</c>.</param>
    /// <param name="options">What is kept, and the time; the rest is about files.</param>
    /// <param name="warn">Is told what a person should know, on any thread; must not throw.</param>
    public static PostgresHistoryStore Open(string connection, FileHistoryOptions? options = null, Action<StorageWarning>? warn = null)
    {
        options ??= new FileHistoryOptions();
        options.Validate();
        var where = new NpgsqlConnectionStringBuilder(connection);
        using (var patient = new PostgresDatabase(where, isPatient: true))
            PostgresSchema.Prepare(patient);
        return new PostgresHistoryStore(new PostgresDatabase(where), options, warn ?? (_ => { }));
    }

    /// <summary>
    /// Uses the database until the end of this store: alone, or with others that share it as well. Blocks for seconds, at most; throws a
    /// <see cref="StorageException"/> where a gateway uses it already, and not so.
    /// </summary>
    public void Use(bool isShared) => Use(isShared, PostgresUse.KeepEvery);

    internal void Use(bool isShared, TimeSpan keepEvery) => _use ??= PostgresUse.Begin(Database, isShared, Warn, keepEvery);

    /// <summary>Whether that is a connection string that names a host.</summary>
    public static bool IsConnection(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 };
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<RoomName> Rooms() => Database.Run("list the rooms in", connection =>
    {
        using var command = new NpgsqlCommand("SELECT name FROM room WHERE last > 0 ORDER BY name", connection);
        using var reader = command.ExecuteReader();
        var rooms = new List<RoomName>();
        while (reader.Read())
        {
            if (RoomName.Parse(reader.GetString(0), out _) is { } room)
                rooms.Add(room);
        }
        rooms.Sort();
        return rooms;
    });

    /// <inheritdoc/>
    public IRoomLog Log(RoomName room) => new PostgresRoomLog(this, room);

    /// <inheritdoc/>
    public void Trim(RoomName room)
    {
        if (!Retention.IsOn)
            return;
        while (!_writers.ContainsKey(room) && !_trim.Run(room, MostTrimmed).IsDone)
        {
            // The next of them.
        }
    }

    /// <inheritdoc/>
    public void Sync()
    {
        // Each append is stored when it returns.
    }

    /// <inheritdoc/>
    public void Probe() => Database.Run("ask", connection =>
    {
        using var command = new NpgsqlCommand("SELECT current_setting('transaction_read_only')", connection);
        if (command.ExecuteScalar() is "on")
            throw new StorageException($"{PostgresErrors.Capital(Name)} is read-only. Name the primary, not a standby, and see that default_transaction_read_only is off.");
    });

    /// <summary>
    /// A secret that all who share the database have, made by whoever asks first. Blocks; throws <see cref="StorageException"/>.
    /// </summary>
    /// <param name="name">Which one.</param>
    /// <param name="bytes">Its length, where it is made.</param>
    public byte[] Secret(string name, int bytes) => Database.Run("keep a secret in", connection =>
    {
        using (var make = new NpgsqlCommand("INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", connection))
        {
            make.Parameters.Add(new() { Value = name });
            make.Parameters.Add(new() { Value = System.Security.Cryptography.RandomNumberGenerator.GetBytes(bytes) });
            make.ExecuteNonQuery();
        }
        using var read = new NpgsqlCommand("SELECT value FROM secret WHERE name = $1", connection) { Parameters = { new() { Value = name } } };
        return (byte[])read.ExecuteScalar()!;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _use?.Dispose();
        Database.Dispose();
    }

    internal void Claim(RoomName room, PostgresRoomLog writer) => _writers[room] = writer;

    internal void Release(RoomName room, PostgresRoomLog writer) =>
        ((ICollection<KeyValuePair<RoomName, PostgresRoomLog>>)_writers).Remove(new(room, writer));

    /// <summary>Deletes of a log what retention has come to, a part of it where that is much.</summary>
    internal PostgresTrim.Result TrimSome(RoomName room) => _trim.Run(room, MostTrimmed);
}
