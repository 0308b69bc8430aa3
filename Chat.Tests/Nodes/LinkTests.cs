using Akka.Actor;
using Chat.Actors.Nodes;
using Xunit;

namespace Chat.Tests.Nodes;

/// <summary>Both ends of a link, with a network between them that loses what it likes.</summary>
public sealed class LinkTests
{
    private readonly LinkOut _out = new(7);
    private readonly LinkIn _in = new(7);

    [Fact]
    public void Should_send_all_at_once_when_all_arrives()
    {
        Assert.Equal([1, 2, 3], Say(3));
        Assert.False(_out.IsQuiet);
        Assert.True(_out.Arrived(3, hasGap: false));
        Assert.Equal(3, _out.Oldest!.Number);
        Assert.True(_out.Arrived(4, hasGap: false));
        Assert.True(_out.IsQuiet);
        Assert.Null(_out.Oldest);
        Assert.Equal([4], Say(1));
    }

    [Fact]
    public void Should_not_wait_for_receipts_when_nothing_was_lost()
    {
        Assert.Equal(1000, Say(1000).Count);
        Assert.Equal(1000, Say(1000).Count);
    }

    [Fact]
    public void Should_begin_with_some_at_a_time_when_it_takes_the_place_of_one_that_broke()
    {
        var anew = new LinkOut(8, isAnew: true);
        for (var i = 0; i < 1_000; i++)
            anew.Pack(ActorRefs.Nobody, ActorRefs.Nobody, "", 1);
        Assert.Equal(LinkOut.Window, anew.Send().Count);
        for (var arrived = LinkOut.Window; !anew.IsQuiet; arrived = (int)Math.Min(1_000, arrived + LinkOut.Window))
        {
            Assert.True(anew.Arrived(arrived + 1, hasGap: false));
            Assert.InRange(anew.Send().Count, 0, LinkOut.Window);
        }
        for (var i = 0; i < 1_000; i++)
            anew.Pack(ActorRefs.Nobody, ActorRefs.Nobody, "", 1);
        Assert.Equal(1_000, anew.Send().Count);
    }

    [Fact]
    public void Should_send_again_once_when_many_receipts_tell_of_one_gap()
    {
        Say(1000);
        Assert.True(_out.Arrived(5, hasGap: true));
        Assert.Equal(Enumerable.Range(5, LinkOut.Window).Select(n => (long)n), Sent());
        for (var i = 0; i < 50; i++)
        {
            Assert.False(_out.Arrived(5, hasGap: true));
            Assert.Empty(Sent());
        }
        Assert.Equal(0, _out.Attempts);
        // What is new waits, as the other end wouldn't take it.
        Assert.Empty(Say(1));
        Assert.True(_out.Arrived(15, hasGap: false));
        Assert.Equal(Enumerable.Range(5 + LinkOut.Window, 10).Select(n => (long)n), Sent());
    }

    [Fact]
    public void Should_send_one_alone_and_then_more_and_more_when_nothing_arrived_for_long()
    {
        Say(1000);
        _out.NothingArrived();
        Assert.Equal([1], Sent());
        _out.NothingArrived();
        Assert.Equal([1], Sent());
        Assert.Equal(2, _out.Attempts);
        Assert.True(_out.Arrived(2, hasGap: false));
        Assert.Equal(0, _out.Attempts);
        Assert.Equal([2, 3], Sent());
        _out.Arrived(4, hasGap: false);
        Assert.Equal([4, 5, 6, 7], Sent());
    }

    [Fact]
    public void Should_pass_over_what_arrived_meanwhile_when_it_was_to_be_sent_again()
    {
        Say(10);
        _out.NothingArrived();
        Sent();
        Assert.True(_out.Arrived(9, hasGap: false));
        Assert.Equal([9, 10], Sent());
    }

    [Fact]
    public void Should_begin_at_the_first_when_the_other_end_never_heard_of_the_link()
    {
        Say(3);
        Assert.False(_out.Arrived(0, hasGap: false));
        Assert.Equal([1, 2, 3], Sent());
    }

    [Fact]
    public void Should_see_that_the_other_end_is_another_when_it_forgot_what_it_had()
    {
        Say(3);
        _out.Arrived(2, hasGap: false);
        Assert.Null(_out.Arrived(0, hasGap: false));
    }

