using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>The tables: made, and brought up to this version, by whoever starts first.</summary>
internal static class PostgresSchema
{
    // Any number that nobody else locks: "chat" in ASCII.
    private const long Lock = 0x63686174;

    // Each brings the schema from the version that is its place in this list to the next. What was released is never changed.
    private static readonly string[][] Migrations =
    [
        [
            """
            CREATE TABLE room (
                name text COLLATE "C" PRIMARY KEY,
                epoch text NOT NULL,
                origin text NOT NULL,
                owner uuid NOT NULL,
                term bigint NOT NULL,
                first bigint NOT NULL,
                last bigint NOT NULL,
                last_at timestamptz,
                bytes bigint NOT NULL
            ) WITH (fillfactor = 50)
            """,
            """
            CREATE TABLE message (
                room text COLLATE "C" NOT NULL,
                seq bigint NOT NULL,
                id text,
                sender text,
                digest uuid,
                at timestamptz NOT NULL,
                owner uuid NOT NULL,
                line bytea NOT NULL,
                PRIMARY KEY (room, seq)
            )
            """,
            """
            CREATE TABLE secret (
                name text PRIMARY KEY,
                value bytea NOT NULL
            )
            """,
            """
            CREATE TABLE session (
                name text COLLATE "C" PRIMARY KEY,
                shown text NOT NULL,
                id bigint NOT NULL,
                generation int NOT NULL,
                rooms text[] NOT NULL,
                seen timestamptz NOT NULL
            )
            """,
            """
            CREATE TABLE node (
                address text PRIMARY KEY,
                seen timestamptz NOT NULL
            )
            """,
        ],
    ];

    /// <summary>Brings the database up to this version. Blocks; throws <see cref="StorageException"/>.</summary>
    public static void Prepare(PostgresDatabase database) => database.Run("prepare", connection =>
    {
        using var transaction = connection.BeginTransaction();
        Execute(connection, "SET LOCAL lock_timeout = 0");
        Execute(connection, $"SELECT pg_advisory_xact_lock({Lock})");
        var version = Version(connection);
        if (version > Migrations.Length)
        {
            throw new StorageException(
                $"{PostgresErrors.Capital(database.Name)} has the schema {version}, of a newer gateway; this one knows {Migrations.Length}. Start a gateway that is as new.");
        }
        if (version == Migrations.Length)
            return;
        foreach (var statement in Migrations.Skip(version).SelectMany(migration => migration))
            Execute(connection, statement);
        Execute(connection, "CREATE TABLE IF NOT EXISTS schema_version (version int NOT NULL)");
        Execute(connection, "DELETE FROM schema_version");
        Execute(connection, $"INSERT INTO schema_version VALUES ({Migrations.Length})");
        transaction.Commit();
    });

    // 0 where there is none.
    private static int Version(NpgsqlConnection connection)
    {
        using var exists = new NpgsqlCommand("SELECT to_regclass('schema_version') IS NOT NULL", connection);
        if (exists.ExecuteScalar() is not true)
            return 0;
        using var version = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM schema_version", connection);
        return (int)version.ExecuteScalar()!;
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
