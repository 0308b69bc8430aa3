using Chat.Protocol;
using Npgsql;

namespace Chat.Actors.History.Postgres;

/// <summary>Reads one log from any thread, beside its writer; believes nothing beyond the seq that the caller knows to be stored.</summary>
internal sealed class PostgresPages(PostgresDatabase database, RoomName room, DamageReports reports)
{
    // Rows of the window that are read at once, behind those that it has in any case.
    private const int WindowRows = 10_000;

    // Where the log begins and what is asked for, as of the same moment. Lines are read as far as they may fit, by their lengths alone.
    private const string Oldest = """
        SELECT room.first, room.last, page.seq, page.line
        FROM room LEFT JOIN LATERAL (
            SELECT seq, line FROM (
                SELECT seq, line, sum(octet_length(line)) OVER (ORDER BY seq) - octet_length(line) AS before FROM (
                    SELECT seq, line FROM message
                    WHERE message.room = room.name AND seq BETWEEN greatest($2, room.first) AND $3 ORDER BY seq LIMIT $4) AS few) AS sized
            WHERE before <= $5) AS page ON true
        WHERE room.name = $1 ORDER BY page.seq
        """;

    private const string Newest = """
        SELECT room.first, room.last, page.seq, page.line
        FROM room LEFT JOIN LATERAL (
            SELECT seq, line FROM (
                SELECT seq, line, sum(octet_length(line)) OVER (ORDER BY seq DESC) - octet_length(line) AS before FROM (
                    SELECT seq, line FROM message
                    WHERE message.room = room.name AND seq BETWEEN greatest($2, room.first) AND $3 ORDER BY seq DESC LIMIT $4) AS few) AS sized
            WHERE before <= $5) AS page ON true
        WHERE room.name = $1 ORDER BY page.seq DESC
        """;

    private const string Lines = "SELECT seq, line FROM message WHERE room = $1 AND seq <= $2 ORDER BY seq DESC LIMIT $3";

    private const string Ids = "SELECT seq, id, sender, digest, at FROM message WHERE room = $1 AND seq <= $2 ORDER BY seq DESC LIMIT $3";

    // Without a row there is no log.
    private sealed record Chunk(long First, long Last, IReadOnlyList<LogEntry> Lines);

