using Akka.Actor;
using Akka.TestKit;
using Chat.Actors;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Relays;

public sealed class RelaysActorSpecs : ActorSpecs
{
    private readonly TestProbe _rooms;
    private readonly TestProbe _connection;
    private readonly IActorRef _relays;
    private readonly Speaker _ana = Speaker("ana");

    public RelaysActorSpecs()
    {
        (_rooms, _connection) = (CreateTestProbe(), CreateTestProbe());
        _relays = Sys.ActorOf(RelaysActor.Props(new ChatOptions { Time = Time }, Opened(_rooms)), "relays");
    }

    private void Join(FakeClient client, RoomName room) =>
        _relays.Tell(new RelayCommands.Join(room, _ana, client.Outbox, new Request.Join(room.Value) { Id = "j" }), _connection.Ref);

    [Fact]
    public async Task Should_have_a_relay_for_each_room()
    {
        var client = new FakeClient(Time);
        Join(client, General);
        Join(client, Other);
        var relays = new Dictionary<RoomName, IActorRef>();
        for (var i = 0; i < 2; i++)
            relays.Add((await _rooms.ExpectMsgAsync<RoomCommands.Enter>()).Room, _rooms.LastSender);
        Assert.Equal([_relays.Path / "general", _relays.Path / "other"], new[] { relays[General].Path, relays[Other].Path });
        Join(client, General);
        await _rooms.ExpectMsgAsync<RoomCommands.Enter>();
        Assert.Equal(relays[General], _rooms.LastSender);
    }

    [Fact]
    public async Task Should_name_a_relay_after_its_room_when_the_rooms_name_is_no_path()
    {
        var room = RoomName.Parse("çå日本", out _)!.Value;
        Join(new FakeClient(Time), room);
        Assert.Equal(room, (await _rooms.ExpectMsgAsync<RoomCommands.Enter>()).Room);
        Assert.Equal(Uri.EscapeDataString(room.Value), _rooms.LastSender.Path.Name);
    }

    [Fact]
    public async Task Should_make_no_relay_when_there_is_none_to_tell()
    {
        // A relay without anything to do says so to its parent, and ends.
        var parent = new TestActorRef<RelaysActor>(Sys, RelaysActor.Props(new ChatOptions { Time = Time }, Opened(_rooms)));
        parent.Tell(new RelayCommands.Detach(General, _ana));
        parent.Tell(new RelayCommands.Drop(General, _ana));
        Assert.Empty(((ActorRefWithCell)parent.Ref).Children);
        parent.Tell(new RoomQueries.Who(General, "w"), _connection.Ref);
        Assert.Single(((ActorRefWithCell)parent.Ref).Children);
        await Answer();
    }

    private async Task Answer()
    {
        var who = await _rooms.ExpectMsgAsync<RoomQueries.Who>();
        _rooms.Reply(new RoomReplies.WhoIs(who.Room, who.Ticket, who.RequestId, [], 0));
        Assert.Equal(who.RequestId, (await _connection.ExpectMsgAsync<RoomReplies.WhoIs>()).RequestId);
    }

    [Fact]
    public async Task Should_ask_for_one_who_is_not_in_the_room_and_keep_no_relay()
    {
        for (var i = 0; i < 20; i++)
        {
            // Each finds the relay of before answered, idle, stopping or gone.
            _relays.Tell(new RoomQueries.Who(General, $"w{i}"), _connection.Ref);
            await Answer();
        }
        await AwaitAssertAsync(() => Assert.Empty(((ActorRefWithCell)_relays).Children));
    }

    [Fact]
    public async Task Should_answer_by_a_successor_when_a_relay_failed()
    {
        Join(new FakeClient(Time), General);
        await _rooms.ExpectMsgAsync<RoomCommands.Enter>();
        _rooms.Reply(new RoomReplies.Delivered(General, [], null!));
        await _connection.ExpectMsgAsync<RelayCommands.Failed>();
        // Either the one that failed says so, or its successor asks.
        _relays.Tell(new RoomQueries.Who(General, "w1"), _connection.Ref);
        await AwaitAssertAsync(() => Assert.True(_rooms.HasMessages || _connection.HasMessages));
        _relays.Tell(new RoomQueries.Who(General, "w2"), _connection.Ref);
        await _rooms.FishForMessageAsync<RoomQueries.Who>(who => who.RequestId == "w2");
    }

    [Fact]
    public async Task Should_ask_behind_what_was_said_before_when_there_is_a_relay()
    {
        var client = new FakeClient(Time);
        Join(client, General);
        _relays.Tell(new RelayCommands.Publish(General, _ana, client.Outbox, "m1", "hello"));
        _relays.Tell(new RoomQueries.Who(General, "w"), _connection.Ref);
        _relays.Tell(new RoomQueries.History(General, "h", null, null, 5), _connection.Ref);
        await _rooms.ExpectMsgAsync<RoomCommands.Enter>();
        await _rooms.ExpectMsgAsync<RoomCommands.Post>();
        await _rooms.ExpectMsgAsync<RoomQueries.Who>();
        await _rooms.ExpectMsgAsync<RoomQueries.History>();
    }

    [Fact]
    public async Task Should_let_a_relay_stop_and_make_another_when_nobody_is_in_and_somebody_comes_again()
    {
        var client = new FakeClient(Time);
        for (var i = 0; i < 20; i++)
        {
            // Each join finds the relay of before idle, being let stop, stopping or gone.
            Join(client, General);
            var enter = await _rooms.ExpectMsgAsync<RoomCommands.Enter>();
            var relay = _rooms.LastSender;
            relay.Tell(new RoomReplies.Entered(General, enter.Ticket, "epoch-1", 1, 0, 1), _rooms.Ref);
            var read = await _rooms.ExpectMsgAsync<RoomCommands.ReadPage>();
            relay.Tell(new RoomReplies.PageRead(General, read.Ticket, "epoch-1", read.From, new Chat.Actors.History.LogPage(1, 0, [], [], 1), 0), _rooms.Ref);
            Assert.True((await client.Expect<ServerEvent.History>()).Live);
            _relays.Tell(new RelayCommands.Leave(General, _ana, client.Outbox, "l"));
            var leave = await _rooms.ExpectMsgAsync<RoomCommands.Leave>();
            relay.Tell(new RoomReplies.LeftRoom(General, leave.Ticket, "ana", 0, default), _rooms.Ref);
            await client.Expect<ServerEvent.Left>();
        }
        await AwaitAssertAsync(() => Assert.Empty(((ActorRefWithCell)_relays).Children));
    }
}
