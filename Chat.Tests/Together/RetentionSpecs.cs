using Akka.Actor;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Together;

public sealed class RetentionSpecs : ChatSpecs
{
    [Fact]
    public async Task Should_tell_a_slow_reader_of_the_gap_and_go_on_when_its_place_was_deleted()
    {
        // So that what it missed is read from the log.
        Options = Options with { RecentMessages = 10 };
        Start();
        var bob = await Member("bob");
        var slow = await Member("slow", bound: 2_000);
        slow.Writer.Hold();
        // Pages are fed while little waits: so much that more than that does.
        for (var i = 1; i <= 300; i++)
            bob.Send(new Request.Publish("general", $"message {i} ".PadRight(1_000, '.')));
        await bob.Fish<ServerEvent.Message>(message => message.Seq == 300);
        Stored.TrimTo = 280;
        Rooms.Tell(ChildReports.Trim.Instance);
        await AwaitAssertAsync(() => Assert.Equal(280, Stored.First));
        slow.Writer.TakeAll();

        var seqs = new List<long>();
        var gaps = new List<ServerEvent.History>();
        while (seqs.LastOrDefault() < 300)
        {
            switch (await slow.Next())
            {
                case ServerEvent.Message message:
                    seqs.Add(message.Seq);
                    break;
                case ServerEvent.History history:
                    if (history.Gap)
                        gaps.Add(history);
                    seqs.AddRange(history.Messages.Select(message => message.Seq));
                    break;
            }
        }
        var before = seqs.TakeWhile(seq => seq < 280).Count();
        Assert.InRange(before, 1, 200);
        Assert.Equal(Enumerable.Range(1, before).Concat(Enumerable.Range(280, 21)).Select(seq => (long)seq), seqs);
        Assert.Equal((280, false), (Assert.Single(gaps).Messages[0].Seq, gaps[0].More));
        await Publish(bob, "live");
        Assert.Equal(301, (await slow.Fish<ServerEvent.Message>()).Seq);
    }

    [Fact]
    public async Task Should_say_where_the_room_stands_to_who_comes_back_when_all_was_deleted()
    {
        Stored.Fill(20, Time.Now).TrimTo = 21;
        Start();
        var ana = await Member("ana");
        // Deleted, and the room has been told.
        await AwaitAssertAsync(async () => Assert.Empty(
            (await Asked<RoomReplies.HistoryRead>(Rooms, new RoomQueries.History(General, null, null, null, 50))).Entries));

        ana.Send(new Request.Join("general", 7, "epoch-1"));
        var page = await ana.Fish<ServerEvent.History>(history => history.Gap);
        Assert.Equal((0, 20, true, false, "epoch-1"), (page.Messages.Count, page.Last, page.Live, page.More, page.Epoch));
        ana.Send(new Request.Join("general", 20, "epoch-1") { Id = "j" });
        Assert.False((await ana.Fish<ServerEvent.History>(history => history.Id == "j")).Gap);
        Assert.Equal(21, (await Publish(ana, "and on")).Seq);
    }
}
