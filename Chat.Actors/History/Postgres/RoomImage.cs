using Chat.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace Chat.Actors.History.Postgres;

/// <summary>Logs in a database that are copies of others, made whole.</summary>
internal sealed class RoomImage(PostgresHistoryStore store)
{
    private static readonly TimeSpan CopyTime = TimeSpan.FromMinutes(1);

    // A row that nobody wrote behind is in nobody's way.
    private const string Make = $"""
        INSERT INTO room AS made (name, epoch, origin, owner, term, first, last, last_at, bytes)
        VALUES ($1, $2, ({RoomClaim.Origin}), $3, 1, $4, $5, $6, 0)
        ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, origin = excluded.origin, owner = excluded.owner, term = made.term + 1,
            first = excluded.first, last = excluded.last, last_at = excluded.last_at, bytes = 0
        WHERE made.last = 0
        """;

    private const string Copy = "COPY message (room, seq, id, sender, digest, at, owner, line) FROM STDIN (FORMAT binary)";

    /// <summary>Where a log stands, and whose it is: equal as long as nobody opened it.</summary>
    public sealed record Seen(LogState State, Guid Owner, long Term);

    /// <summary>Null where there is no such log.</summary>
    public Seen? Look(RoomName room) => store.Database.Run($"read the log of {room} in", connection =>
    {
        using var command = new NpgsqlCommand("SELECT epoch, first, last, last_at, owner, term FROM room WHERE name = $1 AND last > 0", connection)
        {
            Parameters = { new() { Value = room.Value } },
        };
        using var reader = command.ExecuteReader();
        return !reader.Read() ? null : new Seen(
            new LogState(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetDateTime(3)),
            reader.GetGuid(4), reader.GetInt64(5));
    });

    /// <summary>Makes a log of these lines at once; gives the owner that it is written by, or null where there is a log already.</summary>
    public Guid? TryMake(RoomName room, LogState state, IEnumerable<LogEntry> lines) => store.Database.Run<Guid?>($"copy the log of {room} into", connection =>
    {
        var owner = Guid.NewGuid();
        using var transaction = connection.BeginTransaction();
        using (var make = new NpgsqlCommand(Make, connection))
        {
            make.Parameters.AddRange(new NpgsqlParameter[]
            {
                new() { Value = room.Value }, new() { Value = state.Epoch }, new() { Value = owner }, new() { Value = state.First }, new() { Value = state.Last },
                new() { Value = (object?)state.LastTimestamp ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            });
            if (make.ExecuteNonQuery() == 0)
                return null;
        }
        var bytes = Write(connection, room, owner, state, lines);
        using var size = new NpgsqlCommand("UPDATE room SET bytes = $2 WHERE name = $1", connection)
        {
            Parameters = { new() { Value = room.Value }, new() { Value = bytes } },
        };
        size.ExecuteNonQuery();
        transaction.Commit();
        return owner;
    });

    private static long Write(NpgsqlConnection connection, RoomName room, Guid owner, LogState state, IEnumerable<LogEntry> lines)
    {
        var (bytes, time) = (0L, state.LastTimestamp ?? DateTime.UnixEpoch);
        using var copy = connection.BeginBinaryImport(Copy);
        copy.Timeout = CopyTime;
        foreach (var (seq, line) in lines)
        {
            time = StoredLine.Time(line.Span) ?? time;
            copy.StartRow();
            copy.Write(room.Value, NpgsqlDbType.Text);
            copy.Write(seq, NpgsqlDbType.Bigint);
            var ids = IdColumns.Of(line.Span);
            copy.Write(ids.Id, NpgsqlDbType.Text);
            copy.Write(ids.Sender, NpgsqlDbType.Text);
            copy.Write(ids.Digest, NpgsqlDbType.Uuid);
            copy.Write(time, NpgsqlDbType.TimestampTz);
            copy.Write(owner, NpgsqlDbType.Uuid);
            copy.Write(line, NpgsqlDbType.Bytea);
            bytes += line.Length + 1;
        }
        copy.Complete();
        return bytes;
    }
}
