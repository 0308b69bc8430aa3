using Akka.Actor;

namespace Chat.Actors.Nodes;

/// <summary>
/// The sending end of a link to another node: numbers what it carries, and keeps it until its receipt came. Without I/O and without a clock of its own.
/// </summary>
/// <param name="id">The link's: no other link between the two nodes has it, nor had.</param>
internal sealed class LinkOut(long id)
{
    // What a slow or silent node may have the others keep for it.
    private const long MostBytes = 64 * 1024 * 1024;
    private const int MostParcels = 500_000;

    // Sent again at a time.
    private const int Again = 256;

    private readonly Queue<(LinkMessages.Parcel Parcel, int Bytes)> _kept = new();
    private long _last;
    private long _bytes;

    public long Id => id;

    /// <summary>No receipt is awaited.</summary>
    public bool IsQuiet => _kept.Count == 0;

    /// <summary>More is kept than may be.</summary>
    public bool IsFull => _bytes > MostBytes || _kept.Count > MostParcels;

    /// <summary>How often what is kept was sent again since a receipt told anything new.</summary>
    public int Attempts { get; private set; }

    /// <summary>The next parcel.</summary>
    public LinkMessages.Parcel Pack(IActorRef to, IActorRef from, object message, int bytes)
    {
        var parcel = new LinkMessages.Parcel(id, ++_last, to, from, message);
        _kept.Enqueue((parcel, bytes));
        _bytes += bytes;
        return parcel;
    }

    /// <summary>All before <paramref name="next"/> has arrived.</summary>
    public void Arrived(long next)
    {
        while (_kept.TryPeek(out var oldest) && oldest.Parcel.Number < next)
        {
            _bytes -= oldest.Bytes;
            _kept.Dequeue();
            Attempts = 0;
        }
    }

    /// <summary>What is to be sent once more, the oldest first.</summary>
    public IReadOnlyList<LinkMessages.Parcel> SendAgain()
    {
        Attempts++;
        return [.. _kept.Take(Again).Select(kept => kept.Parcel)];
    }
}

/// <summary>The receiving end of a link: takes each number once, in order.</summary>
internal sealed class LinkIn(long id)
{
    public long Id => id;

    /// <summary>The number that it takes next.</summary>
    public long Next { get; private set; } = 1;

    /// <summary>One behind the next came already.</summary>
    public bool HasGap { get; private set; }

    /// <summary>Whether that is the next one, which is taken with it.</summary>
    public bool Take(long number)
    {
        if (number == Next)
        {
            (Next, HasGap) = (Next + 1, false);
            return true;
        }
        HasGap |= number > Next;
        return false;
    }
}
