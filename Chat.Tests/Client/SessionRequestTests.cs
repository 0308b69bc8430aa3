using Chat.Protocol;
using Chat.Protocol.Client;
using Xunit;
using static Chat.Tests.Client.SessionRig;

namespace Chat.Tests.Client;

public sealed class SessionRequestTests
{
    private static readonly ServerEvent.Rooms NoRooms = new([], new Dictionary<string, int>());

    [Fact]
    public async Task Should_complete_with_the_answer_of_the_same_id_and_tell_nobody_else()
    {
        var rig = new SessionRig().Online();
        var history = rig.Read<ServerEvent.History>(new Request.History("a"));
        var who = rig.Read<ServerEvent.Who>(new Request.Who("a"));
        var rooms = rig.Read<ServerEvent.Rooms>(new Request.Rooms());
        var ids = rig.Drain().Select(request => request.Id).ToArray();
        rig.Told.Clear();

        rig.Receive(NoRooms with { Id = ids[2] });
        rig.Receive(new ServerEvent.Who("a", ["ana"], 1) { Id = ids[1] });
        rig.Receive(Page("a", ids[0], 2, Messages("a", 1, 2), live: false));

        Assert.Equal(2, (await history).Messages.Count);
        Assert.Equal(["ana"], (await who).Members);
        Assert.Empty((await rooms).Names);
        Assert.Empty(rig.Told);
    }

    [Fact]
    public void Should_tell_what_nobody_asked_for()
    {
        var rig = new SessionRig().Online();
        rig.Told.Clear();
        rig.Receive(NoRooms);
        rig.Receive(new ServerEvent.Notice(null, "Hear!", null));
        rig.Refuse(null, ErrorCodes.BadJson);
        Assert.Equal(3, rig.Told.Count);
    }

    [Fact]
    public async Task Should_ask_again_in_order_when_the_connection_was_lost()
    {
        var rig = new SessionRig().Online();
        var who = rig.Read<ServerEvent.Who>(new Request.Who("a"));
        var history = rig.Read<ServerEvent.History>(new Request.History("a", After: 4));
        var ping = rig.Ping();
        rig.Drain();
        rig.Lose();
        var rooms = rig.Read<ServerEvent.Rooms>(new Request.Rooms());
        rig.SendsNothing();
        rig.ComeBack();

        rig.Receive(new ServerEvent.Pong { Id = rig.Next<Request.Ping>().Id });
        rig.Receive(new ServerEvent.Who("a", [], 0) { Id = rig.Next<Request.Who>().Id });
        var page = rig.Next<Request.History>();
        Assert.Equal(4, page.After);
        rig.Receive(Page("a", page.Id, 0));
        rig.Receive(NoRooms with { Id = rig.Next<Request.Rooms>().Id });
        await Task.WhenAll(who, history, ping, rooms);
    }

    [Fact]
    public async Task Should_fail_when_refused_and_wait_when_only_too_fast()
    {
        var rig = new SessionRig().Online();
        var bad = rig.Read<ServerEvent.Who>(new Request.Who("?"));
        rig.Refuse(rig.Next<Request.Who>().Id, ErrorCodes.BadRoom);
        Assert.Equal(ErrorCodes.BadRoom, (await Assert.ThrowsAsync<ChatRefusedException>(() => bad)).Code);

        var fast = rig.Read<ServerEvent.Who>(new Request.Who("a"));
        rig.Refuse(rig.Next<Request.Who>().Id, ErrorCodes.RateLimited, 2);
        rig.Advance(1.9);
        rig.SendsNothing();
        rig.Advance(0.1);
        rig.Receive(new ServerEvent.Who("a", [], 0) { Id = rig.Next<Request.Who>().Id });
        await fast;
    }

    [Fact]
    public async Task Should_measure_the_round_trip_when_it_pings()
    {
        var rig = new SessionRig().Online();
        var ping = rig.Ping();
        var id = rig.Next<Request.Ping>().Id;
        rig.Advance(0.125);
        rig.Receive(new ServerEvent.Pong { Id = id });
        Assert.Equal(0.125, (await ping).TotalSeconds);
        Assert.Equal((ConnectionStatus.Online, 0.125), (rig.State.Status, rig.State.RoundTrip!.Value.TotalSeconds));
    }

