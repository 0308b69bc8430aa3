namespace Chat.Protocol.Client;

/// <summary>How a seq stands to those seen before.</summary>
internal enum SeqVerdict
{
    Next,
    Duplicate,
    Gap,
}

/// <summary>How far one room's log has been seen; lets each seq through once and in order.</summary>
internal sealed class RoomCursor
{
    /// <summary>Which log <see cref="Last"/> counts in, as far as known.</summary>
    public string? Epoch { get; private set; }

    /// <summary>The last seq seen.</summary>
    public long Last { get; private set; }

    /// <summary>Whether a page of the room has come.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Starts over where the user says.</summary>
    public void Start(long? since, string? epoch) => (Last, Epoch, IsKnown) = (since ?? 0, epoch, false);

    /// <summary>Judges a live event's seq, and counts it if it is the next.</summary>
    public SeqVerdict Take(long seq)
    {
        if (seq <= Last)
            return SeqVerdict.Duplicate;
        if (seq > Last + 1)
            return SeqVerdict.Gap;
        Last = seq;
        return SeqVerdict.Next;
    }

    /// <summary>The page with what hasn't been seen before. A page may skip seqs: it says so, or the user asked for no more.</summary>
    public ServerEvent.History Take(ServerEvent.History page)
    {
        // A log that is shorter than what was seen of it is another log.
        if (Epoch is not null && Epoch != page.Epoch || page.Last < Last)
            Last = 0;
        Epoch = page.Epoch;
        IsKnown = true;

        var fresh = new List<ServerEvent.Message>(page.Messages.Count);
        foreach (var message in page.Messages)
        {
            if (message.Seq <= Last)
                continue;
            Last = message.Seq;
            fresh.Add(message);
        }
        Last = Math.Max(Last, page.Through);
        // Nothing to show, and yet at the head: nothing was asked for, or all of it is gone.
        if (page is { Live: true, Through: 0 })
            Last = Math.Max(Last, page.Last);
        return fresh.Count == page.Messages.Count ? page : page with { Messages = fresh };
    }
}
