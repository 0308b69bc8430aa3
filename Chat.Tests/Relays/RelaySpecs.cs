using Akka.Actor;
using Akka.TestKit;
using Chat.Actors;
using Chat.Actors.Delivery;
using Chat.Actors.History;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Relays;

/// <summary>One relay; the test plays its room, with a log in memory, and reads what the clients get.</summary>
public abstract class RelaySpecs : ActorSpecs
{
    protected RelaySpecs()
    {
        Options = new ChatOptions { Time = Time };
        Parent = CreateTestProbe();
        Parent.IgnoreMessages(message => message is ChildReports.Idle);
        (Rooms, Room, Connection) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
    }

    private protected ChatOptions Options { get; set; }

    private protected TestProbe Parent { get; }

    /// <summary>Gets what the relay asks of its room.</summary>
    private protected TestProbe Rooms { get; }

    /// <summary>Who answers as the room.</summary>
    private protected TestProbe Room { get; set; }

    /// <summary>Told what becomes of joins.</summary>
    private protected TestProbe Connection { get; }

    private protected MemoryRoom Stored { get; } = new MemoryStore().Room(General);

    private protected IActorRef Relay { get; set; } = ActorRefs.Nobody;

    private protected static Speaker Ana { get; } = Speaker("ana", 1);

    private protected static Speaker Bob { get; } = Speaker("bob", 2);

    private protected async Task Start() =>
        Relay = await Parent.ChildActorOfAsync(RelayActor.Props(Options, General, Opened(Rooms)), "general", StopOnFailure.Strategy);

    private protected FakeClient NewClient(int bound = Outbox.DefaultBound) => new(Time, bound);

    private protected void Join(FakeClient client, Speaker who, Request.Join? request = null) =>
        Relay.Tell(new RelayCommands.Join(General, who, client.Outbox, request ?? new Request.Join("general") { Id = "j" }), Connection.Ref);

    private protected void Publish(FakeClient client, Speaker who, string? id, string text) =>
        Relay.Tell(new RelayCommands.Publish(General, who, client.Outbox, id, text));

    private protected void Leave(FakeClient client, Speaker who, string? id = "l") =>
        Relay.Tell(new RelayCommands.Leave(General, who, client.Outbox, id));

    private protected void Reply(object message) => Relay.Tell(message, Room.Ref);

    /// <summary>The room lets in who asks next.</summary>
    private protected async Task<RoomCommands.Enter> LetIn(int online = 1)
    {
        var enter = await Rooms.ExpectMsgAsync<RoomCommands.Enter>();
        Reply(new RoomReplies.Entered(General, enter.Ticket, Stored.Epoch, Stored.First, Stored.Last, online));
        return enter;
    }

    private protected async Task<RoomReplies.PageRead> ReadNext()
    {
        var read = await Rooms.ExpectMsgAsync<RoomCommands.ReadPage>();
        var query = new LogQuery(read.From, Stored.Last, PageEnd.Oldest, Limits.PageMessages, Limits.PageBytes);
        return new RoomReplies.PageRead(General, read.Ticket, Stored.Epoch, read.From, Stored.Page(query), Stored.Last);
    }

    /// <summary>The room answers the next page.</summary>
    private protected async Task<long> GivePage()
    {
        var page = await ReadNext();
        Reply(page);
        return page.Page.From;
    }

    private protected async Task<ServerEvent.History> JoinLive(FakeClient client, Speaker who, long? since = null)
    {
        Join(client, who, new Request.Join("general", since) { Id = "j" });
        await LetIn();
        await GivePage();
        await Connection.ExpectMsgAsync<RelayCommands.JoinAnswered>();
        var history = await client.Expect<ServerEvent.History>();
        Assert.True(history.Live);
        return history;
    }

    /// <summary>The room stores and delivers so many messages as one batch, and nothing waits behind it that would go out with it.</summary>
    private protected void Deliver(int count, IReadOnlyList<RoomReplies.Ack>? acks = null, int length = 0)
    {
        Reply(new RoomReplies.Delivered(General, Store(count, length), acks ?? []));
        Reply(new RoomReplies.Done(General, 0));
    }

    private protected IReadOnlyList<LogEntry> Store(int count, int length = 0)
    {
        var before = Stored.Last;
        Stored.Fill(count, Time.Now, length: length);
        return [.. Stored.Lines.Where(line => line.Seq > before)];
    }

    private protected static IEnumerable<long> Seqs(ServerEvent.History history) => history.Messages.Select(message => message.Seq);

    /// <summary>Everything that was told to the relay before is done.</summary>
    private protected async Task Settled()
    {
        var asker = CreateTestProbe();
        Relay.Tell(new RoomQueries.Who(General, "settled"), asker.Ref);
        Reply(new RoomReplies.WhoIs(General, (await Rooms.ExpectMsgAsync<RoomQueries.Who>()).Ticket, "settled", [], 0));
        // Ahead of whose answer the round is finished.
        await asker.ExpectMsgAsync<RoomReplies.WhoIs>();
    }
}
