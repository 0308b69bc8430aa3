using System.Text;
using Chat.Protocol;
using Chat.Protocol.Client;
using Xunit;
using static Chat.Tests.Client.SessionRig;

namespace Chat.Tests.Client;

public sealed class SessionRoomTests
{
    [Fact]
    public async Task Should_complete_a_join_with_the_live_page()
    {
        var rig = new SessionRig().Online();
        var join = rig.Join("Gener\u00c4l", since: 2, epoch: "e1");
        var request = rig.Next<Request.Join>();
        Assert.Equal((2, "e1", null), (request.Since, request.Epoch, request.HistoryCount));
        rig.Receive(Page("gener\u00e4l", request.Id, 7, Messages("gener\u00e4l", 3, 5), live: false));
        Assert.False(join.IsCompleted);
        rig.Receive(Page("gener\u00e4l", request.Id, 7, Messages("gener\u00e4l", 6, 7)));

        Assert.Equal("gener\u00e4l", (await join).Room);
        Assert.Equal(["gener\u00e4l"], rig.Session.JoinedRooms);
        Assert.Equal([3, 4, 5, 6, 7], rig.SeqsTold);
    }

    [Fact]
    public async Task Should_use_the_servers_name_when_it_folds_otherwise()
    {
        var rig = new SessionRig().Online();
        var join = rig.Join("lobby");
        _ = rig.Publish("lobby", "before");
        var other = rig.Join("hall");
        var joins = rig.Drain();
        rig.Receive(Page("hall", joins[0].Id, 0));
        Assert.Equal("hall", (await join).Room);
        Assert.Equal("hall", rig.Next<Request.Publish>().Room);
        _ = rig.Publish("lobby", "after");
        Assert.Equal("hall", rig.Next<Request.Publish>().Room);
        rig.Ack("hall", "before", 1);
        rig.Ack("hall", "after", 2);
        Assert.Empty(rig.Session.Unacked);
        Assert.Equal(["hall"], rig.Session.JoinedRooms);
        rig.Receive(Page("hall", joins[1].Id, 2));
        Assert.Equal("hall", (await other).Room);
    }

    [Theory]
    [InlineData(ErrorCodes.BadRoom)]
    [InlineData(ErrorCodes.TooManyRooms)]
    [InlineData(ErrorCodes.StorageUnavailable)]
    public async Task Should_fail_a_first_join_that_is_refused(string code)
    {
        var rig = new SessionRig().Online();
        var join = rig.Join("a");
        rig.Refuse(rig.Next<Request.Join>().Id, code);
        Assert.Equal(code, (await Assert.ThrowsAsync<ChatRefusedException>(() => join)).Code);
        Assert.Empty(rig.Session.JoinedRooms);
        rig.Lose();
        rig.ComeBack();
        rig.SendsNothing();
    }

    [Fact]
    public async Task Should_try_a_first_join_again_when_it_was_only_too_early()
    {
        var rig = new SessionRig().Online();
        var join = rig.Join("a", since: 4);
        rig.Refuse(rig.Next<Request.Join>().Id, ErrorCodes.Busy, 3);
        rig.Advance(2.9);
        rig.SendsNothing();
        rig.Advance(0.1);
        var again = rig.Next<Request.Join>();
        Assert.Equal(4, again.Since);
        rig.Receive(Page("a", again.Id, 4));
        await join;
    }

    [Fact]
    public void Should_tell_each_message_once_when_some_come_twice()
    {
        var rig = new SessionRig().Online().In("a");
        foreach (var seq in new[] { 1, 2, 2, 1, 3, 3 })
            rig.Says("a", seq);
        Assert.Equal([1, 2, 3], rig.SeqsTold);
    }

    [Fact]
    public void Should_join_again_when_a_live_message_is_missing()
    {
        var rig = new SessionRig().Online().In("a", last: 4);
        rig.Says("a", 5);
        rig.Says("a", 8);
        var join = rig.Next<Request.Join>();
        Assert.Equal((5, "e1"), (join.Since, join.Epoch));
        rig.Says("a", 9);
        rig.Receive(Page("a", null, 9, Messages("a", 9, 9)));
        rig.SendsNothing();
        rig.Receive(Page("a", join.Id, 9, Messages("a", 6, 9)));
        rig.Says("a", 10);
        Assert.Equal([5, 6, 7, 8, 9, 10], rig.SeqsTold);
        rig.SendsNothing();
    }

