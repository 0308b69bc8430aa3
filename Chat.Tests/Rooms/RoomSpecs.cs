using Akka.Actor;
using Akka.TestKit;
using Chat.Actors;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

/// <summary>One room with probes for its neighbours.</summary>
public abstract class RoomSpecs : ActorSpecs
{
    protected RoomSpecs()
    {
        Options = new ChatOptions { Time = Time };
        Parent = CreateTestProbe();
        Parent.IgnoreMessages(message => message is ChildReports.Population or ChildReports.Storage);
        Relay = CreateTestProbe();
        Relay.IgnoreMessages(message => message is RoomReplies.Opening);
    }

    private protected ChatOptions Options { get; set; }

    private protected MemoryStore Store { get; } = new();

    private protected MemoryRoom Stored => Store.Room(General);

    private protected TestProbe Parent { get; }

    private protected TestProbe Relay { get; }

    private protected static Speaker Ana { get; } = Speaker("ana", 1);

    private protected static Speaker Bob { get; } = Speaker("bob", 2);

    private protected Task<IActorRef> Start() =>
        Parent.ChildActorOfAsync(RoomActor.Props(Options, Store.Log(General), ActorRefs.Nobody, General), "general", StopOnFailure.Strategy);

    private protected async Task<IActorRef> StartWith(params Speaker[] members)
    {
        var room = await Start();
        foreach (var member in members)
            await Enter(room, member);
        return room;
    }

    /// <summary>Passes over the notices for who was in before.</summary>
    private protected async Task<RoomReplies.Entered> Enter(IActorRef room, Speaker who, TestProbe? relay = null)
    {
        room.Tell(new RoomCommands.Enter(General, who, 1), (relay ?? Relay).Ref);
        return (RoomReplies.Entered)await (relay ?? Relay).FishForMessageAsync(message => message is RoomReplies.Entered);
    }

    private protected void Post(IActorRef room, Speaker who, string? id, string text, long ticket = 7, TestProbe? relay = null) =>
        room.Tell(new RoomCommands.Post(General, who, id, text, ticket), (relay ?? Relay).Ref);

    private protected async Task<RoomReplies.Ack> PostStored(IActorRef room, Speaker who, string? id, string text)
    {
        Post(room, who, id, text);
        return Assert.Single((await Relay.ExpectMsgAsync<RoomReplies.Delivered>()).Acks);
    }

    /// <summary>What was told before the room answered this comes first.</summary>
    private protected async Task ExpectNothingFrom(IActorRef room, TestProbe? relay = null)
    {
        room.Tell(new RoomQueries.Who(General, "barrier"), (relay ?? Relay).Ref);
        Assert.Equal("barrier", (await (relay ?? Relay).ExpectMsgAsync<RoomReplies.WhoIs>()).RequestId);
    }

    private protected async Task<ServerEvent.Error> ExpectRefused(long ticket = 7, TestProbe? relay = null)
    {
        var refused = await (relay ?? Relay).ExpectMsgAsync<RoomReplies.Refused>();
        Assert.Equal(ticket, refused.Ticket);
        Assert.Equal(General, refused.Room);
        Assert.Equal(General.Value, refused.Error.Room);
        return refused.Error;
    }

    /// <summary>The room opens its log again after a failure.</summary>
    private protected async Task RetryStorage(IActorRef room)
    {
        // Its timer runs when it has told all that it refuses.
        await ExpectNothingFrom(room, CreateTestProbe());
        await EventFilter.Info(contains: "is open again").ExpectOneAsync(() =>
        {
            Advance(Options.StorageRetry);
            return Task.CompletedTask;
        });
    }

    private protected async Task<(long Seq, bool IsDuplicate)> PlaceOf(IActorRef room, Speaker who, string id, string text)
    {
        var ack = await PostStored(room, who, id, text);
        return (ack.Seq, ack.Duplicate);
    }

    private protected static IEnumerable<string> Texts(RoomReplies.Delivered delivered) =>
        delivered.Entries.Select(entry => LogLine.Decode(entry.Line)!.Text);

    private protected static IEnumerable<long> Seqs(RoomReplies.Delivered delivered) => delivered.Entries.Select(entry => entry.Seq);

    private protected static ServerEvent Event(RoomReplies.Notice notice) => EventCodec.Decode(notice.Json)!;
}
