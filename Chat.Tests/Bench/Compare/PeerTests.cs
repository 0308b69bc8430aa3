using Chat.Bench;
using Chat.Bench.Load;
using Chat.Bench.Load.Dialects;
using Chat.Bench.Peers;
using Chat.Bench.Scenarios;
using Xunit;

namespace Chat.Tests.Bench.Compare;

/// <summary>What every peer has to do for its figures to mean anything.</summary>
public sealed class PeerTests : IDisposable
{
    private const int Members = 6;
    private const int Rooms = 2;
    private const int Messages = 50;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _time = new(Patience);

    public void Dispose() => _time.Dispose();

    [Theory]
    [PeerData("limit")]
    [PeerData("chat")]
    [PeerData("chat-never")]
    [PeerData("signalr")]
    [PeerData("nats")]
    [PeerData("ws")]
    [PeerData("socket.io")]
    [PeerData("python")]
    public async Task Should_bring_what_a_member_sends_to_all_of_its_room_once_and_in_order(string name)
    {
        var peer = InstalledPeers.Named(name);
        Assert.Null(await peer.MissingAsync(TextWriter.Null, _time.Token));
        Assert.NotEmpty(await peer.VersionAsync(_time.Token));
        await using var server = await peer.StartAsync(_time.Token);
        using var crowd = new LoadCrowd(peer.Dialect, server.Port, Members, Rooms, _time.Token);
        crowd.Enter(crowd.Clients, Members, Patience);

        var heard = crowd.Clients.ToDictionary(client => client, _ => new List<long>());
        var requests = crowd.Clients.ToDictionary(client => client,
            client => new NumberedRequest(peer.Dialect.Publish(client.User, client.Room, NumberedRequest.Text(120))));
        foreach (var client in crowd.Clients)
            client.Heard = (who, message) => heard[who].Add(NumberedRequest.Number(message));
        for (var number = 0; number < Messages * Members; number++)
            crowd.Clients[number % Members].Send(requests[crowd.Clients[number % Members]].Numbered(number));
        const int InEachRoom = Messages * Members / Rooms;
        crowd.RunUntil(() => crowd.Faults().Count > 0 || heard.Values.All(numbers => numbers.Count >= InEachRoom), Patience);

        Assert.Empty(crowd.Faults());
        foreach (var (client, numbers) in heard)
        {
            Assert.Equal(numbers.Order(), Enumerable.Range(0, Messages * Members).Where(number => number % Rooms == client.Number % Rooms).Select(number => (long)number));
            Assert.All(numbers.GroupBy(number => number % Members), sent => Assert.Equal(sent.Order(), sent));
            Assert.Equal(InEachRoom, client.Delivered);
        }
    }

    [Theory]
    [PeerData("limit")]
    [PeerData("chat")]
    [PeerData("chat-never")]
    [PeerData("signalr")]
    [PeerData("nats")]
    [PeerData("ws")]
    [PeerData("socket.io")]
    [PeerData("python")]
    public async Task Should_deliver_all_when_twenty_members_send_as_fast_as_their_messages_come_back(string name)
    {
        var outcome = await RunAsync(name, new EchoScenario("fanout", members: 20, rooms: 1, senders: 5), seconds: 1);
        Assert.Empty(outcome.Faults);
        Assert.All(outcome.Values.Values, value => Assert.True(value > 0));
    }

    [LinuxFact(Linux.Epoll)]
    public async Task Should_measure_each_connection_of_ours_with_and_without_a_collection()
    {
        var outcome = await RunAsync("chat", new IdleScenario(connections: 200), seconds: 1);
        Assert.Empty(outcome.Faults);
        Assert.Equal(new IdleScenario(200).Figures.ToHashSet(), outcome.Values.Keys.ToHashSet());
    }

    [LinuxFact(Linux.Epoll)]
    public async Task Should_come_back_into_the_same_sessions_of_ours_when_all_are_lost_at_once()
    {
        var outcome = await RunAsync("chat", new StormScenario(connections: 200), seconds: 1);
        Assert.Empty(outcome.Faults);
    }

