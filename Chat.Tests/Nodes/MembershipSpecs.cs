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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly int _first = LoopbackPort.Free();
    private readonly List<ActorSystem> _systems = [];

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
        Assert.IsType<MembershipActor.VersionRefused>(CoordinatedShutdown.Get(refused).ShutdownReason);
        Assert.Equal(1, CoordinatedShutdown.Get(refused).ShutdownReason.ExitCode);
        await UpAsync(old, 1);
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
        system.ActorOf(MembershipActor.Props(new ClusterOptions { Host = "127.0.0.1", Port = port, Seeds = [new ClusterSeed("127.0.0.1", seed)] }, version));
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

    private sealed class Listener : UntypedActor
    {
        private readonly ChannelWriter<string> _said;

        public Listener(ChannelWriter<string> said) => _said = said;

        protected override void OnReceive(object message) => _said.TryWrite(((LogEvent)message).Message.ToString()!);
    }
}
