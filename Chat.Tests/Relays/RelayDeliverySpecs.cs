using System.Collections;
using Akka.Actor;
using Chat.Actors.Delivery;
using Chat.Actors.History;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Relays;

public sealed class RelayDeliverySpecs : RelaySpecs
{
    private const int Small = 2_000;

    [Fact]
    public async Task Should_deliver_to_everybody_and_ack_the_publisher_when_its_message_is_stored()
    {
        await Start();
        var (ana, bob) = (NewClient(), NewClient());
        await JoinLive(ana, Ana);
        await JoinLive(bob, Bob);
        Publish(ana, Ana, "m1", "hello");
        var post = await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        Assert.Equal(("m1", "hello", Ana), (post.Id, post.Text, post.Who));
        Deliver(1, [new RoomReplies.Ack(post.Ticket, "m1", 1, Time.Now, false)]);

        Assert.Equal(1, (await bob.Expect<ServerEvent.Message>()).Seq);
        Assert.Equal(1, (await ana.Expect<ServerEvent.Message>()).Seq);
        Assert.Equal(new ServerEvent.Ack("general", 1, Time.Now, false) { Id = "m1" }, await ana.Expect<ServerEvent.Ack>());
        await ana.ExpectAnswered(2);
        await bob.ExpectAnswered(1);
    }

