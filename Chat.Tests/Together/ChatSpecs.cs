using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.Delivery;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Together;

/// <summary>All actors of a chat over a history in memory, with clients that have no sockets.</summary>
public abstract class ChatSpecs : ActorSpecs
{
    protected ChatSpecs() => Options = new ChatOptions { Time = Time, Limits = new Limits { PublishRate = 0, ReadRate = 0 } };

    private protected ChatOptions Options { get; set; }

    private protected MemoryStore Store { get; } = new();

    private protected MemoryRoom Stored => Store.Room(General);

    private protected IActorRef Rooms { get; private set; } = ActorRefs.Nobody;

    private protected IActorRef Relays { get; private set; } = ActorRefs.Nobody;

    private protected IActorRef Users { get; private set; } = ActorRefs.Nobody;

    private protected IActorRef Connections { get; private set; } = ActorRefs.Nobody;

    private protected void Start()
    {
        Rooms = Sys.ActorOf(RoomsActor.Props(Options, Store, ActorRefs.Nobody), "rooms");
        Relays = Sys.ActorOf(RelaysActor.Props(Options, Rooms), "relays");
        Users = Sys.ActorOf(UserRegistryActor.Props(Options, Relays), "users");
        Connections = Sys.ActorOf(ConnectionsActor.Props(Options, new ChatActorRefs(Users, Relays, Rooms)), "connections");
    }

    private protected async Task<FakeClient> Connect(bool isOriginal = false, int bound = Outbox.DefaultBound)
    {
        var client = new FakeClient(Time, bound);
        client.Connection = await Asked<IActorRef>(Connections, new ConnectionsCommands.Open(client.Outbox, isOriginal));
        return client;
    }

    private protected async Task<(FakeClient Client, ServerEvent.Welcome Welcome)> Login(
        string name, string? session = null, bool isOriginal = false, int bound = Outbox.DefaultBound)
    {
        var client = await Connect(isOriginal, bound);
        client.Send(new Request.Login(name, session));
        var welcome = await client.Expect<ServerEvent.Welcome>();
        await client.Expect<ServerEvent.Rooms>();
        return (client, welcome);
    }

    /// <summary>A client that is in the room and has read its history.</summary>
    private protected async Task<FakeClient> Member(string name, string room = "general", bool isOriginal = false, int bound = Outbox.DefaultBound)
    {
        var (client, _) = await Login(name, isOriginal: isOriginal, bound: bound);
        client.Send(new Request.Join(room));
        while (!(await client.Fish<ServerEvent.History>()).Live)
            continue;
        return client;
    }

    private protected static async Task<ServerEvent.Ack> Publish(FakeClient client, string text, string? id = null, string room = "general")
    {
        client.Send(new Request.Publish(room, text) { Id = id });
        return await client.Fish<ServerEvent.Ack>(ack => id is null || ack.Id == id);
    }

    private protected async Task<IReadOnlyList<string>> MembersOf(RoomName room) =>
        (await Asked<RoomReplies.WhoIs>(Rooms, new RoomQueries.Who(room, null))).Members;

    /// <summary>The connection is lost, and the registry knows.</summary>
    private protected async Task Lose(FakeClient client, string name)
    {
        client.Connection.Tell(new ConnectionInputs.Closed(null));
        client.Outbox.Abandon();
        await AwaitAssertAsync(async () =>
        {
            var probe = CreateTestProbe();
            Users.Tell(new UserCommands.Login(UserName.Parse(name, out _)!.Value, null, long.MaxValue, true), probe.Ref);
            Assert.NotNull(Assert.IsType<LoginOutcome.Refused>(await probe.ExpectMsgAsync<LoginOutcome>()).RetryAfter);
        });
    }

    /// <summary>A room fails for a reason that isn't the storage, at its next append.</summary>
    private protected void FailRoomAtAppend() =>
        Store.Faults.Fail(StorageCall.Append, with: new InvalidOperationException("A fault of the program."));
}
