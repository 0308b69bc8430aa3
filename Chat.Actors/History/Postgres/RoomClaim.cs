using Chat.Protocol;
using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>What a room's row says when it was taken.</summary>
/// <param name="Epoch">The log's epoch.</param>
/// <param name="Term">Rises with each opening.</param>
/// <param name="First">The oldest seq that is kept.</param>
/// <param name="Last">The newest seq.</param>
/// <param name="LastTime">Its time.</param>
/// <param name="IsMoved">Whether it had been written in another database, and so has a new epoch.</param>
internal sealed record RoomRow(string Epoch, long Term, long First, long Last, DateTime? LastTime, bool IsMoved = false);

/// <summary>Makes one the writer of a room's log: whoever was before stores nothing from then on.</summary>
internal sealed class RoomClaim(RoomName room, Guid owner)
{
    // Which database it is: a restored one, and a standby that took over, is another. Both may lack what was seen.
    public const string Origin = """
        SELECT system_identifier || '-' || pg_database.oid || '-' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
        FROM pg_control_system(), pg_database WHERE datname = current_database()
        """;

    private const string TakeRow = $"""
        INSERT INTO room AS taken (name, epoch, origin, owner, term, first, last, bytes)
        SELECT $1, $2, ({Origin}), $3, 1, 1, 0, 0
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, term = taken.term + 1, origin = excluded.origin,
            epoch = CASE WHEN taken.origin = excluded.origin THEN taken.epoch ELSE excluded.epoch END
        RETURNING epoch, term, first, last, last_at
        """;

    private const string LockRow = "SELECT owner, epoch, last, bytes FROM room WHERE name = $1 FOR UPDATE";

    private const string CutBack = """
        WITH gone AS (DELETE FROM message WHERE room = $1 AND seq > $2 RETURNING octet_length(line) + 1 AS bytes)
        UPDATE room SET last = $2, last_at = $3, bytes = bytes - coalesce((SELECT sum(gone.bytes) FROM gone), 0), term = term + 1
        WHERE name = $1 RETURNING epoch, term, first, last, last_at
        """;

    /// <summary>Takes it from whoever has it, and makes it if need be.</summary>
    public RoomRow Take(NpgsqlConnection connection)
    {
        var epoch = RoomFile.NewEpoch();
        using var command = new NpgsqlCommand(TakeRow, connection)
        {
            Parameters = { new() { Value = room.Value }, new() { Value = epoch }, new() { Value = owner } },
        };
        var row = Read(command);
        return row with { IsMoved = row.Epoch == epoch && row.Last > 0 };
    }

    /// <summary>
    /// Takes it again, and deletes what came of a failed append. Null where it isn't as its writer left it: another has written, or has
    /// put an older one in its place. What is sent here can't come to pass late: the row is held from the look at it to the end.
    /// </summary>
    public RoomRow? TakeAgain(NpgsqlConnection connection, string epoch, long last, DateTime? lastTime)
    {
        using var transaction = connection.BeginTransaction();
        using (var look = new NpgsqlCommand(LockRow, connection) { Parameters = { new() { Value = room.Value } } })
        using (var reader = look.ExecuteReader())
        {
            if (!reader.Read() || reader.GetGuid(0) != owner || reader.GetString(1) != epoch || reader.GetInt64(2) < last)
                return null;
        }
        using var command = new NpgsqlCommand(CutBack, connection)
        {
            Parameters =
            {
                new() { Value = room.Value }, new() { Value = last },
                new() { Value = (object?)lastTime ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz },
            },
        };
        var row = Read(command);
        transaction.Commit();
        return row;
    }

    /// <summary>Removes the row of a room that nobody wrote in.</summary>
    public void GiveBackUnused(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("DELETE FROM room WHERE name = $1 AND owner = $2 AND last = 0", connection)
        {
            Parameters = { new() { Value = room.Value }, new() { Value = owner } },
        };
        command.ExecuteNonQuery();
    }

    private static RoomRow Read(NpgsqlCommand command)
    {
        using var reader = command.ExecuteReader();
        reader.Read();
        return new RoomRow(
            reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.IsDBNull(4) ? null : reader.GetDateTime(4));
    }
}