    [Fact]
    public void Should_keep_below_the_unanswered_requests_and_still_ping()
    {
        var rig = new SessionRig().Online(new Limits { UnansweredRequests = 4, ReadRate = 0, PublishRate = 0 });
        for (var i = 0; i < 6; i++)
            _ = rig.Read<ServerEvent.Rooms>(new Request.Rooms());
        _ = rig.Ping();
        var sent = rig.Drain();
        Assert.Equal(3, sent.OfType<Request.Rooms>().Count());
        Assert.Single(sent.OfType<Request.Ping>());

        rig.Receive(NoRooms with { Id = sent[0].Id });
        rig.SendsNothing();
        rig.Receive(NoRooms with { Id = sent[1].Id });
        rig.Next<Request.Rooms>();
    }

    [Theory]
    [InlineData(20, 10)]
    [InlineData(5, 2.5)]
    [InlineData(1, 0.5)]
    public void Should_stay_within_burst_and_rate_in_any_stretch_of_time(int burst, double rate)
    {
        var rig = new SessionRig().Online(new Limits { PublishBurst = burst, PublishRate = rate }).In("a");
        for (var i = 0; i < 60; i++)
            _ = rig.Publish("a", "m" + i);
        for (var acked = 0; acked < 60;)
        {
            rig.Advance(0.05);
            foreach (var publish in rig.Drain().OfType<Request.Publish>())
                rig.Ack("a", publish.Id!, ++acked);
            foreach (var ping in rig.Drain().OfType<Request.Ping>())
                rig.Receive(new ServerEvent.Pong { Id = ping.Id });
        }
        var at = rig.Sent.Where(sent => sent.Request is Request.Publish).Select(sent => sent.At.TotalSeconds).ToArray();
        for (var i = 0; i < at.Length; i++)
        {
            for (var j = i; j < at.Length; j++)
                Assert.True(j - i + 1 <= burst + (at[j] - at[i]) * rate + 1e-6, $"{j - i + 1} publishes in {at[j] - at[i]} s");
        }
        Assert.True(at[^1] - at[0] <= 60 / rate + 1, "It shouldn't be much slower than it may be.");
    }

    [Fact]
    public void Should_pace_its_reads()
    {
        var rig = new SessionRig().Online(new Limits { ReadRate = 10 });
        for (var i = 0; i < 30; i++)
            _ = rig.Read<ServerEvent.Rooms>(new Request.Rooms());
        Assert.InRange(rig.Drain().Length, 1, 10);
        rig.Advance(1);
        Assert.InRange(rig.Drain().Length, 9, 10);
    }

    [Fact]
    public async Task Should_refuse_by_itself_what_would_be_too_large_a_frame()
    {
        var rig = new SessionRig().Online(new Limits { FrameBytes = 200 }).In("a");
        var large = rig.PublishCall("a", new string('x', 300), "large").Task;
        Assert.Equal(ErrorCodes.MessageTooLong, (await Assert.ThrowsAsync<ChatRefusedException>(() => large)).Code);
        await Assert.ThrowsAsync<ChatRefusedException>(() => rig.Join(new string('r', 300)));
        await Assert.ThrowsAsync<ChatRefusedException>(() => rig.Leave(new string('r', 300)));
        await Assert.ThrowsAsync<ChatRefusedException>(() => rig.Read<ServerEvent.Who>(new Request.Who(new string('r', 300))));
        rig.SendsNothing();
    }

    [Fact]
    public void Should_say_that_it_types_only_where_it_can_be_heard()
    {
        var rig = new SessionRig().Online().In("a");
        rig.Session.Type("b");
        rig.Session.Type("A");
        rig.Publish("a", "m");
        Assert.Equal("a", rig.Next<Request.Typing>().Room);
        rig.Next<Request.Publish>();
        rig.SendsNothing();
    }
}
