using Chat.Actors.Delivery;
using Chat.Actors.History;
using Chat.Actors.Rooms;
using Chat.Protocol;

namespace Chat.Actors.Relays;

/// <summary>What a join asked for.</summary>
internal readonly record struct JoinWish(long? Since, string? Epoch, int? History)
{
    public static JoinWish Of(Request.Join join) => new(join.Since, join.Epoch, join.HistoryCount);
}

/// <summary>Where a room's log stands, as far as it was told.</summary>
/// <param name="Epoch">The log's name.</param>
/// <param name="First">The oldest seq kept.</param>
/// <param name="Head">The newest seq stored.</param>
internal readonly record struct LogPlace(string Epoch, long First, long Head);

/// <summary>What a page that a cursor took comes to.</summary>
/// <param name="Gap">Not all that was asked for can be had.</param>
/// <param name="IsLive">Live events follow.</param>
/// <param name="IsAnswer">It is the last of those that answer a join.</param>
internal readonly record struct PageStep(bool Gap, bool IsLive, bool IsAnswer);

/// <summary>
/// A reader's place in a room's log. Live means that it is at the head, and takes batches as they are stored. A join with
/// <c>since</c>, a resume and an outbox that was full are all the same: a cursor behind the head, moved on by pages until it is there.
/// Every seq is taken once, in order; what can't be had is told as a gap. Without I/O and without a clock of its own.
/// </summary>
internal sealed class Cursor(JoinWish wish)
{
    private bool _gap;

    /// <summary>The room let the reader in; before, nothing is sent.</summary>
    public bool IsPlaced { get; private set; }

    /// <summary>At the head.</summary>
    public bool IsLive { get; private set; }

    /// <summary>The join that made it isn't answered whole yet.</summary>
    public bool OwesAnswer { get; private set; } = true;

    /// <summary>The next seq wanted.</summary>
    public long Next { get; private set; }

    /// <summary>Who entered and left while it wasn't live.</summary>
    public PresenceDigest Missed { get; } = new();

    /// <summary>The room let the reader in; its log stands so.</summary>
    public void Place(LogPlace log)
    {
        (Next, _gap) = Start(wish, log);
        IsPlaced = true;
    }

    /// <summary>Whether what it wants next is among these. Where they begin behind that, they leave it behind.</summary>
    public bool Wants(long first, long last)
    {
        if (first > Next)
            IsLive = false;
        return IsLive && Next <= last;
    }

    /// <summary>The batch that it wanted goes out.</summary>
    public void Took(long last) => Next = last + 1;

    /// <summary>The batch, or a notice, could not be taken: what follows comes by pages.</summary>
    public void FallBehind() => IsLive = false;

    /// <summary>
    /// What was taken out of the outbox is to be sent again. Where it is of another log, the cursor has its place in this one already.
    /// </summary>
    public void GoBack(Passage lost, bool isSameLog)
    {
        IsLive = false;
        Missed.Add(lost.Joined, lost.Left);
        if (!isSameLog)
            return;
        Next = Math.Min(Next, lost.From ?? Next);
        _gap |= lost.HasGap;
    }

    /// <summary>Takes a page that was read from <see cref="Next"/> on.</summary>
    public PageStep Take(LogPage page, long head)
    {
        var gap = _gap || page.Missing.Count > 0 || page.From > Next;
        _gap = false;
        Next = page.Through + 1;
        IsLive = page.Through >= head;
        var isAnswer = IsLive && OwesAnswer;
        OwesAnswer &= !isAnswer;
        return new PageStep(gap, IsLive, isAnswer);
    }

    /// <summary>The join is answered otherwise: refused, or another took its place. False where it was answered before.</summary>
    public bool EndAnswer()
    {
        var owed = OwesAnswer;
        OwesAnswer = false;
        return owed;
    }

    /// <summary>The room's log stands elsewhere than was told. True where the cursor was live and is behind now.</summary>
    public bool Relocate(LogPlace log, bool isOtherLog)
    {
        if (!IsPlaced)
            return false;
        if (isOtherLog)
            (Next, _gap) = (log.Head + 1, true);
        if (!IsLive || !(isOtherLog || Next <= log.Head))
            return false;
        IsLive = false;
        return true;
    }

    // A place in another log, beyond the head or negative is none: the join is as a first one, with a gap. Who has seen nothing
    // (since: 0) can't have seen it in another log.
    private static (long Next, bool Gap) Start(JoinWish wish, LogPlace log)
    {
        if (wish.Since is not { } since)
            return (FirstJoin(wish.History, log), false);
        var isOtherLog = since != 0 && wish.Epoch is { } theirs && theirs != log.Epoch;
        if (isOtherLog || since < 0 || since > log.Head)
            return (FirstJoin(wish.History, log), true);
        return since + 1 < log.First ? (log.First, true) : (since + 1, false);
    }

    private static long FirstJoin(int? history, LogPlace log) =>
        Math.Max(log.First, log.Head + 1 - (history ?? Limits.JoinHistory));
}
