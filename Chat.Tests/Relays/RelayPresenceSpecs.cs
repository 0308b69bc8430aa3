using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Relays;

public sealed class RelayPresenceSpecs : RelaySpecs
{
    private void Notice(string sentence, SessionId? except = null, int joined = 0, int left = 0, int online = 3) => Reply(
        new RoomReplies.Notice(General, EventCodec.Encode(new ServerEvent.Notice("general", sentence, null)), except, joined, left, online));

    [Fact]
    public async Task Should_tell_all_but_the_one_it_is_about()
    {
        await Start();
        var (ana, bob) = (NewClient(), NewClient());
        await JoinLive(ana, Ana);
        await JoinLive(bob, Bob);
        Notice("bob did something", except: Bob.Session);
        Notice("something happened");
        Assert.Equal("bob did something", (await ana.Expect<ServerEvent.Notice>()).Sentence);
        Assert.Equal("something happened", (await ana.Expect<ServerEvent.Notice>()).Sentence);
        Assert.Equal("something happened", (await bob.Expect<ServerEvent.Notice>()).Sentence);
    }

    [Fact]
    public async Task Should_tell_a_digest_when_notices_were_missed_while_history_was_sent()
    {
        Stored.Fill(150, Time.Now);
        await Start();
        var ana = NewClient();
        Join(ana, Ana, new Request.Join("general", 0));
        // Not yet in the room: nothing of it is missed.
        Notice("before", joined: 1);
        await LetIn();
        await GivePage();
        var second = await ReadNext();
        Notice("joined", joined: 1);
        Notice("left", left: 1);
        Notice("joined", joined: 1, online: 7);
        Notice("typing", online: 7);
        Reply(second);

        Assert.False((await ana.Expect<ServerEvent.History>()).Live);
        Assert.True((await ana.Expect<ServerEvent.History>()).Live);
        var presence = await ana.Expect<ServerEvent.Presence>();
        Assert.Equal(("general", 2, 1, 7), (presence.Room, presence.JoinedCount, presence.LeftCount, presence.Online));
        Notice("after", joined: 1);
        await ana.Expect<ServerEvent.Notice>();
    }

    [Fact]
    public async Task Should_tell_no_digest_when_nobody_came_or_went()
    {
        Stored.Fill(3, Time.Now);
        await Start();
        var ana = NewClient();
        Join(ana, Ana);
        await LetIn();
        var page = await ReadNext();
        Notice("typing");
        Reply(page);
        Notice("after");
        await ana.Expect<ServerEvent.History>();
        await ana.Expect<ServerEvent.Notice>();
    }

    [Fact]
    public async Task Should_tell_a_digest_when_notices_found_the_outbox_full()
    {
        await Start();
        var ana = NewClient(bound: 400);
        await JoinLive(ana, Ana);
        ana.Writer.Hold();
        Deliver(1, length: 250);
        Notice("too much: " + new string('.', 300), joined: 1);
        Notice("and more", left: 1);
        await GivePage();
        await Settled();
        ana.Writer.TakeAll();
        await ana.Expect<ServerEvent.Message>();
        var history = await ana.Expect<ServerEvent.History>();
        Assert.Equal((0, true), (history.Messages.Count, history.Live));
        var presence = await ana.Expect<ServerEvent.Presence>();
        Assert.Equal((1, 1), (presence.JoinedCount, presence.LeftCount));
    }

    [Fact]
    public async Task Should_pass_on_typing_at_most_once_in_a_while_when_a_user_types_on()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        for (var i = 0; i < 3; i++)
        {
            Type(ana);
            var type = await Rooms.ExpectMsgAsync<RoomCommands.Type>();
            Reply(new RoomReplies.Done(General, type.Ticket));
            Type(ana);
            Advance(Options.TypingEvery - TimeSpan.FromMilliseconds(1));
            Type(ana);
            await Settled();
            Advance(TimeSpan.FromMilliseconds(1));
        }
        // None has an answer, and each gives its place back.
        await ana.ExpectAnswered(1 + 9);
        Assert.Single(ana.Writer.Frames);
    }

    private void Type(FakeClient client) => Relay.Tell(new RelayCommands.Type(General, Ana, client.Outbox, "t"));

    [Fact]
    public async Task Should_answer_typing_when_it_is_refused()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Type(ana);
        var type = await Rooms.ExpectMsgAsync<RoomCommands.Type>();
        Reply(new RoomReplies.Refused(General, type.Ticket, new ServerEvent.Error(ErrorCodes.Busy, "No.", "general")));
        Assert.Equal("t", (await ana.Expect<ServerEvent.Error>()).Id);
        await ana.ExpectAnswered(2);
    }
}
