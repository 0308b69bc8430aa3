using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>What may be appended at once: what would break a log for good is refused before it is written.</summary>
internal static class LogBatch
{
    /// <summary>Bytes of lines, with their line feeds, that one append may have: more than that is never unsynced.</summary>
    public const int Largest = LinesForward.LongestLine + 1;

    /// <summary>Throws an <see cref="ArgumentException"/> unless these are lines, and follow the log's newest seq.</summary>
    public static void ThrowUnlessNext(RoomName room, long last, IReadOnlyList<LogEntry> batch)
    {
        var bytes = 0L;
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch[i].Seq != last + 1 + i)
                throw new ArgumentException($"Seq {batch[i].Seq} can't follow {last + i} in the log of {room}.", nameof(batch));
            if (batch[i].Line.Length > LinesForward.LongestLine || batch[i].Line.Span.Contains((byte)'\n'))
                throw new ArgumentException($"Seq {batch[i].Seq} of {room} isn't one line of at most 1 MiB.", nameof(batch));
            if ((bytes += batch[i].Line.Length + 1) > Largest)
                throw new ArgumentException($"A batch for {room} has more than 1 MiB.", nameof(batch));
        }
    }
}
