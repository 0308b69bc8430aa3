using Akka.Actor;
using Akka.TestKit;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Connections;

public sealed class ConnectionsActorSpecs : ActorSpecs
{
    private readonly TestProbe _others;
    private readonly TestProbe _gateway;
    private readonly IActorRef _connections;

    public ConnectionsActorSpecs()
    {
        (_others, _gateway) = (CreateTestProbe(), CreateTestProbe());
        var refs = new ChatActorRefs(_others.Ref, _others.Ref, _others.Ref);
        _connections = Sys.ActorOf(ConnectionsActor.Props(new ChatOptions { Time = Time }, refs), "connections");
    }

    private async Task<FakeClient> Open()
    {
        var client = new FakeClient(Time);
        client.Connection = await Asked<IActorRef>(_connections, new ConnectionsCommands.Open(client.Outbox, false));
        return client;
    }

    [Fact]
    public async Task Should_give_each_socket_a_connection_of_its_own()
    {
        var (first, second) = (await Open(), await Open());
        Assert.Equal([_connections.Path / "c-1", _connections.Path / "c-2"], new[] { first.Connection.Path, second.Connection.Path });
        Assert.Empty(await second.UntilPong());
        Assert.Empty(first.Writer.Frames);
    }

    [Fact]
    public async Task Should_go_on_when_a_connection_fails()
    {
        var (first, second) = (await Open(), await Open());
        first.Connection.Tell(new ConnectionInputs.Malformed(null!));
        Assert.Equal(CloseCodes.Internal, (await first.Expect<OtherFrame.Closed>()).Code);
        Assert.Empty(await second.UntilPong());
    }

    [Fact]
    public async Task Should_send_everybody_away_spread_over_time_when_the_server_stops()
    {
        var clients = new List<FakeClient>();
        for (var i = 0; i < 200; i++)
            clients.Add(await Open());
        _connections.Tell(new ConnectionsCommands.Stop(TimeSpan.Zero), _gateway.Ref);
        await _gateway.ExpectMsgAsync<ConnectionsCommands.Stopped>();

        var times = new List<double>();
        foreach (var client in clients)
        {
            times.Add((await client.Expect<ServerEvent.Shutdown>()).ReconnectIn.TotalMilliseconds);
            Assert.Equal(CloseCodes.GoingAway, (await client.Expect<OtherFrame.Closed>()).Code);
        }
        Assert.All(times, time => Assert.InRange(time, 500, 500 + 1_000 + 200 + 1));
        // Spread: each quarter of the time has some of two hundred.
        Assert.Equal(4, times.Select(time => Math.Min(3, (int)((time - 500) / 300))).Distinct().Count());
    }

    [Fact]
    public async Task Should_be_stopped_at_once_when_there_is_no_connection()
    {
        _connections.Tell(new ConnectionsCommands.Stop(TimeSpan.Zero), _gateway.Ref);
        await _gateway.ExpectMsgAsync<ConnectionsCommands.Stopped>();
    }

    [Fact]
    public async Task Should_not_wait_for_those_who_were_gone_before()
    {
        var client = await Open();
        client.Connection.Tell(new ConnectionInputs.Closed(null));
        await client.Expect<OtherFrame.Closed>();
        _connections.Tell(new ConnectionsCommands.Stop(TimeSpan.Zero), _gateway.Ref);
        await _gateway.ExpectMsgAsync<ConnectionsCommands.Stopped>();
    }

    [Fact]
    public async Task Should_send_a_late_comer_away_when_the_server_is_stopping()
    {
        _connections.Tell(new ConnectionsCommands.Stop(TimeSpan.Zero), _gateway.Ref);
        await _gateway.ExpectMsgAsync<ConnectionsCommands.Stopped>();
        var client = await Open();
        await client.Expect<ServerEvent.Shutdown>();
        Assert.Equal(CloseCodes.GoingAway, (await client.Expect<OtherFrame.Closed>()).Code);
    }

    [Fact]
    public async Task Should_send_them_away_one_after_the_other_when_there_is_time()
    {
        var clients = new List<FakeClient>();
        for (var i = 0; i < 20; i++)
            clients.Add(await Open());
        _connections.Tell(new ConnectionsCommands.Stop(TimeSpan.FromSeconds(1)), _gateway.Ref);
        for (var told = 5; told <= 20; told += 5)
        {
            await AwaitAssertAsync(() => Assert.Equal(told, clients.Count(client => client.Writer.Frames.Count > 0)));
            Advance(TimeSpan.FromMilliseconds(250));
        }
        await _gateway.ExpectMsgAsync<ConnectionsCommands.Stopped>();
    }

    [Fact]
    public async Task Should_have_those_who_are_told_first_come_back_when_all_are_gone()
    {
        var clients = new List<FakeClient>();
        for (var i = 0; i < 40; i++)
            clients.Add(await Open());
        _connections.Tell(new ConnectionsCommands.Stop(TimeSpan.FromSeconds(10)), _gateway.Ref);
        await AwaitAssertAsync(() => Assert.Equal(1, clients.Count(client => client.Writer.Frames.Count > 0)));
        var first = clients.Single(client => client.Writer.Frames.Count > 0);
        Assert.InRange((await first.Expect<ServerEvent.Shutdown>()).ReconnectIn.TotalSeconds, 9.75 + 0.5, 9.75 + 2);
        // A tick that comes late tells all that are due by then.
        Advance(TimeSpan.FromSeconds(20));
        await _gateway.ExpectMsgAsync<ConnectionsCommands.Stopped>();
    }
}
