using Chat.Actors.Delivery;
using Chat.Actors.History;
using Chat.Actors.Relays;
using CsCheck;
using Xunit;

namespace Chat.Tests.Relays;

public sealed class LiveTailTests
{
    [Fact]
    public void Should_hold_nothing_when_every_member_has_had_all()
    {
        var tail = new LiveTail();
        Assert.True(tail.IsEmpty);
        tail.Append(Entries(5, 2), outAt: 10);
        Assert.Equal((5, 6, false), (tail.First, tail.Last, tail.IsEmpty));
        tail.Forget(9);
        Assert.False(tail.IsEmpty);
        tail.Forget(10);
        Assert.True(tail.IsEmpty);
        Assert.Equal(0, tail.Length);
    }

    [Fact]
    public void Should_be_out_at_once_when_there_are_no_members()
    {
        var tail = new LiveTail();
        tail.Append(Entries(1, 1), outAt: 0);
        tail.Forget(0);
        Assert.True(tail.IsEmpty);
    }

    [Fact]
    public void Should_refuse_a_seq_that_it_has_no_more()
    {
        var tail = new LiveTail();
        tail.Append(Entries(5, 2), outAt: 1);
        tail.Append(Entries(7, 1), outAt: 2);
        tail.Forget(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => tail.From(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => tail.From(8));
        Assert.Equal(Frames(Entries(7, 1)), tail.From(7).ToArray());
    }

    [Fact]
    public void Should_give_each_member_every_frame_once_and_leave_alone_what_it_gave()
    {
        Gen.Int[0, int.MaxValue].Sample(seed => Assert.Null(Play(new Random(seed))), iter: 2_000);
    }

    // Members in turn, each getting from where it stands, while events of any size come at any time.
    private static string? Play(Random random)
    {
        var (tail, members) = (new LiveTail(), random.Next(1, 6));
        var (all, given) = (new List<LogEntry>(), new List<(ReadOnlyMemory<byte> Piece, byte[] Copy)>());
        var next = Enumerable.Repeat(1L, members).ToArray();
        long visits = 0;
        for (var step = 0; step < 60; step++)
        {
            if (random.Next(3) == 0)
            {
                var entries = Entries(all.Count + 1, random.Next(1, 4), random.Next(400));
                all.AddRange(entries);
                tail.Append(entries, visits + members);
            }
            if (tail.IsEmpty)
            {
                if (next.Any(seq => seq != all.Count + 1))
                    return "It forgot what a member is still to get.";
                continue;
            }
            ref var at = ref next[visits % members];
            if (at < tail.First)
                return $"A member stands at {at}, and it begins at {tail.First}.";
            if (at <= tail.Last)
            {
                var piece = tail.From(at);
                if (!piece.Span.SequenceEqual(Frames(all[((int)at - 1)..])))
                    return "These are not the frames from there on.";
                given.Add((piece, piece.ToArray()));
                at = tail.Last + 1;
            }
            tail.Forget(++visits);
        }
        return given.All(piece => piece.Piece.Span.SequenceEqual(piece.Copy)) ? null : "It wrote over what a member was given.";
    }

    private static LogEntry[] Entries(long first, int count, int length = 10) =>
        [.. Enumerable.Range(0, count).Select(i => new LogEntry(first + i, Enumerable.Repeat((byte)(first + i), length + i).ToArray()))];

    private static byte[] Frames(IEnumerable<LogEntry> entries) => [.. entries.SelectMany(entry => WireFrame.Text(entry.Line.Span))];
}