    /// <param name="query">What is asked for.</param>
    /// <param name="known">The newest seq that the log's writer has stored, as far as is known: for a log that is gone.</param>
    public LogPage Read(LogQuery query, long known)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.MaxMessages, 1);
        while (true)
        {
            if (TryRead(query, known) is { } page)
                return page;
        }
    }

    /// <summary>The newest entries up to a seq: the ids by their columns, so that a room whose window is large takes publishes soon.</summary>
    public LogWindow ReadWindow(WindowQuery query, long last)
    {
        var window = new WindowContents(query);
        var newest = ReadLines(last, Math.Min(query.RecentLines, query.AtMost));
        var damaged = newest.Where(entry => IsDamaged(entry.Seq, entry.Line.Span)).Select(entry => entry.Seq).ToHashSet();
        var oldest = AddIds(window, query, last, damaged);
        foreach (var (seq, line) in newest.Where(entry => entry.Seq >= oldest && !damaged.Contains(entry.Seq)))
            window.AddRecent(seq, line);
        return window.ToWindow();
    }

    // Gives how far back it goes.
    private long AddIds(WindowContents window, WindowQuery query, long last, HashSet<long> damaged)
    {
        var oldest = last + 1;
        for (var (next, count) = (last, query.AtLeast); ; count = WindowRows)
        {
            // And one, that tells whether more are needed.
            var rows = ReadIds(next, count + 1);
            foreach (var (seq, ids, at) in rows.Where(row => !damaged.Contains(row.Seq)))
            {
                if (window.Full || !window.TryAdd(ids.ToLogged(seq, at), at))
                    return oldest;
                oldest = seq;
            }
            if (rows.Count <= count)
                return oldest;
            next = rows[^1].Seq - 1;
        }
    }

    // Null where retention deleted some of it between two looks: it would be missing.
    private LogPage? TryRead(LogQuery query, long known)
    {
        var to = Math.Min(query.To, long.MaxValue - 1);
        var isUp = query.Keep == PageEnd.Oldest;
        var chunk = ReadChunk(query, query.From, to);
        var first = chunk.First;
        var from = Math.Max(query.From, first);
        if (chunk.Last == 0)
            to = Math.Min(to, known);
        if (to < from)
            return new LogPage(from, from - 1, [], [], first);
        var page = new PageContents(query);
        var next = isUp ? from : to;
        while (true)
        {
            foreach (var (seq, line) in chunk.Lines)
            {
                if (IsDamaged(seq, line.Span))
                    continue;
                // What was passed over on the way to a whole line is missing.
                if (isUp)
                    page.Miss(next, seq - 1);
                else
                    page.Miss(seq + 1, next);
                var isIn = page.TryAdd(seq, line.Span);
                next = !isIn ? seq : isUp ? seq + 1 : seq - 1;
                if (page.Full)
                    return isUp ? page.ToPage(from, next - 1, first) : page.ToPage(next + 1, to, first);
            }
            // Only where all that was read is damaged there may be more.
            if (chunk.Lines.Count == 0 || (isUp ? chunk.Lines[^1].Seq >= to : chunk.Lines[^1].Seq <= from))
                break;
            chunk = isUp ? ReadChunk(query, chunk.Lines[^1].Seq + 1, to) : ReadChunk(query, from, chunk.Lines[^1].Seq - 1);
            if (chunk.First != first)
                return null;
        }
        if (isUp)
            page.Miss(next, to);
        else
            page.Miss(from, next);
        return page.ToPage(from, to, first);
    }

    private Chunk ReadChunk(LogQuery query, long from, long to) => database.Run($"read the log of {room} in", connection =>
    {
        using var command = new NpgsqlCommand(query.Keep == PageEnd.Oldest ? Oldest : Newest, connection)
        {
            Parameters =
            {
                new() { Value = room.Value }, new() { Value = from }, new() { Value = to },
                new() { Value = query.MaxMessages }, new() { Value = (long)query.MaxBytes },
            },
        };
        using var reader = command.ExecuteReader();
        var (first, last) = (1L, 0L);
        var lines = new List<LogEntry>();
        while (reader.Read())
        {
            (first, last) = (reader.GetInt64(0), reader.GetInt64(1));
            if (!reader.IsDBNull(2))
                lines.Add(new LogEntry(reader.GetInt64(2), reader.GetFieldValue<byte[]>(3)));
        }
        return new Chunk(first, last, lines);
    });

    private List<LogEntry> ReadLines(long from, int count) => database.Run($"read the log of {room} in", connection =>
    {
        using var command = new NpgsqlCommand(Lines, connection)
        {
            Parameters = { new() { Value = room.Value }, new() { Value = from }, new() { Value = count } },
        };
        using var reader = command.ExecuteReader();
        var lines = new List<LogEntry>();
        while (reader.Read())
            lines.Add(new LogEntry(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
        return lines;
    });

    private List<(long Seq, IdColumns Ids, DateTime At)> ReadIds(long from, int count) => database.Run($"read the log of {room} in", connection =>
    {
        using var command = new NpgsqlCommand(Ids, connection)
        {
            Parameters = { new() { Value = room.Value }, new() { Value = from }, new() { Value = count } },
        };
        using var reader = command.ExecuteReader();
        var rows = new List<(long, IdColumns, DateTime)>();
        while (reader.Read())
        {
            rows.Add((
                reader.GetInt64(0),
                new IdColumns(reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetGuid(3)),
                reader.GetDateTime(4)));
        }
        return rows;
    });

    private bool IsDamaged(long seq, ReadOnlySpan<byte> line)
    {
        if (StoredLine.WholeSeq(line) == seq)
            return false;
        reports.Message($"the log of {room} in {database.Name}", seq);
        return true;
    }
}
