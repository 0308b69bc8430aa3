using Chat.Actors.Delivery;
using Chat.Actors.History;
using Chat.Actors.Relays;
using Chat.Protocol;
using CsCheck;
using Xunit;

namespace Chat.Tests.Relays;

public sealed class CursorTests
{
    // The log is "here", keeps what is from `first` on and ends at 20.
    [Theory]
    // A first join: the newest five, or as many as asked for, of those that are kept.
    [InlineData(null, null, null, 1, 16, false)]
    [InlineData(null, "here", 3, 1, 18, false)]
    [InlineData(null, "elsewhere", 3, 1, 18, false)]
    [InlineData(null, null, 0, 1, 21, false)]
    [InlineData(null, null, 100, 1, 1, false)]
    [InlineData(null, null, 100, 12, 12, false)]
    // Going on from a place in this log.
    [InlineData(7L, "here", null, 1, 8, false)]
    [InlineData(7L, null, null, 1, 8, false)]
    [InlineData(7L, "here", 3, 1, 8, false)]
    [InlineData(20L, "here", null, 1, 21, false)]
    [InlineData(0L, "here", null, 1, 1, false)]
    // Who has seen nothing can't have seen it in another log.
    [InlineData(0L, "elsewhere", null, 1, 1, false)]
    // Some of what follows was deleted.
    [InlineData(7L, "here", null, 8, 8, false)]
    [InlineData(7L, "here", null, 9, 9, true)]
    [InlineData(0L, null, null, 9, 9, true)]
    // A place in another log, beyond the end or before the beginning is none.
    [InlineData(7L, "elsewhere", null, 1, 16, true)]
    [InlineData(7L, "elsewhere", 2, 1, 19, true)]
    [InlineData(7L, "", null, 1, 16, true)]
    [InlineData(21L, "here", null, 1, 16, true)]
    [InlineData(long.MaxValue, null, 0, 1, 21, true)]
    [InlineData(-1L, "here", null, 1, 16, true)]
    [InlineData(long.MinValue, null, 100, 12, 12, true)]
    public void Should_begin_where_the_join_asks_for(long? since, string? epoch, int? history, long first, long next, bool gap)
    {
        Assert.Equal((next, gap), Begin(new JoinWish(since, epoch, history), new LogPlace("here", first, 20)));
    }

    [Theory]
    [InlineData(null, 1, false)]
    [InlineData(0L, 1, false)]
    [InlineData(1L, 1, true)]
    [InlineData(-1L, 1, true)]
    public void Should_begin_at_the_first_when_nothing_was_ever_said(long? since, long next, bool gap)
    {
        Assert.Equal((next, gap), Begin(new JoinWish(since, null, null), new LogPlace("here", 1, 0)));
    }

    // Where it begins, and what its first page says.
    private static (long Next, bool Gap) Begin(JoinWish wish, LogPlace log)
    {
        var cursor = new Cursor(wish);
        cursor.Place(log);
        var next = cursor.Next;
        return (next, cursor.Take(new LogPage(next, log.Head, [], [], log.First), log.Head).Gap);
    }

    [Fact]
    public void Should_take_every_seq_once_and_tell_what_can_not_be_had_whatever_happens()
    {
        // What a reader is told against what its log held: random batches, full outboxes, pages of any size, retention, damage, other logs.
        Gen.Int[0, int.MaxValue].Sample(seed => Assert.Null(Play(new Random(seed))), iter: 5_000);
    }

    private static string? Play(Random random)
    {
        var log = new LogPlace("a", 1, random.Next(30));
        var cursor = new Cursor(random.Next(3) == 0 ? new JoinWish(null, null, random.Next(10)) : new JoinWish(random.Next(-2, 40), "a", null));
        cursor.Place(log);
        var (wanted, answers, isOtherLog) = (cursor.Next, 0, false);
        for (var step = 0; step < 100; step++)
        {
            switch (random.Next(cursor.IsLive ? 5 : 7))
            {
                case 0 or 1:
                    // A batch is stored: a live reader takes it, or its outbox is full. What others are still to get may be older.
                    var first = Math.Max(log.First, log.Head + 1 - random.Next(4));
                    log = log with { Head = log.Head + random.Next(1, 5) };
                    if (!cursor.Wants(first, log.Head))
                    {
                        if (cursor.IsLive)
                            return "It was live and did not want what came next.";
                    }
                    else if (cursor.Next != wanted || first > wanted)
                    {
                        return $"It wanted {cursor.Next} of {first} to {log.Head}, where {wanted} was next.";
                    }
                    else if (random.Next(3) == 0)
                    {
                        cursor.FallBehind();
                    }
                    else
                    {
                        cursor.Took(log.Head);
                        wanted = log.Head + 1;
                    }
                    break;
                case 2 when log.First < log.Head:
                    log = log with { First = log.First + random.Next(1, (int)(log.Head - log.First) + 1) };
                    break;
                case 3 when random.Next(4) == 0:
                    // A failed room's successor tells where the log stands: further on, or another log.
                    var isOther = random.Next(2) == 0;
                    log = isOther ? new LogPlace(log.Epoch + "a", 1, random.Next(30)) : log with { Head = log.Head + random.Next(3) };
                    cursor.Relocate(log, isOther);
                    if (isOther)
                        (wanted, isOtherLog) = (log.Head + 1, true);
                    break;
                case 4 when wanted > 1 && random.Next(3) == 0:
                    // Of what was sent, the newest was taken out of the outbox, or it was of another log.
                    var lost = new Passage(log.Epoch, random.Next(1, (int)wanted + 1), HasGap: random.Next(3) == 0);
                    var isSameLog = random.Next(4) > 0;
                    cursor.GoBack(lost, isSameLog);
                    if (isSameLog)
                        (wanted, isOtherLog) = (lost.From!.Value, isOtherLog || lost.HasGap);
                    if (cursor.IsLive)
                        return "It is live, and what it sent was taken out.";
                    break;
                case >= 5:
                    // A page, which may end early, and of which some may be damaged.
                    var from = Math.Max(cursor.Next, log.First);
                    var through = Math.Max(from - 1, Math.Min(log.Head, from + random.Next(8)));
                    IReadOnlyList<SeqRange> missing = through >= from && random.Next(5) == 0 ? [new SeqRange(from, from)] : [];
                    var lacksSome = isOtherLog || from > wanted || missing.Count > 0;
                    var told = cursor.Take(new LogPage(from, through, [], missing, log.First), log.Head);
                    if (lacksSome && !told.Gap)
                        return $"From {wanted} on it was given {from}, without a gap.";
                    (wanted, isOtherLog) = (through + 1, false);
                    answers += told.IsAnswer ? 1 : 0;
                    if (told.IsLive != (through == log.Head) || told.IsLive != cursor.IsLive)
                        return $"Live at {through} of {log.Head}: {told.IsLive}.";
                    break;
            }
            if (cursor.Next != wanted)
                return $"It stands at {cursor.Next} where {wanted} is next.";
            if (cursor.IsLive && cursor.OwesAnswer)
                return "It is live and its join is not answered.";
        }
        return answers > 1 ? $"Its join was answered {answers} times." : null;
    }
}