    [Fact]
    public void Should_tell_only_what_is_new_when_a_page_repeats()
    {
        var rig = new SessionRig().Online().In("a");
        rig.Says("a", 1);
        rig.Says("a", 2);
        rig.Receive(Page("a", null, 4, Messages("a", 1, 4), live: false));
        rig.Receive(Page("a", null, 4, Messages("a", 3, 4)));
        Assert.Equal([1, 2, 3, 4], rig.SeqsTold);
    }

    [Fact]
    public void Should_go_on_when_pages_without_id_feed_a_slow_reader()
    {
        var rig = new SessionRig().Online().In("a");
        _ = rig.Publish("a", "x");
        rig.Says("a", 1);
        rig.Receive(Page("a", null, 6, Messages("a", 2, 4), live: false));
        rig.Next<Request.Publish>();
        _ = rig.Publish("a", "y");
        rig.Next<Request.Publish>();
        rig.Receive(Page("a", null, 6, Messages("a", 5, 6)));
        rig.Says("a", 7);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], rig.SeqsTold);
        rig.SendsNothing();
    }

    [Fact]
    public void Should_count_lines_that_it_cannot_read()
    {
        var rig = new SessionRig().Online().In("a");
        rig.Says("a", 1);
        rig.ReceiveRaw(Line("{\"type\":\"edit\",\"room\":\"a\",\"seq\":2"));
        rig.ReceiveRaw(Line("{\"type\":\"edit\",\"room\":\"a\",\"seq\":2"));
        rig.Says("a", 3);
        rig.Receive(Page("a", null, 5, [Message("a", 4)], through: 5));
        rig.Says("a", 6);
        rig.SendsNothing();
        Assert.Equal([1, 3, 4, 6], rig.SeqsTold);
        Assert.Single(rig.Told.OfType<ClientEvent.Received>(), told => told.Event is ServerEvent.Unknown);

        rig.ReceiveRaw(Line("{\"type\":\"edit\",\"room\":\"a\",\"seq\":9"));
        Assert.Equal(6, rig.Next<Request.Join>().Since);
    }

    [Fact]
    public void Should_join_again_where_it_stood_when_it_comes_back()
    {
        var rig = new SessionRig().Online().In("a", last: 3).In("b");
        rig.Says("a", 4);
        rig.Lose();
        Assert.Equal(["a", "b"], rig.Session.JoinedRooms.Order());
        rig.ComeBack(resumed: true, "a", "b");
        var joins = rig.Drain().Cast<Request.Join>().ToArray();
        Assert.Equal([("a", 4L, "e1"), ("b", 0L, "e1")], joins.Select(join => (join.Room, join.Since!.Value, join.Epoch!)));
        rig.Told.Clear();
        rig.Receive(Page("a", joins[0].Id, 7, Messages("a", 5, 6), live: false));
        rig.Receive(Page("a", joins[0].Id, 7, Messages("a", 7, 7)));
        rig.Says("a", 8);
        Assert.Equal([5, 6, 7, 8], rig.SeqsTold);
    }

    [Fact]
    public async Task Should_ask_for_the_same_when_a_join_was_lost_on_its_way()
    {
        var rig = new SessionRig().Online();
        var join = rig.Join("a", history: 20);
        rig.Lose();
        rig.Drain();
        rig.ComeBack();
        var again = rig.Next<Request.Join>();
        Assert.Equal((null, 20), (again.Since, again.HistoryCount));
        rig.Receive(Page("a", again.Id, 30, Messages("a", 11, 20), live: false));
        rig.Lose();
        rig.ComeBack();
        again = rig.Next<Request.Join>();
        Assert.Equal((20L, "e1"), (again.Since, again.Epoch));
        rig.Receive(Page("a", again.Id, 30, Messages("a", 21, 30)));
        await join;
        Assert.Equal(Enumerable.Range(11, 20).Select(seq => (long)seq), rig.SeqsTold);
    }

    [Fact]
    public void Should_start_over_and_say_so_when_the_epoch_is_another()
    {
        var rig = new SessionRig().Online().In("a", last: 50);
        rig.Lose();
        rig.ComeBack();
        rig.Receive(Page("a", rig.Next<Request.Join>().Id, 3, Messages("a", 1, 3), gap: true, epoch: "e2"));
        rig.Says("a", 4);
        Assert.Equal([1, 2, 3, 4], rig.SeqsTold);
        var page = rig.Told.OfType<ClientEvent.Received>().Select(told => told.Event).OfType<ServerEvent.History>().Last();
        Assert.Equal((true, "e2"), (page.Gap, page.Epoch));
        rig.Lose();
        rig.ComeBack();
        Assert.Equal("e2", rig.Next<Request.Join>().Epoch);
    }

    [Fact]
    public void Should_go_on_behind_a_gap_when_all_that_was_missed_is_gone()
    {
        var rig = new SessionRig().Online().In("a", last: 5);
        rig.Lose();
        rig.ComeBack();
        rig.Receive(Page("a", rig.Next<Request.Join>().Id, 9, gap: true));
        rig.Says("a", 10);
        Assert.Equal([10], rig.SeqsTold);
        rig.SendsNothing();
    }

    [Fact]
    public void Should_ask_again_until_a_room_that_it_was_in_is_back()
    {
        var rig = new SessionRig().Online().In("a", last: 5);
        rig.Lose();
        rig.ComeBack();
        foreach (var wait in new[] { 0.25, 0.5, 1 })
        {
            rig.Refuse(rig.Next<Request.Join>().Id, ErrorCodes.StorageUnavailable);
            rig.Advance(wait - 0.01);
            rig.SendsNothing();
            rig.Advance(0.01);
        }
        rig.Receive(Page("a", rig.Next<Request.Join>().Id, 5));
        Assert.Equal(["a"], rig.Session.JoinedRooms);
    }

    [Fact]
    public async Task Should_say_that_a_room_is_lost_when_it_may_not_come_back()
    {
        var rig = new SessionRig().Online().In("a", last: 5);
        rig.Lose();
        var waiting = rig.Publish("a", "m");
        rig.ComeBack();
        rig.Told.Clear();
        rig.Refuse(rig.Next<Request.Join>().Id, ErrorCodes.TooManyRooms);
        Assert.IsType<ServerEvent.Error>(Assert.IsType<ClientEvent.Received>(rig.Told[0]).Event);
        Assert.Empty(rig.Session.JoinedRooms);
        rig.Refuse(rig.Next<Request.Publish>().Id, ErrorCodes.NotInRoom);
        await Assert.ThrowsAsync<ChatRefusedException>(() => waiting);
    }

    [Fact]
    public async Task Should_go_on_where_it_stands_when_it_joins_a_room_again()
    {
        var rig = new SessionRig().Online().In("a", last: 5);
        var again = rig.Join("a");
        var request = rig.Next<Request.Join>();
        Assert.Equal((5L, "e1"), (request.Since, request.Epoch));
        rig.Receive(Page("a", request.Id, 6, Messages("a", 6, 6)));
        Assert.Single((await again).Messages);

        var older = rig.Join("a", since: 2);
        request = rig.Next<Request.Join>();
        Assert.Equal(2, request.Since);
        Assert.Equal(["a"], rig.Session.JoinedRooms);
        rig.Receive(Page("a", request.Id, 6, Messages("a", 3, 6)));
        Assert.Equal(4, (await older).Messages.Count);
    }

    [Fact]
    public async Task Should_leave_after_what_was_published_and_join_after_the_leave()
    {
        var rig = new SessionRig().Online().In("a", last: 5);
        var published = rig.Publish("a", "m");
        var leave = rig.Leave("a");
        var join = rig.Join("a");
        var after = rig.Publish("a", "n");
        rig.Next<Request.Publish>();
        rig.SendsNothing();
        rig.Ack("a", "m", 6);
        await published;
        var request = rig.Next<Request.Leave>();
        rig.SendsNothing();
        Assert.Empty(rig.Session.JoinedRooms);
        rig.Says("a", 6, "ana", "m");
        rig.Receive(new ServerEvent.Left("a", "ana", 0, "ana left the room", null) { Id = request.Id });
        Assert.NotNull(await leave);
        var again = rig.Next<Request.Join>();
        Assert.Null(again.Since);
        rig.Receive(Page("a", again.Id, 6, Messages("a", 2, 6)));
        await join;
        Assert.Equal([6, 2, 3, 4, 5, 6], rig.SeqsTold);
        rig.Next<Request.Publish>();
        rig.Ack("a", "n", 7);
        await after;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Should_finish_a_leave_when_the_connection_falls(bool stillIn)
    {
        var rig = new SessionRig().Online().In("a");
        var leave = rig.Leave("a");
        rig.Next<Request.Leave>();
        rig.Lose();
        rig.ComeBack(resumed: true, stillIn ? ["a"] : []);
        if (stillIn)
            rig.Refuse(rig.Next<Request.Leave>().Id, ErrorCodes.NotInRoom);
        await leave;
        rig.SendsNothing();
        Assert.Empty(rig.Session.JoinedRooms);
    }

    [Fact]
    public async Task Should_fail_a_leave_of_a_room_that_one_is_not_in()
    {
        var rig = new SessionRig().Online();
        var leave = rig.Leave("a");
        rig.Refuse(rig.Next<Request.Leave>().Id, ErrorCodes.NotInRoom);
        Assert.Equal(ErrorCodes.NotInRoom, (await Assert.ThrowsAsync<ChatRefusedException>(() => leave)).Code);
    }

    [Fact]
    public async Task Should_try_a_leave_again_when_the_server_is_busy()
    {
        var rig = new SessionRig().Online().In("a");
        var leave = rig.Leave("a");
        rig.Refuse(rig.Next<Request.Leave>().Id, ErrorCodes.Busy, 1);
        rig.Advance(1);
        rig.Receive(new ServerEvent.Left("a", "ana", 0, "", null) { Id = rig.Next<Request.Leave>().Id });
        await leave;
    }

    [Fact]
    public void Should_stay_when_somebody_else_leaves_or_a_leave_is_of_before()
    {
        var rig = new SessionRig().Online().In("a");
        rig.Receive(new ServerEvent.Left("a", "bob", 1, "bob left the room", null));
        rig.Receive(new ServerEvent.Left("a", "ana", 1, "ana left the room", null));
        Assert.Equal(["a"], rig.Session.JoinedRooms);
    }

    [Fact]
    public void Should_not_send_what_was_cancelled_before()
    {
        var rig = new SessionRig().Online(new Limits { UnansweredRequests = 2, ReadRate = 0 });
        _ = rig.Read<ServerEvent.Rooms>(new Request.Rooms());
        var first = rig.Next<Request.Rooms>();
        var join = new Call<ServerEvent.History>(new Request.Join("a"));
        rig.Session.Join(join, rig.Now);
        var leave = new Call<ServerEvent.Left?>(new Request.Leave("b"));
        rig.Session.Leave(leave, rig.Now);
        var read = new Call<ServerEvent.Who>(new Request.Who("a"));
        rig.Session.Read(read, rig.Now);
        var publish = rig.PublishCall("c", "m");
        foreach (var call in new Call[] { leave, read, publish })
        {
            call.Cancel(new CancellationToken(true));
            rig.Forget(call);
        }
        rig.Receive(new ServerEvent.Rooms([], new Dictionary<string, int>()) { Id = first.Id });
        rig.Receive(Page("a", rig.Next<Request.Join>().Id, 0));
        rig.SendsNothing();
        Assert.Empty(rig.Session.Unacked);
    }

    private static byte[] Line(string start)
    {
        var before = Encoding.UTF8.GetBytes(start);
        return [.. before, .. Encoding.UTF8.GetBytes($",\"crc\":\"{Crc32C.Of(before):x8}\"}}")];
    }
}
