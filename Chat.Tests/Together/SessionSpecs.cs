using Akka.Actor;
using Chat.Actors.Connections;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Together;

public sealed class SessionSpecs : ChatSpecs
{
    [Fact]
    public async Task Should_miss_nothing_and_show_nobody_a_leave_when_a_lost_connection_is_taken_up_in_time()
    {
        Start();
        var bob = await Member("bob");
        var (ana, welcome) = await Login("ana");
        ana.Send(new Request.Join("general"));
        await ana.Fish<ServerEvent.History>();
        await Publish(bob, "one");
        await ana.Fish<ServerEvent.Message>();
        await Lose(ana, "ana");
        await Publish(bob, "two");
        Advance(Options.Limits.Grace / 2);
        await Publish(bob, "three");
        Assert.Equal(["ana", "bob"], await MembersOf(General));

        var (again, resumed) = await Login("ana", welcome.Session);
        Assert.True(resumed.Resumed);
        Assert.Equal(["general"], resumed.JoinedRooms);
        await Publish(bob, "four");
        Assert.Empty(await again.UntilPong());
        again.Send(new Request.Join("general", 1) { Id = "j" });
        var history = await again.Expect<ServerEvent.History>();
        Assert.Equal(["two", "three", "four"], history.Messages.Select(message => message.Text));
        Advance(Options.Limits.Grace * 2);
        await Publish(bob, "five");
        Assert.Equal("five", (await again.Expect<ServerEvent.Message>()).Text);
        Assert.DoesNotContain(bob.Writer.Frames, frame => frame is ServerEvent.Left);
        Assert.Single(bob.Writer.Frames.OfType<ServerEvent.Joined>());
    }

    [Fact]
    public async Task Should_leave_every_room_and_free_the_name_when_a_lost_connection_is_not_taken_up()
    {
        Start();
        var bob = await Member("bob");
        var ana = await Member("ana");
        await Lose(ana, "ana");
        Advance(Options.Limits.Grace);
        Assert.Equal("ana left the room", (await bob.Fish<ServerEvent.Left>()).Sentence);
        Assert.Equal(["bob"], await MembersOf(General));
        var (_, welcome) = await Login("ana");
        Assert.False(welcome.Resumed);
    }

    [Fact]
    public async Task Should_leave_a_room_when_it_was_not_joined_again_in_time_after_a_resume()
    {
        Start();
        var bob = await Member("bob");
        var (ana, welcome) = await Login("ana");
        ana.Send(new Request.Join("general"), new Request.Join("other"));
        await ana.Fish<ServerEvent.History>(history => history.Room == "other" && history.Live);
        await Lose(ana, "ana");
        var (again, _) = await Login("ana", welcome.Session);
        again.Send(new Request.Join("other"));
        await again.Fish<ServerEvent.History>();
        Advance(Options.Limits.Grace);
        await bob.Fish<ServerEvent.Left>();
        Assert.Equal(["ana"], await MembersOf(Other));
        again.Send(new Request.Publish("general", "hello"));
        Assert.Equal(ErrorCodes.NotInRoom, (await again.Fish<ServerEvent.Error>()).Code);
    }

    [Fact]
    public async Task Should_close_the_older_connection_and_heed_it_no_more_when_the_session_is_resumed_beside_it()
    {
        Start();
        var bob = await Member("bob");
        var (old, welcome) = await Login("ana");
        old.Send(new Request.Join("general"));
        await old.Fish<ServerEvent.History>();
        var (ana, _) = await Login("ana", welcome.Session);
        ana.Send(new Request.Join("general"));
        await ana.Fish<ServerEvent.History>();
        Assert.Equal(CloseCodes.Replaced, (await old.Fish<OtherFrame.Closed>()).Code);

        old.Send(new Request.Publish("general", "late"), new Request.Leave("general"), new Request.Logout());
        old.Connection.Tell(new ConnectionInputs.Closed(CloseCodes.Normal));
        await Publish(ana, "hello");
        Assert.Equal("hello", (await bob.Fish<ServerEvent.Message>()).Text);
        Advance(Options.Limits.Grace * 2);
        Assert.Equal(["ana", "bob"], await MembersOf(General));
        await Publish(ana, "still here");
        Assert.DoesNotContain(bob.Writer.Frames, frame => frame is ServerEvent.Left);
    }

