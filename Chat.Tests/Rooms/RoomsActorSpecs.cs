using Akka.Actor;
using Akka.TestKit;
using Chat.Actors;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class RoomsActorSpecs : ActorSpecs
{
    private static readonly RoomName Old = RoomName.Trusted("old");

    private readonly MemoryStore _store = new();
    private readonly TestProbe _relay;
    private readonly TestProbe _asker;
    private readonly Speaker _ana = Speaker("ana", 1);
    private readonly Speaker _bob = Speaker("bob", 2);
    private ChatOptions _options;
    private IActorRef _rooms = ActorRefs.Nobody;

    public RoomsActorSpecs()
    {
        _options = new ChatOptions { Time = Time };
        (_relay, _asker) = (CreateTestProbe(), CreateTestProbe());
        _relay.IgnoreMessages(message => message is RoomReplies.Opening or RoomReplies.Notice);
    }

    // The rooms that have a log are known when they are listed: so there always is one.
    private async Task Start()
    {
        _store.Room(Old).Fill(1, Time.Now);
        _rooms = Sys.ActorOf(RoomsActor.Props(_options, _store, ActorRefs.Nobody), "rooms");
        await AwaitAssertAsync(async () =>
        {
            Time.Advance(_options.RoomsPictureAge * 2);
            Assert.Equal(_store.Rooms().Select(room => room.Value), (await List()).Names.Order());
        });
    }

    private async Task<RoomReplies.RoomsListed> List()
    {
        _rooms.Tell(new RoomQueries.List("r", true), _asker.Ref);
        return await _asker.ExpectMsgAsync<RoomReplies.RoomsListed>();
    }

    private async Task<RoomReplies.Entered> Enter(RoomName room, Speaker? who = null)
    {
        _rooms.Tell(new RoomCommands.Enter(room, who ?? _ana, 1), _relay.Ref);
        return await _relay.ExpectMsgAsync<RoomReplies.Entered>();
    }

    private async Task Leave(RoomName room, Speaker? who = null)
    {
        _rooms.Tell(new RoomCommands.Leave(room, who ?? _ana, 1), _relay.Ref);
        await _relay.ExpectMsgAsync<RoomReplies.LeftRoom>();
        // Its time to be idle runs when it answers this.
        await Asked<RoomReplies.WhoIs>(_rooms, new RoomQueries.Who(room, null));
    }

    private IEnumerable<string> Children => ((ActorRefWithCell)_rooms).Children.Select(child => child.Path.Name);

    [Fact]
    public async Task Should_make_a_room_when_it_is_entered_and_no_other()
    {
        await Start();
        await Enter(General);
        await Enter(Other);
        await Enter(General, _bob);
        Assert.Equal(["general", "other"], Children.Order());
    }

    [Fact]
    public async Task Should_say_that_a_room_is_empty_without_making_it_when_it_never_was()
    {
        await Start();
        var who = await Asked<RoomReplies.WhoIs>(_rooms, new RoomQueries.Who(General, "w"));
        Assert.Equal(("w", 0, 0), (who.RequestId, who.Members.Count, who.Online));
        var history = await Asked<RoomReplies.HistoryRead>(_rooms, new RoomQueries.History(General, "h", null, null, 5));
        Assert.Equal(("h", 0, 0L, false), (history.RequestId, history.Entries.Count, history.Page.Last, history.Page.Gap));
        Assert.Empty(Children);
        Assert.Equal(["old"], (await List()).Names);
    }

    [Fact]
    public async Task Should_read_the_log_of_a_room_when_nobody_is_in()
    {
        _store.Room(General).Fill(3, Time.Now);
        await Start();
        Assert.Equal(3, (await Asked<RoomReplies.HistoryRead>(_rooms, new RoomQueries.History(General, "h", null, null, 5))).Entries.Count);
    }

    [Fact]
    public async Task Should_list_the_most_populated_rooms_first_and_those_with_a_log_too()
    {
        await Start();
        await Enter(General);
        await Enter(Other);
        await Enter(Other, _bob);
        Time.Advance(_options.RoomsPictureAge * 2);
        var listed = await List();
        Assert.Equal(["other", "general", "old"], listed.Names);
        Assert.Equal((2, 1, 0), (listed.Online["other"], listed.Online["general"], listed.Online["old"]));
        Assert.Equal(("r", true), (listed.RequestId, listed.IsAnswer));
    }

    [Fact]
    public async Task Should_show_a_picture_of_before_when_it_is_not_too_old()
    {
        await Start();
        await List();
        await Enter(General);
        Time.Advance(_options.RoomsPictureAge);
        Assert.Equal(["old"], (await List()).Names);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["general", "old"], (await List()).Names);
    }

    [Fact]
    public async Task Should_list_at_most_so_many_rooms()
    {
        for (var i = 0; i < Limits.RoomNames + 10; i++)
            _store.Room(RoomName.Trusted($"room{i:000}")).Fill(1, Time.Now);
        _rooms = Sys.ActorOf(RoomsActor.Props(_options, _store, ActorRefs.Nobody));
        await AwaitAssertAsync(async () =>
        {
            Time.Advance(_options.RoomsPictureAge * 2);
            Assert.Equal(Limits.RoomNames, (await List()).Names.Count);
        });
    }

    [Fact]
    public async Task Should_forget_a_room_when_it_is_empty_and_nothing_was_ever_said_in_it()
    {
        await Start();
        await Enter(General);
        await Leave(General);
        Time.Advance(_options.RoomsPictureAge * 2);
        Assert.Equal(["old"], (await List()).Names);
    }

    [Fact]
    public async Task Should_refuse_a_new_room_but_not_an_old_one_when_there_are_as_many_as_may_be()
    {
        _options = _options with { MaxRooms = 2 };
        await Start();
        await Enter(General);
        _rooms.Tell(new RoomCommands.Enter(Other, _ana, 5), _relay.Ref);
        var refused = await _relay.ExpectMsgAsync<RoomReplies.Refused>();
        Assert.Equal((5L, ErrorCodes.TooManyRooms, "other"), (refused.Ticket, refused.Error.Code, refused.Error.Room));
        await Enter(Old);
        await Leave(General);
        await Enter(Other);
    }

    [Fact]
    public async Task Should_refuse_a_new_room_but_not_an_old_one_when_the_user_has_made_as_many_as_one_may()
    {
        _options = _options with { MaxRoomsPerUser = 1 };
        await Start();
        await Enter(General);
        Assert.Equal(ErrorCodes.TooManyRooms, (await RefusedEntry(_ana)).Code);
        await Enter(Old);
        // Another user makes it, and one whose room is gone may make one again.
        await Leave(General);
        await AwaitAssertAsync(async () => Assert.DoesNotContain("general", (await List()).Names));
        await AwaitAssertAsync(() =>
        {
            Advance(_options.RoomIdle);
            Assert.DoesNotContain(((ActorRefWithCell)_rooms).Children, room => room.Path.Name == "general");
        });
        await Enter(Other);
    }

    [Fact]
    public async Task Should_refuse_new_rooms_for_a_while_when_a_user_makes_them_too_fast()
    {
        _options = _options with { CreateRate = 1, CreateBurst = 1 };
        await Start();
        await Enter(General);
        var error = await RefusedEntry(_ana);
        Assert.Equal((ErrorCodes.RateLimited, TimeSpan.FromSeconds(1)), (error.Code, error.RetryAfter));
        await Enter(Old);
        Advance(TimeSpan.FromSeconds(1));
        await Enter(Other);
    }

    [Fact]
    public async Task Should_refuse_a_new_room_when_those_that_are_being_made_are_as_many_as_may_be()
    {
        _options = _options with { MaxRooms = 3 };
        await Start();
        for (var i = 0; i < 10; i++)
            _rooms.Tell(new RoomCommands.Enter(RoomName.Trusted($"new{i}"), _ana, 5), _relay.Ref);
        var answers = new List<object>();
        while (answers.Count < 10)
        {
            if (await _relay.ReceiveOneAsync(TimeSpan.FromSeconds(30)) is var answer and (RoomReplies.Entered or RoomReplies.Refused))
                answers.Add(answer);
        }
        // One there was before.
        Assert.Equal(2, answers.OfType<RoomReplies.Entered>().Count());
    }

    [Fact]
    public async Task Should_refuse_new_rooms_when_many_users_of_one_address_make_more_than_it_may()
    {
        _options = _options with { MaxRoomsPerUser = 1, AddressFactor = 2 };
        await Start();
        foreach (var name in (string[])["ana", "bob"])
            Assert.Null((await Made(name, "192.0.2.1")).Error);
        Assert.Equal(ErrorCodes.TooManyRooms, (await Made("eve", "192.0.2.1")).Error?.Code);
        Assert.Null((await Made("eve", "192.0.2.2")).Error);
        // One without limits.
        foreach (var name in (string[])["fay", "gil", "hal"])
            Assert.Null((await Made(name, null)).Error);
    }

    [Fact]
    public async Task Should_refuse_new_rooms_for_a_while_when_many_users_of_one_address_make_them_too_fast()
    {
        _options = _options with { CreateRate = 1, CreateBurst = 1, AddressFactor = 2 };
        await Start();
        Assert.Null((await Made("ana", "192.0.2.1")).Error);
        Assert.Null((await Made("bob", "192.0.2.1")).Error);
        var error = (await Made("eve", "192.0.2.1")).Error;
        Assert.Equal((ErrorCodes.RateLimited, TimeSpan.FromSeconds(0.5)), (error?.Code, error?.RetryAfter));
    }

    // Enters a new room.
    private async Task<(ServerEvent.Error? Error, RoomName Room)> Made(string user, string? from)
    {
        var room = RoomName.Trusted($"of-{user}");
        _rooms.Tell(new RoomCommands.Enter(room, Speaker(user, user[0]), 6, from), _relay.Ref);
        var answer = await _relay.FishForMessageAsync(message => message is RoomReplies.Entered { Ticket: 6 } or RoomReplies.Refused { Ticket: 6 });
        return ((answer as RoomReplies.Refused)?.Error, room);
    }

    private async Task<ServerEvent.Error> RefusedEntry(Speaker who)
    {
        _rooms.Tell(new RoomCommands.Enter(Other, who, 5), _relay.Ref);
        return (await _relay.ExpectMsgAsync<RoomReplies.Refused>(refused => refused.Ticket == 5)).Error;
    }

    [Fact]
    public async Task Should_serve_all_else_when_the_logs_can_not_be_listed()
    {
        _store.Room(General).Fill(3, Time.Now);
        _store.Faults.Fail(StorageCall.Rooms);
        await EventFilter.Error(contains: "can't be listed").ExpectOneAsync(() =>
        {
            _rooms = Sys.ActorOf(RoomsActor.Props(_options, _store, ActorRefs.Nobody));
            return Task.CompletedTask;
        });
        Assert.Equal(3, (await Asked<RoomReplies.HistoryRead>(_rooms, new RoomQueries.History(General, "h", null, null, 5))).Entries.Count);
        Assert.Equal(3, (await Enter(General)).Last);
    }

    [Fact]
    public async Task Should_let_a_room_stop_when_it_stayed_empty_and_bring_it_back_from_its_log()
    {
        await Start();
        await Enter(General);
        _rooms.Tell(new RoomCommands.Post(General, _ana, "m1", "hello", 2), _relay.Ref);
        await _relay.ExpectMsgAsync<RoomReplies.Delivered>();
        await Leave(General);
        Advance(_options.RoomIdle);
        await AwaitAssertAsync(() => Assert.Empty(Children));
        var entered = await Enter(General);
        Assert.Equal((1L, 1), (entered.Last, entered.Online));
        Assert.Equal(2, _store.Faults.Calls(StorageCall.Open));
    }

    [Fact]
    public async Task Should_lose_nothing_when_somebody_comes_while_a_room_is_being_let_stop()
    {
        await Start();
        for (var i = 1; i <= 20; i++)
        {
            await Enter(General);
            _rooms.Tell(new RoomCommands.Post(General, _ana, $"m{i}", "hello", 2), _relay.Ref);
            Assert.Equal(i, Assert.Single((await _relay.ExpectMsgAsync<RoomReplies.Delivered>()).Acks).Seq);
            await Leave(General);
            // The next one finds it there, being let stop, stopping or gone.
            Advance(_options.RoomIdle);
        }
    }

    [Fact]
    public async Task Should_put_another_in_its_place_when_a_room_fails()
    {
        await Start();
        await Enter(General);
        _store.Faults.Fail(StorageCall.Append, with: new InvalidOperationException("A fault of the program."));
        var room = ((ActorRefWithCell)_rooms).GetSingleChild("general");
        _asker.Watch(room);
        _rooms.Tell(new RoomCommands.Post(General, _ana, "m1", "deadly", 2), _relay.Ref);
        await _asker.ExpectTerminatedAsync(room);

        _rooms.Tell(new RoomCommands.Attach(General, [_ana]), _relay.Ref);
        await _relay.ExpectMsgAsync<RoomReplies.Attached>();
        _rooms.Tell(new RoomCommands.Post(General, _ana, "m1", "not deadly", 3), _relay.Ref);
        Assert.Equal(3, Assert.Single((await _relay.ExpectMsgAsync<RoomReplies.Delivered>()).Acks).Ticket);
    }

    [Fact]
    public async Task Should_answer_a_flush_when_every_room_has_stored_what_waited()
    {
        await Start();
        await Enter(General);
        await Enter(Other);
        var append = _store.Faults.Hold(StorageCall.Append);
        _rooms.Tell(new RoomCommands.Post(General, _ana, "m1", "hello", 2), _relay.Ref);
        await append.Reached;
        _rooms.Tell(ChildReports.Flush.Instance, _asker.Ref);
        await Asked<RoomReplies.WhoIs>(_rooms, new RoomQueries.Who(Other, null));
        Assert.False(_asker.HasMessages);
        append.Release();
        await _asker.ExpectMsgAsync<ChildReports.Flushed>();
        Assert.Equal(1, _store.Room(General).Last);
    }

    [Fact]
    public async Task Should_have_every_room_in_memory_trimmed_when_it_is_asked_to()
    {
        foreach (var room in (RoomName[])[General, Other, Old])
            _store.Room(room).Fill(9, Time.Now);
        await Start();
        await Enter(General);
        await Enter(Other);
        foreach (var room in (RoomName[])[General, Other, Old])
            _store.Room(room).TrimTo = 5;
        _rooms.Tell(ChildReports.Trim.Instance);
        await AwaitAssertAsync(() => Assert.Equal((5, 5), (_store.Room(General).First, _store.Room(Other).First)));
        Assert.Equal(1, _store.Room(Old).First);
        Assert.Equal(["general", "other"], Children.Order());
    }

    [Fact]
    public async Task Should_answer_a_flush_at_once_when_there_is_no_room()
    {
        await Start();
        _rooms.Tell(ChildReports.Flush.Instance, _asker.Ref);
        await _asker.ExpectMsgAsync<ChildReports.Flushed>();
    }

    [Fact]
    public async Task Should_make_the_room_that_a_guest_speaks_in_within_the_limits_of_makers()
    {
        _options = _options with { MaxRooms = 2 };
        await Start();
        _rooms.Tell(new RoomCommands.Post(General, _ana, "m1", "hello", 1, IsGuest: true), _relay.Ref);
        Assert.Single((await _relay.ExpectMsgAsync<RoomReplies.Delivered>()).Acks);
        _rooms.Tell(new RoomCommands.Post(Other, _ana, "m2", "hello", 2, IsGuest: true), _relay.Ref);
        Assert.Equal(ErrorCodes.TooManyRooms, (await _relay.ExpectMsgAsync<RoomReplies.Refused>()).Error.Code);
        Time.Advance(_options.RoomsPictureAge * 2);
        Assert.Equal(["general", "old"], (await List()).Names.Order());
    }

    [Fact]
    public async Task Should_not_count_a_room_that_is_only_followed_nor_let_it_in_uncounted()
    {
        _options = _options with { MaxRooms = 2 };
        await Start();
        var follow = new RoomQueries.History(General, null, null, 0, 100, Waits: true);
        _asker.IgnoreMessages(message => message is RoomReplies.Opening);
        _rooms.Tell(follow, _asker.Ref);
        _rooms.Tell(follow with { Room = Other }, _asker.Ref);
        await AwaitAssertAsync(() => Assert.Equal(["general", "other"], Children.Order()));
        Time.Advance(_options.RoomsPictureAge * 2);
        Assert.Equal(["old"], (await List()).Names);
        await Enter(General);
        _rooms.Tell(new RoomCommands.Enter(Other, _ana, 5), _relay.Ref);
        Assert.Equal(ErrorCodes.TooManyRooms, (await _relay.ExpectMsgAsync<RoomReplies.Refused>()).Error.Code);
    }

    [Fact]
    public async Task Should_say_how_many_logs_fail_as_long_as_they_do()
    {
        await Start();
        Assert.Equal(new RoomReplies.StorageIs(0, true), await Asked<RoomReplies.StorageIs>(_rooms, RoomQueries.Storage.Instance));
        _rooms.Tell(new ChildReports.Storage(General, IsFailing: true));
        Assert.Equal(1, (await Asked<RoomReplies.StorageIs>(_rooms, RoomQueries.Storage.Instance)).Failing);
        _rooms.Tell(new ChildReports.Storage(General, IsFailing: false));
        Assert.Equal(0, (await Asked<RoomReplies.StorageIs>(_rooms, RoomQueries.Storage.Instance)).Failing);
    }

    [Fact]
    public async Task Should_count_a_room_once_when_it_is_made_anew_while_somebody_follows_it()
    {
        _options = _options with { MaxRoomsPerUser = 1 };
        await Start();
        _asker.IgnoreMessages(message => message is RoomReplies.Opening);
        for (var i = 0; i < 3; i++)
        {
            await Enter(General);
            _rooms.Tell(new RoomQueries.History(General, null, null, 0, 100, Waits: true), _asker.Ref);
            await Leave(General);
        }
        await Enter(General);
        _rooms.Tell(new RoomCommands.Enter(Other, _ana, 5), _relay.Ref);
        Assert.Equal(ErrorCodes.TooManyRooms, (await _relay.ExpectMsgAsync<RoomReplies.Refused>()).Error.Code);
    }
}
