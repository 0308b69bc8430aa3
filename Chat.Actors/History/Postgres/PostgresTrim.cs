using Chat.Protocol;
using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>
/// Deletes what retention has come to in one log, line by line, whoever writes it: a deletion takes the room's row, as an append does, but
/// leaves to its writer what an append depends on.
/// </summary>
internal sealed class PostgresTrim(PostgresDatabase database, Retention retention, RetentionClock clock)
{
    private const int AtOnce = 1_000;

    private const string Oldest = """
        SELECT room.first, room.last, room.bytes, oldest.seq, oldest.bytes, oldest.at
        FROM room, LATERAL (
            SELECT seq, octet_length(line) + 1 AS bytes, at FROM message
            WHERE message.room = room.name AND seq >= room.first ORDER BY seq LIMIT $2) AS oldest
        WHERE room.name = $1 ORDER BY oldest.seq
        """;

    // In one statement, so that nobody sees the one without the other.
    private const string Delete = """
        WITH trimmed AS (
            UPDATE room SET first = $3, bytes = bytes - $4 WHERE name = $1 AND first = $2 RETURNING name)
        DELETE FROM message USING trimmed WHERE message.room = trimmed.name AND message.seq < $3
        """;

    /// <summary>What came of it.</summary>
    /// <param name="First">The oldest seq that is kept; null where nothing is there.</param>
    /// <param name="IsDone">Whether nothing is left to delete.</param>
    public readonly record struct Result(long? First, bool IsDone);

    /// <summary>Deletes up to about so many lines. Blocks; throws <see cref="StorageException"/>.</summary>
    public Result Run(RoomName room, int most)
    {
        for (var deleted = 0; deleted < most; deleted += AtOnce)
        {
            if (Look(room) is not { } found)
                return new Result(null, IsDone: true);
            var count = retention.DeletableLines(found.Lines, found.Bytes, found.Last, clock.Now());
            if (count == 0)
                return new Result(found.First, IsDone: true);
            var gone = found.Lines.Take(count).ToArray();
            database.Run($"trim the log of {room} in", connection =>
            {
                using var command = new NpgsqlCommand(Delete, connection)
                {
                    Parameters =
                    {
                        new() { Value = room.Value }, new() { Value = found.First },
                        new() { Value = gone[^1].Seq + 1 }, new() { Value = gone.Sum(line => line.Bytes) },
                    },
                };
                command.ExecuteNonQuery();
            });
        }
        return new Result(Look(room)?.First, IsDone: false);
    }

    private (long First, long Last, long Bytes, IReadOnlyList<LineSize> Lines)? Look(RoomName room) => database.Run($"trim the log of {room} in", connection =>
    {
        using var command = new NpgsqlCommand(Oldest, connection) { Parameters = { new() { Value = room.Value }, new() { Value = AtOnce } } };
        using var reader = command.ExecuteReader();
        var (first, last, bytes) = (0L, 0L, 0L);
        var lines = new List<LineSize>();
        while (reader.Read())
        {
            (first, last, bytes) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
            lines.Add(new LineSize(reader.GetInt64(3), reader.GetInt32(4), reader.GetDateTime(5)));
        }
        return lines.Count == 0 ? default((long, long, long, IReadOnlyList<LineSize>)?) : (first, last, bytes, lines);
    });
}