    [LinuxFact(Linux.Epoll)]
    public async Task Should_time_the_echo_of_each_message_when_fifty_members_of_ours_talk()
    {
        var outcome = await RunAsync("chat", new LightScenario(), seconds: 1);
        Assert.Empty(outcome.Faults);
        Assert.Equal(new LightScenario().Figures.ToHashSet(), outcome.Values.Keys.ToHashSet());
    }

    [LinuxFact(Linux.Epoll)]
    public async Task Should_time_each_echo_of_ours_when_more_come_into_its_room_and_go_than_are_announced_by_name()
    {
        var presence = new PresenceScenario(comers: 80, seconds: 1);
        var outcome = await RunAsync("chat", presence, seconds: 1);
        Assert.Empty(outcome.Faults);
        Assert.Equal(presence.Figures.ToHashSet(), outcome.Values.Keys.ToHashSet());
        Assert.InRange(outcome.Values[presence.Figures[1]], double.Epsilon, outcome.Values[presence.Figures[0]]);
    }

    [LinuxFact(Linux.Epoll)]
    public async Task Should_give_the_slopes_of_ours_when_a_mixed_load_has_gone_on_for_a_while()
    {
        // As many come and go as there are steps: on a slow machine one that came back might be there before its old connection is gone.
        var longer = new LongScenario(TimeSpan.FromSeconds(3), step: TimeSpan.FromMilliseconds(50), stayers: 20, comers: 60);
        var outcome = await RunAsync("chat", longer, seconds: 1);
        Assert.Empty(outcome.Faults);
        Assert.Equal(longer.Figures.ToHashSet(), outcome.Values.Keys.ToHashSet());
        Assert.All(outcome.Values.Values, value => Assert.True(double.IsFinite(value)));
    }

    [Theory]
    [PeerData("limit")]
    [PeerData("signalr")]
    [PeerData("ws")]
    [PeerData("socket.io")]
    [PeerData("python")]
    public async Task Should_have_collected_its_garbage_as_often_as_it_was_asked_to(string name)
    {
        var peer = InstalledPeers.Named(name);
        Assert.Null(await peer.MissingAsync(TextWriter.Null, _time.Token));
        await using var server = await peer.StartAsync(_time.Token);
        for (var time = 0; time < 2; time++)
            Assert.True(await server.CollectAsync(_time.Token));
    }

    // SIGUSR2 ends whatever was not written to heed it.
    [Theory]
    [PeerData("python")]
    public async Task Should_say_so_when_a_peer_ends_in_place_of_collecting(string name)
    {
        Assert.Null(await InstalledPeers.Named(name).MissingAsync(TextWriter.Null, _time.Token));
        await using var server = await PeerProcess.StartAsync(
            "python3", (port, _) => ["-m", "http.server", $"{port}", "--bind", "127.0.0.1"], Collection.Signal, _time.Token);
        var e = await Assert.ThrowsAsync<BenchException>(() => server.CollectAsync(_time.Token));
        Assert.StartsWith("python3 ended by itself", e.Message);
    }

    [LinuxFact(Linux.Epoll)]
    public async Task Should_say_that_nothing_came_back_when_nobody_was_given_the_time_to_speak()
    {
        var e = await Assert.ThrowsAsync<BenchException>(() => RunAsync("chat", new LightScenario(), seconds: 0));
        Assert.StartsWith("No message came back.", e.Message);
    }

    [Fact]
    public async Task Should_name_the_remedy_when_a_peer_is_not_installed()
    {
        var peer = new NodePeer("no-such-package", "none.mjs", "", new BareDialect());
        var why = await peer.MissingAsync(TextWriter.Null, _time.Token);
        Assert.EndsWith("npm ci --prefix Chat.Bench/Peers/Node", why);
    }

    private async Task<Outcome> RunAsync(string name, IScenario scenario, int seconds)
    {
        var peer = InstalledPeers.Named(name);
        Assert.Null(await peer.MissingAsync(TextWriter.Null, _time.Token));
        await using var server = await peer.StartAsync(_time.Token);
        return await scenario.RunAsync(new Trial(peer.Dialect, server, 120, TimeSpan.Zero, TimeSpan.FromSeconds(seconds)), _time.Token);
    }
}