    [Fact]
    public async Task Should_close_the_older_connection_and_keep_the_newer_when_the_older_ones_login_comes_last()
    {
        Start();
        var bob = await Member("bob");
        var (first, welcome) = await Login("ana");
        first.Send(new Request.Join("general"));
        await first.Fish<ServerEvent.History>();
        await Lose(first, "ana");
        var older = await Connect();
        var (ana, _) = await Login("ana", welcome.Session);
        ana.Send(new Request.Join("general"));
        await ana.Fish<ServerEvent.History>();

        older.Send(new Request.Login("ana", welcome.Session), new Request.Join("general"), new Request.Leave("general"));
        Assert.Equal(CloseCodes.Replaced, (await older.Expect<OtherFrame.Closed>()).Code);
        await Publish(ana, "hello");
        Assert.Equal("hello", (await bob.Fish<ServerEvent.Message>()).Text);
        Assert.DoesNotContain(bob.Writer.Frames, frame => frame is ServerEvent.Left);
        Assert.DoesNotContain(ana.Writer.Frames, frame => frame is OtherFrame.Closed);
    }

    [Fact]
    public async Task Should_free_the_name_at_once_and_tell_its_rooms_when_one_logs_out()
    {
        Start();
        var bob = await Member("bob");
        var ana = await Member("ana");
        ana.Send(new Request.Logout());
        Assert.Equal(CloseCodes.Normal, (await ana.Fish<OtherFrame.Closed>()).Code);
        Assert.Equal("ana", (await bob.Fish<ServerEvent.Left>()).User);
        // Another of the name is somebody else, whatever the first still has under way.
        await Member("ana");
        Assert.Equal("ana", (await bob.Fish<ServerEvent.Joined>(joined => joined.Online == 2)).User);
        Assert.Equal(["ana", "bob"], await MembersOf(General));
    }

    [Fact]
    public async Task Should_refuse_a_name_when_it_is_taken_and_another_ones_session()
    {
        Start();
        var (_, welcome) = await Login("ana");
        var eve = await Connect();
        eve.Send(new Request.Login("Ana") { Id = "a" }, new Request.Login("eve", welcome.Session) { Id = "b" }, new Request.Login("eve") { Id = "c" });
        var taken = await eve.Expect<ServerEvent.Error>();
        Assert.Equal(("a", ErrorCodes.NameTaken, null), (taken.Id, taken.Code, taken.RetryAfter));
        Assert.Equal(ErrorCodes.BadSession, (await eve.Expect<ServerEvent.Error>()).Code);
        Assert.Equal("c", (await eve.Expect<ServerEvent.Welcome>()).Id);
    }

    [Fact]
    public async Task Should_have_no_grace_period_and_one_room_at_a_time_when_an_original_client_comes()
    {
        Start();
        var bob = await Member("bob");
        var (ana, _) = await Login("ana", isOriginal: true);
        ana.Send(new Request.Join("general"));
        Assert.Equal("ana joined the room", (await bob.Fish<ServerEvent.Joined>()).Sentence);
        await ana.Expect<ServerEvent.History>();
        await ana.Expect<ServerEvent.Rooms>();
        ana.Send(new Request.Join("other"));
        Assert.Equal("ana left the room", (await bob.Fish<ServerEvent.Left>()).Sentence);
        await ana.Expect<ServerEvent.History>();
        await ana.Expect<ServerEvent.Rooms>();
        Assert.Equal(["ana"], await MembersOf(Other));

        ana.Connection.Tell(new ConnectionInputs.Closed(null));
        await AwaitAssertAsync(async () => Assert.Empty(await MembersOf(Other)));
        await Login("ana");
    }

    [Fact]
    public async Task Should_come_back_to_a_room_when_an_original_client_goes_to_and_fro_without_waiting()
    {
        Start();
        var (ana, _) = await Login("ana", isOriginal: true);
        ana.Send(
            new Request.Join("general") { Id = "1" }, new Request.Join("other") { Id = "2" }, new Request.Join("general") { Id = "3" },
            new Request.Publish("general", "hello") { Id = "m1" });
        await ana.Fish<ServerEvent.Ack>();
        await AwaitAssertAsync(async () => Assert.Empty(await MembersOf(Other)));
        Assert.Equal(["ana"], await MembersOf(General));
        // In the page that answers the last join, or behind it.
        await AwaitAssertAsync(() => Assert.Single(
            ana.Writer.Frames.OfType<ServerEvent.Message>().Concat(ana.Writer.Frames.OfType<ServerEvent.History>().SelectMany(page => page.Messages)),
            message => message.Text == "hello"));
    }
}
