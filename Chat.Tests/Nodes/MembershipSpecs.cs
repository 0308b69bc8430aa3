using System.Collections.Concurrent;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Event;
using Chat.Actors.Nodes;
using Chat.Bench.Gateways;
using Xunit;

namespace Chat.Tests.Nodes;

/// <summary>A node joins real others over TCP, or is refused.</summary>
public sealed class MembershipSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly int _first = LoopbackPort.Free();
    private readonly List<ActorSystem> _systems = [];
    private readonly Register _register = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var system in _systems)
            await system.Terminate();
    }

    [Fact]
    public async Task Should_be_in_one_cluster_when_the_versions_are_neighbours()
    {
        var (old, _) = Start(_first, 1, _first);
        await UpAsync(old, 1);
        var (renewed, _) = Start(0, 2, _first);
        await UpAsync(renewed, 2);
        await UpAsync(old, 2);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    public async Task Should_refuse_and_end_when_the_cluster_speaks_a_version_that_is_too_far(int theirs, int ours)
    {
        var (old, _) = Start(_first, theirs, _first);
        await UpAsync(old, 1);
        var (refused, said) = Start(0, ours, _first);
        var line = await ReadAsync(said, text => text.StartsWith("Refused", StringComparison.Ordinal));
        Assert.Contains($"speaks version {ours} ", line);
        Assert.Contains($"speaks version {theirs}.", line);
        await refused.WhenTerminated.WaitAsync(Patience);
        Assert.IsType<MembershipActor.Refused>(CoordinatedShutdown.Get(refused).ShutdownReason);
        Assert.Equal(1, CoordinatedShutdown.Get(refused).ShutdownReason.ExitCode);
        await UpAsync(old, 1);
    }

    [Fact]
    public async Task Should_begin_no_cluster_beside_one_that_lives_and_that_it_can_not_reach()
    {
        _register.Touch("127.0.0.1:1");
        var (first, said) = Start(_first, 1, _first);
        await ReadAsync(said, text => text.Contains("The cluster lives, with 127.0.0.1:1", StringComparison.Ordinal));
        await ReadAsync(said, text => text.StartsWith("Not in the cluster yet", StringComparison.Ordinal));
        Assert.Empty(Cluster.Get(first).State.Members);
        // Nobody has said so for a while.
        _register.Forget("127.0.0.1:1");
        await UpAsync(first, 1);
        await SeenAsync($"127.0.0.1:{_first}");
        _ = Cluster.Get(first).LeaveAsync();
        await SeenAsync();
    }

    [Fact]
    public async Task Should_end_when_a_larger_cluster_lives_on_the_same_database()
    {
        var (small, said) = Start(_first, 1, _first);
        await UpAsync(small, 1);
        _register.Touch("127.0.0.1:1");
        _register.Touch("127.0.0.1:2");
        await ReadAsync(said, text => text.StartsWith("Another cluster lives on this database, with 127.0.0.1:1, 127.0.0.1:2", StringComparison.Ordinal));
        await small.WhenTerminated.WaitAsync(Patience);
    }

    private async Task SeenAsync(params string[] nodes)
    {
        using var time = new CancellationTokenSource(Patience);
        while (!_register.Seen(Patience).SequenceEqual(nodes))
            await Task.Delay(20, time.Token);
    }

    [Fact]
    public async Task Should_say_whom_it_waits_for_when_no_seed_answers()
    {
        var (system, said) = Start(0, 1, _first);
        Assert.Contains($"waiting for 127.0.0.1:{_first}", await ReadAsync(said, text => text.StartsWith("Not in the cluster yet", StringComparison.Ordinal)));
        Assert.NotEqual(MemberStatus.Up, Cluster.Get(system).SelfMember.Status);
        Assert.Contains("hasn't taken this node in", new ClusterView(system).WhatFails());
    }

    private (ActorSystem System, Channel<string> Said) Start(int port, int version, int seed)
    {
        var system = ActorSystem.Create("chat", ConfigurationFactory.ParseString($$"""
            {{Chat.Actors.ChatHosting.Dispatchers}}
            akka {
              loglevel = WARNING
              stdout-loglevel = OFF
              loggers = []
              actor.provider = cluster
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{port}} }
              cluster.roles = [{{ClusterVersion.RoleOf(version)}}]
            }
            """));
        _systems.Add(system);
        var said = Channel.CreateUnbounded<string>();
        var listener = system.ActorOf(Props.Create(() => new Listener(said.Writer)));
        system.EventStream.Subscribe<LogEvent>(listener);
        system.ActorOf(MembershipActor.Props(new ClusterOptions { Host = "127.0.0.1", Port = port, Seeds = [new ClusterSeed("127.0.0.1", seed)] }, _register, version));
        return (system, said);
    }

    private static async Task UpAsync(ActorSystem system, int members)
    {
        using var time = new CancellationTokenSource(Patience);
        var cluster = Cluster.Get(system);
        while (cluster.State.Members.Count(member => member.Status == MemberStatus.Up) != members || cluster.State.Members.Count != members)
            await Task.Delay(20, time.Token);
    }

    private static async Task<string> ReadAsync(Channel<string> said, Func<string, bool> isIt)
    {
        using var time = new CancellationTokenSource(Patience);
        await foreach (var line in said.Reader.ReadAllAsync(time.Token))
        {
            if (isIt(line))
                return line;
        }
        throw new InvalidOperationException("It says nothing more.");
    }

    private sealed class Register : INodeRegister
    {
        private readonly ConcurrentDictionary<string, bool> _nodes = new();

        public void Touch(string node) => _nodes[node] = true;

        public void Forget(string node) => _nodes.TryRemove(node, out _);

        public IReadOnlyList<string> Seen(TimeSpan within) => [.. _nodes.Keys];
    }

    private sealed class Listener : UntypedActor
    {
        private readonly ChannelWriter<string> _said;

        public Listener(ChannelWriter<string> said) => _said = said;

        protected override void OnReceive(object message) => _said.TryWrite(((LogEvent)message).Message.ToString()!);
    }
}
