using Chat.Protocol;
using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>One batch on its way into a room's log.</summary>
/// <param name="room">Whose log.</param>
/// <param name="owner">Its writer.</param>
/// <param name="term">Since which opening.</param>
/// <param name="last">The newest seq before it.</param>
/// <param name="batch">What is to be stored.</param>
/// <param name="times">The time of each line.</param>
internal sealed class RoomAppend(RoomName room, Guid owner, long term, long last, IReadOnlyList<LogEntry> batch, DateTime[] times)
{
    // Takes the room's row, or waits for whoever has it and looks again, and stores in the same statement. A row that says something else
    // by then stores nothing.
    private const string Insert = """
        WITH taken AS (
            UPDATE room SET last = $5, last_at = $6, bytes = bytes + $7 WHERE name = $1 AND owner = $2 AND term = $3 AND last = $4 RETURNING name)
        INSERT INTO message (room, seq, id, sender, digest, at, owner, line)
        SELECT taken.name, added.seq, added.id, added.sender, added.digest, added.at, $2, added.line
        FROM taken, unnest($8::bigint[], $9::text[], $10::text[], $11::uuid[], $12::timestamptz[], $13::bytea[]) AS added (seq, id, sender, digest, at, line)
        """;

    private const string LockRow = "SELECT owner, term, last FROM room WHERE name = $1 FOR UPDATE";

    private const string Stored = "SELECT seq, owner, line FROM message WHERE room = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq";

    private readonly IdColumns[] _ids = [.. batch.Select(entry => IdColumns.Of(entry.Line.Span))];
    private readonly long[] _seqs = [.. batch.Select(entry => entry.Seq)];
    private readonly ReadOnlyMemory<byte>[] _lines = [.. batch.Select(entry => entry.Line)];

    /// <summary>The time of each line.</summary>
    public DateTime[] Times => times;

    /// <summary>Of its lines, with their line feeds.</summary>
    public long Bytes { get; } = batch.Sum(entry => entry.Line.Length + 1L);

    /// <summary>Stores it in one round trip; false where another writer has the log.</summary>
    public bool Store(NpgsqlConnection connection)
    {
        try
        {
            return TryInsert(connection) || StoreUnlessStored(connection);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return StoreUnlessStored(connection);
        }
    }

    /// <summary>
    /// The same where it may be stored already, as where an answer was lost. What is found is stored for sure when this commits: the row
    /// was taken behind what is under way, and a commit waits for all that came before it, on a synchronous standby too.
    /// </summary>
    public bool StoreUnlessStored(NpgsqlConnection connection)
    {
        using var transaction = connection.BeginTransaction();
        var (isOwner, stored) = Look(connection);
        var isThere = IsThere(connection);
        if (isThere is null && isOwner && stored == last)
            isThere = TryInsert(connection);
        else if (isThere is false && isOwner && stored == last)
            throw new StorageException($"The log of {room} has messages behind seq {last}, which its row says is the last. Something else changed the tables: put them back from a backup.");
        if (isThere is not true)
            return false;
        transaction.Commit();
        return true;
    }

    private bool TryInsert(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Insert, connection)
        {
            Parameters =
            {
                new() { Value = room.Value }, new() { Value = owner }, new() { Value = term }, new() { Value = last },
                new() { Value = _seqs[^1] }, new() { Value = times[^1] }, new() { Value = Bytes },
                new() { Value = _seqs }, new() { Value = _ids.Select(ids => ids.Id).ToArray() }, new() { Value = _ids.Select(ids => ids.Sender).ToArray() },
                new() { Value = _ids.Select(ids => ids.Digest).ToArray() }, new() { Value = times }, new() { Value = _lines },
            },
        };
        return command.ExecuteNonQuery() == _seqs.Length;
    }

    private (bool IsOwner, long Last) Look(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(LockRow, connection) { Parameters = { new() { Value = room.Value } } };
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetGuid(0) == owner && reader.GetInt64(1) == term, reader.GetInt64(2)) : default;
    }

    // Null where nothing is there; false where that is something else.
    private bool? IsThere(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Stored, connection)
        {
            Parameters = { new() { Value = room.Value }, new() { Value = _seqs[0] }, new() { Value = _seqs[^1] } },
        };
        using var reader = command.ExecuteReader();
        var count = 0;
        for (; reader.Read(); count++)
        {
            if (count == _seqs.Length || reader.GetInt64(0) != _seqs[count] || reader.GetGuid(1) != owner
                || !reader.GetFieldValue<byte[]>(2).AsSpan().SequenceEqual(_lines[count].Span))
                return false;
        }
        return count == 0 ? null : count == _seqs.Length;
    }
}
