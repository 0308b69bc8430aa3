using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>One session as it is kept.</summary>
/// <param name="Name">Its user's folded name.</param>
/// <param name="Shown">The same as it is shown.</param>
/// <param name="Id">Which session: a later one of the same name has a higher one.</param>
/// <param name="Generation">Rises with each resume.</param>
/// <param name="Rooms">Those that it is in.</param>
/// <param name="Seen">When it was last there.</param>
public sealed record SessionRow(string Name, string Shown, long Id, int Generation, IReadOnlyList<string> Rooms, DateTime Seen);

/// <summary>
/// Who was logged in, kept for whoever goes on with them. A crash of the server may lose the last moments of it: sessions end in any case.
/// All calls block, and throw <see cref="StorageException"/>.
/// </summary>
public sealed class PostgresSessions
{
    private const char Between = ',';

    private const string Hasten = "(SELECT set_config('synchronous_commit', 'off', true)) AS hasten";

    // Rooms' names have no comma.
    private const string Put = $"""
        INSERT INTO session AS kept (name, shown, id, generation, rooms, seen)
        SELECT name, shown, id, generation, string_to_array(rooms, ','), seen
        FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::text[], $6::timestamptz[]) AS row (name, shown, id, generation, rooms, seen), {Hasten}
        ON CONFLICT (name) DO UPDATE SET shown = excluded.shown, id = excluded.id, generation = excluded.generation, rooms = excluded.rooms, seen = excluded.seen
        WHERE (excluded.id, excluded.generation) >= (kept.id, kept.generation)
        """;

    private const string Remove = $"""
        DELETE FROM session USING unnest($1::text[], $2::bigint[], $3::int[]) AS ended (name, id, generation), {Hasten}
        WHERE session.name = ended.name AND session.id = ended.id AND session.generation <= ended.generation
        """;

    private readonly PostgresDatabase _database;

    internal PostgresSessions(PostgresDatabase database) => _database = database;

    /// <summary>
    /// Keeps these, and then forgets those. A row gives way to none of an earlier session, or of an earlier generation of the same,
    /// and is forgotten only by its own id, and no later generation of it is.
    /// </summary>
    public void Save(IReadOnlyCollection<SessionRow> rows, IReadOnlyCollection<(string Name, long Id, int Generation)> ended)
    {
        // In one order, so that two who save at once don't wait for each other; and each name once.
        SessionRow[] kept =
        [
            .. rows.GroupBy(row => row.Name, StringComparer.Ordinal).OrderBy(same => same.Key, StringComparer.Ordinal)
                .Select(same => same.MaxBy(row => (row.Id, row.Generation))!),
        ];
        var gone = ended.OrderBy(row => row.Name, StringComparer.Ordinal).ToArray();
        _database.Run("keep the sessions in", connection =>
        {
            if (kept.Length > 0)
                Execute(connection, Put, Of(row => row.Name), Of(row => row.Shown), Of(row => row.Id), Of(row => row.Generation), Of(row => string.Join(Between, row.Rooms)), Of(row => row.Seen));
            if (gone.Length > 0)
                Execute(connection, Remove, gone.Select(row => row.Name).ToArray(), gone.Select(row => row.Id).ToArray(), gone.Select(row => row.Generation).ToArray());
        });

        T[] Of<T>(Func<SessionRow, T> field) => [.. kept.Select(field)];

        static void Execute(NpgsqlConnection connection, string sql, params object[] values)
        {
            using var command = new NpgsqlCommand(sql, connection);
            foreach (var value in values)
                command.Parameters.Add(new() { Value = value });
            command.ExecuteNonQuery();
        }
    }

    /// <summary>All that are kept.</summary>
    public IReadOnlyList<SessionRow> Load() => _database.Run("read the sessions in", connection =>
    {
        using var command = new NpgsqlCommand("SELECT name, shown, id, generation, rooms, seen FROM session ORDER BY name", connection);
        using var reader = command.ExecuteReader();
        var rows = new List<SessionRow>();
        while (reader.Read())
        {
            rows.Add(new SessionRow(
                reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt32(3), reader.GetFieldValue<string[]>(4), reader.GetDateTime(5)));
        }
        return rows;
    });
}
