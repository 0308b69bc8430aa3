using Chat.Protocol;

namespace Chat.Actors.Relays;

/// <summary>Where a subscription begins to read.</summary>
internal static class Cursor
{
    /// <summary>
    /// The next seq wanted, and whether not all that was asked for can be had. A place in another log, beyond the head or
    /// negative is none: the join is as a first one. Who has seen nothing (<c>since: 0</c>) can't have seen it in another log.
    /// </summary>
    /// <param name="wish">What the join asked for.</param>
    /// <param name="epoch">The log's name.</param>
    /// <param name="first">The oldest seq kept.</param>
    /// <param name="last">The newest seq stored.</param>
    public static (long Next, bool Gap) Of(JoinWish wish, string epoch, long first, long last)
    {
        if (wish.Since is not { } since)
            return (FirstJoin(wish.History, first, last), false);
        var isOtherLog = since != 0 && wish.Epoch is { } theirs && theirs != epoch;
        if (isOtherLog || since < 0 || since > last)
            return (FirstJoin(wish.History, first, last), true);
        return since + 1 < first ? (first, true) : (since + 1, false);
    }

    private static long FirstJoin(int? history, long first, long last) =>
        Math.Max(first, last + 1 - (history ?? Limits.JoinHistory));
}
