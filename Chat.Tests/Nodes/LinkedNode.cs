using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Event;
using Chat.Actors.Nodes;
using Chat.Actors.Nodes.Wire;
using Xunit;

namespace Chat.Tests.Nodes;

/// <summary>A node of a cluster, of which the others reach only what stands before it.</summary>
internal sealed class LinkedNode : IAsyncDisposable
{
    public const int Frame = 512 * 1024;

    private readonly int _port;
    private ActorSystem _system;

    public LinkedNode()
    {
        using (var free = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _port = ((IPEndPoint)free.LocalEndPoint!).Port;
        }
        Proxy = new TcpProxy(_port);
        _system = Start();
    }

    public TcpProxy Proxy { get; }

    public IActorRef Links { get; private set; } = ActorRefs.Nobody;

    /// <summary>An actor that others tell something, and what it was told.</summary>
    public IActorRef Taker { get; private set; } = ActorRefs.Nobody;

    public Channel<object> Taken { get; private set; } = Channel.CreateUnbounded<object>();

    public Channel<object> Broken { get; private set; } = Channel.CreateUnbounded<object>();

    public Channel<object> Errors { get; private set; } = Channel.CreateUnbounded<object>();

    public Address Address => Cluster.Get(_system).SelfAddress;

    public async Task Join(LinkedNode other)
    {
        Cluster.Get(_system).Join(other.Address);
        await Until(() => Members(this) is [true, ..] && Members(this).Length == (ReferenceEquals(this, other) ? 1 : 2) && Members(other).Length == Members(this).Length);
    }

    /// <summary>An actor of another node, as this one knows it.</summary>
    public IActorRef Far(LinkedNode node, IActorRef actor) =>
        ((ExtendedActorSystem)_system).Provider.ResolveActorRef(actor.Path.ToSerializationFormatWithAddress(node.Address));

    public void Tell(IActorRef far, object message) => Links.Tell(new LinkCommands.Send(far, message), Taker);

    /// <summary>Ends as in a crash, and starts again at the same address.</summary>
    public async Task Restart()
    {
        await _system.Terminate();
        (Taken, Broken, Errors) = (Channel.CreateUnbounded<object>(), Channel.CreateUnbounded<object>(), Channel.CreateUnbounded<object>());
        _system = Start();
    }

    public async ValueTask DisposeAsync()
    {
        Proxy.Dispose();
        await _system.Terminate();
    }

    public static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 600 && !condition(); i++)
            await Task.Delay(100);
        Assert.True(condition());
    }

    // Whether each is up.
    private static bool[] Members(LinkedNode node) => [.. Cluster.Get(node._system).State.Members.Select(member => member.Status == MemberStatus.Up).Order()];

    private ActorSystem Start()
    {
        var system = ActorSystem.Create("chat", ConfigurationFactory.ParseString($$"""
            akka {
              loglevel = WARNING
              stdout-loglevel = OFF
              loggers = []
              actor.provider = cluster
              coordinated-shutdown.run-by-actor-system-terminate = off
              remote {
                retry-gate-closed-for = 50ms
                dot-netty.tcp { hostname = "127.0.0.1", port = {{_port}}, public-port = {{Proxy.Port}}, maximum-frame-size = {{Frame}}b }
              }
              cluster {
                gossip-interval = 200ms
                leader-actions-interval = 200ms
                failure-detector.acceptable-heartbeat-pause = 60s
              }
            }
            """ + "\n" + ChatSerializer.Binding));
        Taker = system.ActorOf(Props.Create(() => new Keeper(Taken.Writer)));
        var told = system.ActorOf(Props.Create(() => new Keeper(Broken.Writer)));
        var errors = system.ActorOf(Props.Create(() => new Keeper(Errors.Writer)));
        system.EventStream.Subscribe(errors, typeof(Error));
        Links = system.ActorOf(LinksActor.Props(TimeProvider.System, () => [told]), LinksActor.Name);
        return system;
    }

    private sealed class Keeper(ChannelWriter<object> kept) : UntypedActor
    {
        protected override void OnReceive(object message) => kept.TryWrite(message);
    }
}
