using Akka.Actor;
using Akka.TestKit;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Connections;

/// <summary>One connection with probes for the registry, the relays and the rooms.</summary>
public abstract class ConnectionSpecs : ActorSpecs
{
    protected const string Token = "5ec2e75ec2e75ec2e75ec2e75ec2e75e";

    protected ConnectionSpecs()
    {
        Options = new ChatOptions { Time = Time };
        (Users, Relays, Rooms, Parent) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        Client = new FakeClient(Time);
    }

    private protected ChatOptions Options { get; set; }

    private protected TestProbe Users { get; }

    private protected TestProbe Relays { get; }

    private protected TestProbe Rooms { get; }

    private protected TestProbe Parent { get; }

    private protected FakeClient Client { get; }

    /// <summary>What the client's address may do; null for all.</summary>
    private protected AddressBudget? Address { get; set; }

    private protected static Speaker Ana { get; } = Speaker("ana", 1);

    private protected async Task Start(bool isOriginal = false)
    {
        Client.Connection = await Parent.ChildActorOfAsync(
            ConnectionActor.Props(Options, new ChatActorRefs(Users.Ref, Relays.Ref, Rooms.Ref),
                new ConnectionsCommands.Open(Client.Outbox, isOriginal, Address), 1),
            "c-1", StopOnFailure.Strategy);
        Parent.Watch(Client.Connection);
    }

    private protected async Task StartNamed(bool isOriginal = false, params RoomName[] resumed)
    {
        await Start(isOriginal);
        Client.Send(new Request.Login("ana") { Id = "login" });
        await Accept(resumed);
        await Client.Expect<ServerEvent.Welcome>();
        await Client.Expect<ServerEvent.Rooms>();
    }

    /// <summary>The registry accepts the login, and the rooms are listed.</summary>
    private protected async Task Accept(params RoomName[] resumed)
    {
        await Users.ExpectMsgAsync<UserCommands.Login>();
        Client.Connection.Tell(new LoginOutcome.Accepted(Ana, Token, resumed.Length > 0, resumed, null));
        await ListRooms();
    }

    private protected async Task ListRooms()
    {
        var list = await Rooms.ExpectMsgAsync<RoomQueries.List>();
        Client.Connection.Tell(new RoomReplies.RoomsListed(list.RequestId, list.IsRequest, ["general"], new Dictionary<string, int> { ["general"] = 3 }));
    }

    private protected async Task<Request.Join> JoinedRoom(string room)
    {
        Client.Send(new Request.Join(room));
        await Users.ExpectMsgAsync<UserCommands.EnterRoom>();
        return (await Relays.ExpectMsgAsync<RelayCommands.Join>()).Request;
    }

    private protected async Task<ServerEvent.Error> Refused(Request request)
    {
        Client.Send(request with { Id = "refused" });
        var error = await Client.Expect<ServerEvent.Error>();
        Assert.Equal("refused", error.Id);
        Assert.EndsWith(".", error.Sentence.TrimEnd('"', '}', '…'), StringComparison.Ordinal);
        return error;
    }

    private protected async Task<int> ExpectClosed()
    {
        var closed = await Client.Fish<OtherFrame.Closed>();
        await Parent.ExpectTerminatedAsync(Client.Connection);
        return closed.Code;
    }
}
