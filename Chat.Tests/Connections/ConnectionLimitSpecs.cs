using Akka.Actor;
using Chat.Actors.Connections;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Connections;

public sealed class ConnectionLimitSpecs : ConnectionSpecs
{
    private void SendMalformed(int count)
    {
        for (var i = 0; i < count; i++)
            Client.Connection.Tell(new ConnectionInputs.Malformed(new ServerEvent.Error(ErrorCodes.BadJson, "Send JSON.")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Should_close_when_too_many_malformed_frames_come(bool named)
    {
        await (named ? StartNamed() : Start());
        SendMalformed(Options.MaxMalformed - 1);
        Assert.Equal(Options.MaxMalformed - 1, (await Client.UntilPong()).Count);
        SendMalformed(1);
        Assert.Equal(CloseCodes.Policy, await ExpectClosed());
        // Each was answered, the last as well.
        Assert.Equal(Options.MaxMalformed, Client.Writer.Frames.Count(frame => frame is ServerEvent.Error));
    }

    [Fact]
    public async Task Should_stay_when_malformed_frames_come_slowly()
    {
        await StartNamed();
        for (var i = 0; i < 4; i++)
        {
            SendMalformed(Options.MaxMalformed / 2);
            await Client.UntilPong();
            Advance(Options.MalformedWithin + TimeSpan.FromMilliseconds(1));
        }
        SendMalformed(Options.MaxMalformed / 2);
        Assert.Equal(Options.MaxMalformed / 2, (await Client.UntilPong()).Count);
    }

    [Fact]
    public async Task Should_refuse_logins_for_a_while_when_they_come_too_fast()
    {
        Options = Options with { LoginBurst = 2, LoginRate = 1 };
        await Start();
        for (var i = 0; i < 2; i++)
        {
            Client.Send(new Request.Login("ana"));
            await Users.ExpectMsgAsync<UserCommands.Login>();
            Users.Reply(new LoginOutcome.Refused(ErrorCodes.NameTaken, "taken"));
            await Client.Expect<ServerEvent.Error>();
        }
        var error = await Refused(new Request.Login("ana"));
        Assert.Equal((ErrorCodes.RateLimited, TimeSpan.FromSeconds(1)), (error.Code, error.RetryAfter));
        Assert.False(Users.HasMessages);
        Advance(TimeSpan.FromSeconds(1));
        Client.Send(new Request.Login("ana"));
        await Users.ExpectMsgAsync<UserCommands.Login>();
    }

    [Fact]
    public async Task Should_refuse_what_other_connections_of_the_address_have_used_up()
    {
        Options = Options with
        {
            AddressFactor = 2,
            LoginBurst = 1,
            LoginRate = 1,
            JoinBurst = 1,
            JoinRate = 1,
            Limits = Options.Limits with { PublishRate = 1, PublishBurst = 1 },
        };
        Address = new AddressBudget("192.0.2.1", Options);
        await StartNamed();
        Client.Send(new Request.Join("general"));
        await Relays.ExpectMsgAsync<RelayCommands.Join>();
        // The others do what is left of it.
        foreach (var act in new[] { AddressAct.Login, AddressAct.Join, AddressAct.Publish, AddressAct.Publish })
            Assert.Null(Address.TryTake(act));
        Advance(TimeSpan.FromMilliseconds(100));
        foreach (var act in new[] { AddressAct.Login, AddressAct.Join, AddressAct.Publish })
            Assert.Equal(TimeSpan.FromMilliseconds(400), Address.TryTake(act));
        var error = await Refused(new Request.Publish("general", "hello") { Id = "p" });
        Assert.Equal((ErrorCodes.RateLimited, TimeSpan.FromMilliseconds(400)), (error.Code, error.RetryAfter));
        Assert.Contains("address", error.Sentence);
        Advance(TimeSpan.FromSeconds(1));
        Client.Send(new Request.Publish("general", "hello") { Id = "p" });
        await Relays.ExpectMsgAsync<RelayCommands.Publish>();
    }

    [Fact]
    public async Task Should_wait_for_a_login_for_ever_when_there_is_no_limit()
    {
        Options = Options with { LoginTime = TimeSpan.Zero };
        await Start();
        Advance(TimeSpan.FromDays(1));
        Assert.Empty(await Client.UntilPong());
    }

    [Fact]
    public async Task Should_refuse_joins_for_a_while_when_they_come_too_fast()
    {
        Options = Options with { JoinBurst = 3, JoinRate = 10 };
        await StartNamed();
        for (var i = 0; i < 3; i++)
            Client.Send(new Request.Join("general"));
        var error = await Refused(new Request.Join("general"));
        Assert.Equal((ErrorCodes.RateLimited, "general", TimeSpan.FromMilliseconds(100)), (error.Code, error.Room, error.RetryAfter));
        for (var i = 0; i < 3; i++)
            await Relays.ExpectMsgAsync<RelayCommands.Join>();
        Advance(error.RetryAfter!.Value);
        Client.Send(new Request.Join("general"));
        await Relays.ExpectMsgAsync<RelayCommands.Join>();
    }

    [Fact]
    public async Task Should_refuse_publishes_for_a_while_when_they_come_too_fast()
    {
        Options = Options with { Limits = new Limits { PublishBurst = 3, PublishRate = 10 } };
        await StartNamed();
        await JoinedRoom("general");
        for (var i = 0; i < 3; i++)
            Client.Send(new Request.Publish("general", "hello"));
        var error = await Refused(new Request.Publish("general", "hello"));
        Assert.Equal((ErrorCodes.RateLimited, "general", TimeSpan.FromMilliseconds(100)), (error.Code, error.Room, error.RetryAfter));
        for (var i = 0; i < 3; i++)
            await Relays.ExpectMsgAsync<RelayCommands.Publish>();
        Advance(error.RetryAfter!.Value);
        Client.Send(new Request.Publish("general", "hello"));
        await Relays.ExpectMsgAsync<RelayCommands.Publish>();
    }

    [Fact]
    public async Task Should_spend_nothing_on_a_publish_when_it_is_refused_for_its_text()
    {
        Options = Options with { Limits = new Limits { PublishBurst = 1, PublishRate = 1 } };
        await StartNamed();
        await JoinedRoom("general");
        await Refused(new Request.Publish("general", " "));
        Client.Send(new Request.Publish("general", "hello"));
        await Relays.ExpectMsgAsync<RelayCommands.Publish>();
    }

    [Fact]
    public async Task Should_refuse_reads_of_all_kinds_for_a_while_when_they_come_too_fast()
    {
        Options = Options with { Limits = new Limits { ReadRate = 3 } };
        await StartNamed();
        Client.Send(new Request.Who("general"), new Request.History("general"), new Request.Rooms());
        foreach (var request in new Request[] { new Request.Who("general"), new Request.History("general"), new Request.Rooms() })
        {
            var error = await Refused(request);
            Assert.Equal(ErrorCodes.RateLimited, error.Code);
            Assert.InRange(error.RetryAfter!.Value, TimeSpan.FromMilliseconds(333), TimeSpan.FromMilliseconds(334));
        }
        await Rooms.ExpectMsgAsync<RoomQueries.List>();
        Advance(TimeSpan.FromSeconds(1));
        Client.Send(new Request.Rooms());
        await Rooms.ExpectMsgAsync<RoomQueries.List>();
    }

    [Fact]
    public async Task Should_have_no_limit_when_the_rates_are_0()
    {
        Options = Options with { Limits = new Limits { PublishRate = 0, ReadRate = 0 } };
        await StartNamed();
        await JoinedRoom("general");
        for (var i = 0; i < 200; i++)
            Client.Send(new Request.Publish("general", "hello"), new Request.Who("general"));
        Assert.Empty(await Client.UntilPong());
    }

    [Fact]
    public async Task Should_refuse_one_more_room_but_not_the_same_again_when_as_many_are_joined_as_may_be()
    {
        Options = Options with { Limits = new Limits { Rooms = 2 } };
        await StartNamed();
        await JoinedRoom("a");
        await JoinedRoom("b");
        var error = await Refused(new Request.Join("c"));
        Assert.Equal((ErrorCodes.TooManyRooms, "c"), (error.Code, error.Room));
        await JoinedRoom("a");
        Client.Send(new Request.Leave("b"));
        await Relays.ExpectMsgAsync<RelayCommands.Leave>();
        await Users.ExpectMsgAsync<Actors.Users.UserCommands.LeaveRoom>();
        await JoinedRoom("c");
    }
}