    [Fact]
    public void Should_ignore_a_receipt_when_it_is_older_than_another()
    {
        Say(10);
        _out.Arrived(8, hasGap: false);
        Assert.False(_out.Arrived(4, hasGap: true));
        Assert.Empty(Sent());
        Assert.Null(_out.Arrived(12, hasGap: false));
    }

    [Fact]
    public void Should_be_full_when_more_waits_than_may()
    {
        _out.Pack(ActorRefs.Nobody, ActorRefs.Nobody, "", (int)LinkOut.MostBytes);
        Assert.False(_out.IsFull);
        _out.Pack(ActorRefs.Nobody, ActorRefs.Nobody, "", 1);
        Assert.True(_out.IsFull);
        _out.Arrived(2, hasGap: false);
        Assert.False(_out.IsFull);
        Say(LinkOut.MostParcels);
        Assert.True(_out.IsFull);
    }

    [Fact]
    public void Should_tell_what_goes_out_for_the_first_time()
    {
        Say(2);
        _out.NothingArrived();
        _out.Pack(ActorRefs.Nobody, ActorRefs.Nobody, "", 1);
        Assert.Equal([(1, true)], _out.Send().Select(due => (due.Parcel.Number, due.IsAgain)));
        _out.Arrived(2, hasGap: false);
        Assert.Equal([(2, true), (3, false)], _out.Send().Select(due => (due.Parcel.Number, due.IsAgain)));
    }

    [Fact]
    public void Should_take_each_number_once_in_order()
    {
        Assert.True(_in.Take(1));
        Assert.False(_in.Take(1));
        Assert.False(_in.HasGap);
        Assert.False(_in.Take(3));
        Assert.True(_in.HasGap);
        Assert.Equal(2, _in.Next);
        Assert.True(_in.Take(2));
        Assert.False(_in.HasGap);
        Assert.True(_in.Take(3));
    }

    [Fact]
    public void Should_bring_all_once_in_order_when_the_network_loses_and_repeats()
    {
        for (var seed = 0; seed < 200; seed++)
            Assert.Null(Play(new Random(seed)));
    }

    // Any share of what is under way is lost, in both directions; what isn't keeps its order.
    private static string? Play(Random random)
    {
        var (sender, receiver, said, taken) = (new LinkOut(1), (LinkIn?)null, 0, new List<long>());
        var (there, back) = (new Queue<long>(), new Queue<(long Next, bool HasGap)>());
        for (var step = 0; step < 2000 || !sender.IsQuiet; step++)
        {
            if (step > 100_000)
                return "It doesn't come to an end.";
            var isCalm = step >= 2000;
            switch (random.Next(isCalm ? 3 : 5))
            {
                case 0 when there.TryDequeue(out var number):
                    if (receiver is null && number == 1)
                        receiver = new LinkIn(1);
                    if (receiver?.Take(number) == true)
                        taken.Add(number);
                    back.Enqueue(receiver is null ? (0, false) : (receiver.Next, receiver.HasGap));
                    break;
                case 1 when back.TryDequeue(out var receipt):
                    if (sender.Arrived(receipt.Next, receipt.HasGap) is null)
                        return "It takes the other end for another.";
                    break;
                case 2 when random.Next(20) == 0:
                    sender.NothingArrived();
                    break;
                case 3:
                    for (var i = random.Next(4); i > 0; i--, said++)
                        sender.Pack(ActorRefs.Nobody, ActorRefs.Nobody, "", 1);
                    break;
                case 4 when random.Next(50) == 0:
                    // A connection breaks.
                    there = new(there.Take(random.Next(there.Count + 1)));
                    back = new(back.Take(random.Next(back.Count + 1)));
                    break;
            }
            foreach (var (parcel, _) in sender.Send())
                there.Enqueue(parcel.Number);
        }
        return taken.SequenceEqual(Enumerable.Range(1, said).Select(n => (long)n)) ? null : "Not all came once and in order.";
    }

    private List<long> Say(int count)
    {
        for (var i = 0; i < count; i++)
            _out.Pack(ActorRefs.Nobody, ActorRefs.Nobody, "", 1);
        return Sent();
    }

    private List<long> Sent() => [.. _out.Send().Select(due => due.Parcel.Number)];
}
