using Akka.Actor;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Together;

/// <summary>What everybody sees when a part fails.</summary>
public sealed class FailureSpecs : ChatSpecs
{
    [Fact]
    public async Task Should_go_on_as_if_nothing_were_when_a_room_fails()
    {
        Start();
        var ana = await Member("ana");
        var bob = await Member("bob");
        await Publish(ana, "one");
        FailRoomAtAppend();
        var ack = await Publish(ana, "two", "m2");
        Assert.Equal((2L, false), (ack.Seq, ack.Duplicate));
        await Publish(bob, "three");
        Assert.Equal(["one", "two", "three"], Stored.Messages.Select(message => message.Text));
        await ana.Fish<ServerEvent.Message>(message => message.Seq == 3);
        foreach (var client in (FakeClient[])[ana, bob])
        {
            Assert.Equal([1L, 2, 3], client.Writer.Frames.OfType<ServerEvent.Message>().Select(message => message.Seq));
            Assert.DoesNotContain(client.Writer.Frames, frame => frame is ServerEvent.Left or ServerEvent.Error);
        }
        Assert.Equal(["ana", "bob"], await MembersOf(General));
    }

    [Fact]
    public async Task Should_say_that_it_is_unknown_whether_it_took_effect_when_two_rooms_fail_over_it()
    {
        Start();
        var ana = await Member("ana");
        Store.Faults.Fail(StorageCall.Append, 1, new InvalidOperationException("A fault of the program."));
        Store.Faults.Fail(StorageCall.Append, 2, new InvalidOperationException("A fault of the program."));
        ana.Send(new Request.Publish("general", "deadly") { Id = "m1" });
        var error = await ana.Fish<ServerEvent.Error>();
        Assert.Equal(("m1", ErrorCodes.Internal, "general"), (error.Id, error.Code, error.Room));
        Assert.Equal(1, (await Publish(ana, "not deadly")).Seq);
    }

    [Fact]
    public async Task Should_answer_the_join_when_a_room_fails_while_it_opens()
    {
        Start();
        Store.Faults.Fail(StorageCall.Open, 1, new InvalidOperationException("A fault of the program."));
        var (ana, _) = await Login("ana");
        var opening = Store.Faults.Hold(StorageCall.Open);
        ana.Send(new Request.Join("general") { Id = "j" });
        await opening.Reached;
        opening.Release();
        await AwaitAssertAsync(() =>
        {
            Advance(Options.StorageRetry);
            Assert.Contains(ana.Writer.Frames, frame => frame is ServerEvent.History { Id: "j", Live: true });
        });
        Assert.Equal(1, (await Publish(ana, "hello")).Seq);
    }

    [Fact]
    public async Task Should_refuse_publishes_until_the_storage_is_back_and_lose_nothing_that_was_acked()
    {
        Start();
        var ana = await Member("ana");
        await Publish(ana, "one");
        Store.Faults.Fail(StorageCall.Append);
        ana.Send(new Request.Publish("general", "two") { Id = "m2" });
        var error = await ana.Fish<ServerEvent.Error>();
        Assert.Equal(("m2", ErrorCodes.StorageUnavailable, Options.StorageRetry), (error.Id, error.Code, error.RetryAfter));
        // A refused publish is sent again under its id until it is taken.
        await AwaitAssertAsync(async () =>
        {
            Advance(error.RetryAfter!.Value);
            ana.Send(new Request.Publish("general", "two") { Id = "m2" });
            Assert.IsType<ServerEvent.Ack>(await Answer(ana));
        });
        Assert.Equal(["one", "two"], Stored.Messages.Select(message => message.Text));
    }

    private static async Task<object> Answer(FakeClient client)
    {
        while (true)
        {
            if (await client.Next() is var frame and (ServerEvent.Ack or ServerEvent.Error))
                return frame;
        }
    }

    [Fact]
    public async Task Should_refuse_joins_until_the_log_can_be_opened()
    {
        Stored.Fill(3, Time.Now);
        Store.Faults.Fail(StorageCall.Open);
        Start();
        var (ana, _) = await Login("ana");
        ana.Send(new Request.Join("general") { Id = "j" });
        var error = await ana.Expect<ServerEvent.Error>();
        Assert.Equal(("j", ErrorCodes.StorageUnavailable), (error.Id, error.Code));
        await AwaitAssertAsync(async () =>
        {
            Advance(Options.StorageRetry);
            ana.Send(new Request.Join("general") { Id = "j" });
            Assert.IsType<ServerEvent.History>(await ana.Next());
        });
        Assert.Equal(4, (await Publish(ana, "hello")).Seq);
    }

    [Fact]
    public async Task Should_let_its_clients_come_back_when_a_relay_fails()
    {
        Start();
        var (ana, welcome) = await Login("ana");
        ana.Send(new Request.Join("general"));
        await ana.Fish<ServerEvent.History>();
        await Publish(ana, "one");
        // A message that no relay can bear.
        var relay = ((ActorRefWithCell)Relays).GetSingleChild("general");
        Watch(relay);
        relay.Tell(new Chat.Actors.Rooms.RoomReplies.Delivered(General, null!, null!));
        Assert.Equal(CloseCodes.Internal, (await ana.Fish<OtherFrame.Closed>()).Code);
        await Lose(ana, "ana");
        await ExpectTerminatedAsync(relay);
        var (again, _) = await Login("ana", welcome.Session);
        again.Send(new Request.Join("general", 0));
        Assert.Equal(["one"], (await again.Expect<ServerEvent.History>()).Messages.Select(message => message.Text));
        Assert.Equal(2, (await Publish(again, "two")).Seq);
    }

    [Fact]
    public async Task Should_feed_a_slow_reader_from_history_when_it_reads_again()
    {
        Start();
        var bob = await Member("bob");
        var slow = await Member("slow", bound: 2_000);
        slow.Writer.Hold();
        for (var i = 1; i <= 300; i++)
            bob.Send(new Request.Publish("general", $"message {i}"));
        await bob.Fish<ServerEvent.Message>(message => message.Seq == 300);
        slow.Writer.TakeAll();
        var seqs = new List<long>();
        while (seqs.Count < 300)
        {
            switch (await slow.Next())
            {
                case ServerEvent.Message message:
                    seqs.Add(message.Seq);
                    break;
                case ServerEvent.History { Gap: false } history:
                    seqs.AddRange(history.Messages.Select(message => message.Seq));
                    break;
            }
        }
        Assert.Equal(Enumerable.Range(1, 300).Select(seq => (long)seq), seqs);
        await Publish(bob, "live");
        Assert.Equal(301, (await slow.Fish<ServerEvent.Message>()).Seq);
    }

    [Fact]
    public async Task Should_find_a_room_as_it_was_when_all_had_left_it_for_long()
    {
        Start();
        var ana = await Member("ana");
        await Publish(ana, "one", "m1");
        ana.Send(new Request.Leave("general"));
        await ana.Fish<ServerEvent.Left>();
        await AwaitAssertAsync(() =>
        {
            Advance(Options.RoomIdle);
            Assert.Empty(((ActorRefWithCell)Rooms).Children);
            Assert.Empty(((ActorRefWithCell)Relays).Children);
        });
        ana.Send(new Request.Join("general"));
        Assert.Equal(["one"], (await ana.Fish<ServerEvent.History>()).Messages.Select(message => message.Text));
        Assert.True((await Publish(ana, "one", "m1")).Duplicate);
        Assert.Equal(2, (await Publish(ana, "two", "m2")).Seq);
    }
}