    [Fact]
    public async Task Should_make_the_id_itself_when_a_publish_has_none()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Publish(ana, Ana, null, "hello");
        Assert.NotNull((await Rooms.ExpectMsgAsync<RoomCommands.Post>()).Id);
    }

    [Fact]
    public async Task Should_hand_on_a_refusal_under_the_requests_id()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        Publish(ana, Ana, null, "hello");
        var post = await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        var error = new ServerEvent.Error(ErrorCodes.Busy, "Later.", "general", TimeSpan.FromSeconds(1));
        Reply(new RoomReplies.Refused(General, post.Ticket, error));
        Assert.Equal(error, await ana.Expect<ServerEvent.Error>());
    }

    [Fact]
    public async Task Should_refuse_what_needs_membership_when_the_session_is_not_in_the_room()
    {
        await Start();
        var (ana, bob) = (NewClient(), NewClient());
        await JoinLive(ana, Ana);
        Publish(bob, Bob, "p", "hello");
        Leave(bob, Bob);
        Relay.Tell(new RelayCommands.Type(General, Bob, bob.Outbox, "t"));
        foreach (var id in (string[])["p", "l", "t"])
        {
            var error = await bob.Expect<ServerEvent.Error>();
            Assert.Equal((id, ErrorCodes.NotInRoom, "general"), (error.Id, error.Code, error.Room));
        }
        await bob.ExpectAnswered(3);
    }

    [Fact]
    public async Task Should_keep_a_readers_place_and_feed_it_from_history_when_its_outbox_is_full()
    {
        await Start();
        var (ana, bob) = (NewClient(Small), NewClient());
        await JoinLive(ana, Ana);
        await JoinLive(bob, Bob);
        ana.Writer.Hold();
        for (var i = 0; i < 40; i++)
            Deliver(5, length: 50);
        Assert.Equal(Enumerable.Range(1, 200).Select(seq => (long)seq), await ReadMessages(bob, 200));

        // It waits within its bound, whatever comes.
        Assert.InRange(ana.Outbox.Waiting, 1, Small);
        ana.Writer.TakeAll();
        RoomReplies.PageRead page;
        do
        {
            page = await ReadNext();
            Reply(page);
        }
        while (page.Page.Through < Stored.Last);

        var seqs = new List<long>();
        while (seqs.Count < 200)
        {
            switch (await ana.Next())
            {
                case ServerEvent.Message message:
                    seqs.Add(message.Seq);
                    break;
                case ServerEvent.History history:
                    seqs.AddRange(Seqs(history));
                    Assert.Equal((null, seqs.Count == 200, false), (history.Id, history.Live, history.Gap));
                    break;
            }
        }
        Assert.Equal(Enumerable.Range(1, 200).Select(seq => (long)seq), seqs);
        Deliver(1);
        Assert.Equal(201, (await ana.Expect<ServerEvent.Message>()).Seq);
        await ana.ExpectAnswered(1);
    }

    // Keeps the relay busy until it is released: what is told meanwhile waits in its mailbox.
    private sealed class Held(IReadOnlyList<LogEntry> entries) : IReadOnlyList<LogEntry>, IDisposable
    {
        private readonly ManualResetEventSlim _released = new();

        public int Count => entries.Count;

        public LogEntry this[int index] => entries[index];

        public void Release() => _released.Set();

        public IEnumerator<LogEntry> GetEnumerator()
        {
            _released.Wait(TimeSpan.FromSeconds(30));
            return entries.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void Dispose() => _released.Dispose();
    }

    [Fact]
    public async Task Should_send_in_one_write_what_was_stored_while_it_was_busy_and_to_who_spoke_at_once_with_the_ack()
    {
        await Start();
        var (ana, bob) = (NewClient(), NewClient());
        await JoinLive(ana, Ana);
        await JoinLive(bob, Bob);
        Publish(ana, Ana, "m1", "one");
        Publish(ana, Ana, "m2", "two");
        var posts = new[] { await Rooms.ExpectMsgAsync<RoomCommands.Post>(), await Rooms.ExpectMsgAsync<RoomCommands.Post>() };
        var writes = bob.Writer.Writes.Count;
        using var held = new Held(Store(1));
        Reply(new RoomReplies.Delivered(General, held, [new RoomReplies.Ack(posts[0].Ticket, "m1", 1, Time.Now, false)]));
        Reply(new RoomReplies.Delivered(General, Store(2), [new RoomReplies.Ack(posts[1].Ticket, "m2", 2, Time.Now, false)]));
        // A publish sends nothing, and so takes nothing apart.
        Publish(ana, Ana, "m3", "three");
        Reply(new RoomReplies.Delivered(General, Store(1), []));
        held.Release();
        await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        await Settled();
        Assert.Equal([1L, 2, 3, 4], bob.Writer.Frames.OfType<ServerEvent.Message>().Select(message => message.Seq));
        Assert.Equal(writes + 1, bob.Writer.Writes.Count);
        Assert.Equal(
            ["1", "m1", "2", "3", "m2", "4"],
            ana.Writer.Frames.Select(frame => frame switch { ServerEvent.Message message => $"{message.Seq}", ServerEvent.Ack ack => ack.Id, _ => null }).OfType<string>());
    }

    [Fact]
    public async Task Should_give_who_spoke_its_message_and_ack_in_one_write_before_many_others_have_it()
    {
        await Start();
        var clients = Enumerable.Range(0, 200).Select(_ => NewClient()).ToArray();
        foreach (var (i, client) in clients.Index())
            await JoinLive(client, Speaker($"user{i}", i + 1));
        var had = new List<int>();
        foreach (var (i, client) in clients.Index())
            client.Writer.BeforeWrite = () => had.Add(i);
        Publish(clients[150], Speaker("user150", 151), "m1", "hello");
        var post = await Rooms.ExpectMsgAsync<RoomCommands.Post>();
        Reply(new RoomReplies.Delivered(General, Store(1), [new RoomReplies.Ack(post.Ticket, "m1", 1, Time.Now, false)]));
        await Settled();
        Assert.Equal(150, had[0]);
        Assert.Equal(Enumerable.Range(0, 200), had.Order());
        Assert.Equal([typeof(ServerEvent.Message), typeof(ServerEvent.Ack)], clients[150].Writer.Frames.TakeLast(2).Select(frame => frame.GetType()));
        Assert.Equal(1, clients[150].Answered - clients[0].Answered);
    }

    [Fact]
    public async Task Should_give_in_one_write_what_is_stored_before_the_round_comes_to_a_member()
    {
        await Start();
        var clients = Enumerable.Range(0, 200).Select(_ => NewClient()).ToArray();
        foreach (var (i, client) in clients.Index())
            await JoinLive(client, Speaker($"user{i}", i + 1));
        using var reached = new ManualResetEventSlim();
        using var stored = new ManualResetEventSlim();
        clients[clients.Length / 2].Writer.BeforeWrite = () =>
        {
            reached.Set();
            stored.Wait(TimeSpan.FromSeconds(30));
        };
        Reply(new RoomReplies.Delivered(General, Store(1), []));
        Assert.True(reached.Wait(TimeSpan.FromSeconds(30)));
        Reply(new RoomReplies.Delivered(General, Store(1), []));
        stored.Set();
        await Settled();
        Assert.All(clients, client => Assert.Equal([1L, 2], client.Writer.Frames.OfType<ServerEvent.Message>().Select(message => message.Seq)));
        // The page of the join, and both messages each or at once.
        Assert.Equal([2, 3], clients.Select(client => client.Writer.Writes.Count).Distinct().Order());
    }

    [Fact]
    public async Task Should_tell_a_notice_where_it_came_when_batches_wait_around_it()
    {
        await Start();
        var ana = NewClient();
        await JoinLive(ana, Ana);
        using var held = new Held(Store(1));
        Reply(new RoomReplies.Delivered(General, held, []));
        Reply(new RoomReplies.Notice(General, EventCodec.Encode(new ServerEvent.Notice("general", "bob came", null)), null, 1, 0, 2));
        Reply(new RoomReplies.Delivered(General, Store(1), []));
        held.Release();
        await Settled();
        Assert.Equal(
            [typeof(ServerEvent.Message), typeof(ServerEvent.Notice), typeof(ServerEvent.Message)],
            ana.Writer.Frames.Skip(1).Select(frame => frame.GetType()));
    }

    [Fact]
    public async Task Should_send_again_what_was_taken_out_when_another_rooms_events_did_not_fit()
    {
        await Start();
        var ana = NewClient(Small);
        await JoinLive(ana, Ana);
        ana.Writer.Hold();
        Deliver(1);
        Deliver(2);
        Reply(new RoomReplies.Notice(General, EventCodec.Encode(new ServerEvent.Notice("general", "bob came", null)), null, 1, 0, 2));
        await Settled();
        var other = new Feed(Other, Ana.Session, ana.Outbox, CreateTestProbe().Ref);
        ana.Outbox.Offer(other, new byte[Small - 100], new Passage("other", 1));
        // Nothing of this room came since, and yet it goes back to what it had sent.
        Assert.Equal(2, await GivePage());
        Deliver(1);
        await Settled();
        ana.Writer.TakeAll();
        Assert.Equal(1, (await ana.Expect<ServerEvent.Message>()).Seq);
        Assert.Equal([2, 3], Seqs(await ana.Expect<ServerEvent.History>()));
        Assert.Equal(1, (await ana.Expect<ServerEvent.Presence>()).JoinedCount);
        Assert.Equal(4, (await ana.Expect<ServerEvent.Message>()).Seq);
    }

    [Fact]
    public async Task Should_let_no_later_message_overtake_when_an_earlier_one_did_not_fit()
    {
        await Start();
        var ana = NewClient(Small);
        await JoinLive(ana, Ana);
        ana.Writer.Hold();
        Deliver(1, length: 1_500);
        Deliver(1, length: 1_500);
        // There would be room for this one.
        Deliver(1, length: 10);
        var page = await ReadNext();
        await Settled();
        Reply(page);
        ana.Writer.TakeAll();
        Assert.Equal(1, (await ana.Expect<ServerEvent.Message>()).Seq);
        Assert.Equal([2, 3], Seqs(await ana.Expect<ServerEvent.History>()));
        Deliver(1);
        Assert.Equal(4, (await ana.Expect<ServerEvent.Message>()).Seq);
    }

    private static async Task<IEnumerable<long>> ReadMessages(FakeClient client, int count)
    {
        var seqs = new List<long>();
        while (seqs.Count < count)
            seqs.Add((await client.Expect<ServerEvent.Message>()).Seq);
        return seqs;
    }

    [Fact]
    public async Task Should_go_on_with_the_others_when_one_outbox_is_closed()
    {
        await Start();
        var (ana, bob) = (NewClient(), NewClient());
        await JoinLive(ana, Ana);
        await JoinLive(bob, Bob);
        ana.Outbox.Close(CloseCodes.Dead, "silent");
        Deliver(1);
        Assert.Equal(1, (await bob.Expect<ServerEvent.Message>()).Seq);
        Deliver(1);
        Assert.Equal(2, (await bob.Expect<ServerEvent.Message>()).Seq);
        // It is still a member: another connection may take the session up.
        Join(NewClient(), Ana with { Generation = 2 });
        await LetIn();
    }

    [Fact]
    public async Task Should_try_again_in_a_while_when_a_page_to_catch_up_with_can_not_be_read()
    {
        await Start();
        var ana = NewClient(Small);
        await JoinLive(ana, Ana);
        ana.Writer.Hold();
        Deliver(1, length: 1_500);
        Deliver(1, length: 1_500);
        var read = await Rooms.ExpectMsgAsync<RoomCommands.ReadPage>();
        ana.Writer.TakeAll();
        Reply(new RoomReplies.Refused(General, read.Ticket, new ServerEvent.Error(ErrorCodes.StorageUnavailable, "No.", "general")));
        await Settled();
        Advance(Options.StorageRetry);
        Assert.Equal(2, await GivePage());
        Assert.Equal(1, (await ana.Expect<ServerEvent.Message>()).Seq);
        Assert.Equal([2], Seqs(await ana.Expect<ServerEvent.History>()));
        await ana.ExpectAnswered(1);
    }

    [Fact]
    public async Task Should_have_one_page_in_flight_for_a_connection_when_it_joins_several_rooms()
    {
        Stored.Fill(250, Time.Now);
        await Start();
        var ana = NewClient();
        var other = CreateTestProbe();
        var feed = new Feed(Other, Ana.Session, ana.Outbox, other.Ref);
        Join(ana, Ana, new Request.Join("general", 0));
        await LetIn();
        var first = await ReadNext();
        ana.Outbox.RequestTurn(feed);
        await Settled();
        Assert.False(other.HasMessages);
        Reply(first);
        // The other room is next, before this one goes on.
        Assert.Same(feed, (await other.ExpectMsgAsync<PageTurn>()).Feed);
        await Settled();
        Assert.False(Rooms.HasMessages);
        ana.Outbox.EndTurn(feed);
        Assert.Equal(101, await GivePage());
    }

    [Fact]
    public async Task Should_read_few_pages_at_a_time_when_many_catch_up()
    {
        Stored.Fill(3, Time.Now);
        await Start();
        var clients = Enumerable.Range(1, 4).Select(i => (Client: NewClient(), Who: Speaker($"reader{i}", i))).ToArray();
        foreach (var (client, who) in clients)
            Join(client, who, new Request.Join("general", 0));
        foreach (var _ in clients)
            await LetIn();
        var (first, second) = (await ReadNext(), await ReadNext());
        await Settled();
        // One that goes gives its place away; so does a page that can't be read.
        Reply(first);
        var third = await ReadNext();
        Reply(new RoomReplies.Refused(General, second.Ticket, new ServerEvent.Error(ErrorCodes.StorageUnavailable, "No.", "general")));
        await Rooms.ExpectMsgAsync<RoomCommands.Leave>();
        await GivePage();
        Reply(third);
        Assert.Equal(3, (await Histories(clients.Select(reader => reader.Client))).Count);
    }

    private static async Task<List<ServerEvent.History>> Histories(IEnumerable<FakeClient> clients)
    {
        var found = new List<ServerEvent.History>();
        foreach (var client in clients)
        {
            if (await client.Next() is ServerEvent.History history)
                found.Add(history);
        }
        return found;
    }

    [Fact]
    public async Task Should_hand_back_a_turn_when_its_subscription_is_over()
    {
        Stored.Fill(250, Time.Now);
        await Start();
        var ana = NewClient();
        var other = CreateTestProbe();
        Join(ana, Ana, new Request.Join("general", 0));
        await LetIn();
        var read = await ReadNext();
        ana.Outbox.RequestTurn(new Feed(Other, Ana.Session, ana.Outbox, other.Ref));
        Leave(ana, Ana);
        var leave = await Rooms.ExpectMsgAsync<RoomCommands.Leave>();
        Reply(new RoomReplies.LeftRoom(General, leave.Ticket, "ana", 0, default));
        await other.ExpectMsgAsync<PageTurn>();
        Reply(read);
        await Settled();
        Assert.DoesNotContain(ana.Writer.Frames, frame => frame is ServerEvent.History);
    }

}
