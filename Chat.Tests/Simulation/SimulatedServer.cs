using Akka.Actor;
using Akka.Event;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.History;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;
using Chat.Protocol;

namespace Chat.Tests.Simulation;

/// <summary>One run of the server's process, from its start to its end: all of the chat's actors over one disk.</summary>
internal sealed class SimulatedServer
{
    private readonly IActorRef _daemon;

    /// <summary>Starts it; throws a <see cref="StorageException"/> where the data folder can't be had.</summary>
    /// <param name="world">Where it runs.</param>
    /// <param name="name">Of this run.</param>
    /// <param name="options">The chat's settings.</param>
    /// <param name="store">The rooms' logs, this server's own.</param>
    public SimulatedServer(World world, string name, ChatOptions options, FileHistoryStore store) =>
        _daemon = world.System.ActorOf(Props.Create(() => new Daemon(world, this, options, store)), name);

    /// <summary>It takes connections.</summary>
    public bool IsAccepting { get; private set; } = true;

    /// <summary>It was told to stop, and has.</summary>
    public bool HasStopped { get; private set; }

    /// <summary>When it gives up waiting for what stops.</summary>
    public TimeSpan? StopsAt { get; private set; }

    /// <summary>Null until it is there, as the two that follow.</summary>
    public ActorRefWithCell? Rooms { get; private set; }

    public ActorRefWithCell? Relays { get; private set; }

    public ActorRefWithCell? Connections { get; private set; }

    /// <summary>A client connects.</summary>
    public void Accept(SimulatedSocket socket) => _daemon.Tell(socket, ActorRefs.NoSender);

    /// <summary>Asks it to stop: its clients are told, then the rooms are flushed, then its actors end.</summary>
    public void Stop(TimeSpan giveUpAt)
    {
        (IsAccepting, StopsAt) = (false, giveUpAt);
        _daemon.Tell(new Ending(), ActorRefs.NoSender);
    }

    /// <summary>It doesn't wait any longer for what stops.</summary>
    public void GiveUp() => _daemon.Tell(PoisonPill.Instance, ActorRefs.NoSender);

    /// <summary>Lets go of the actors of a process that is gone: what they still do reaches nothing and nobody.</summary>
    public void Bury(Interleaving interleaving)
    {
        ((IInternalActorRef)_daemon).Stop();
        interleaving.RunOut();
    }

    private sealed record Ending;

    /// <summary>Stands for the gateway's own parts: accepting, and the order of ending.</summary>
    private sealed class Daemon : UntypedActor
    {
        private readonly World _world;
        private readonly SimulatedServer _server;
        private readonly ChatOptions _options;
        private readonly FileHistoryStore _store;
        private readonly Queue<SimulatedSocket> _accepted = new();

        public Daemon(World world, SimulatedServer server, ChatOptions options, FileHistoryStore store) =>
            (_world, _server, _options, _store) = (world, server, options, store);

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(cause =>
        {
            _world.Fail($"One of the chat's first actors failed: {cause}");
            return Directive.Stop;
        });

        protected override void PreStart()
        {
            Context.System.EventStream.Subscribe(Self, typeof(Error));
            var sync = Context.ActorOf(HistorySyncActor.Props(_store), "sync");
            var rooms = Context.ActorOf(RoomsActor.Props(_options, _store, sync), "rooms");
            var relays = Context.ActorOf(RelaysActor.Props(_options, rooms), "relays");
            var users = Context.ActorOf(UserRegistryActor.Props(_options, relays), "users");
            var connections = Context.ActorOf(ConnectionsActor.Props(_options, new ChatActorRefs(users, relays, rooms)), "connections");
            (_server.Rooms, _server.Relays, _server.Connections) =
                ((ActorRefWithCell)rooms, (ActorRefWithCell)relays, (ActorRefWithCell)connections);
        }

        protected override void PostStop()
        {
            Context.System.EventStream.Unsubscribe(Self);
            // The rooms' logs have ended by now, each with its writer.
            _store.Dispose();
            _server.HasStopped = true;
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case SimulatedSocket socket:
                    _accepted.Enqueue(socket);
                    _server.Connections!.Tell(new ConnectionsCommands.Open(socket.Outbox, socket.IsOriginal), Self);
                    break;
                case IActorRef connection:
                    _accepted.Dequeue().Connection = connection;
                    break;
                case Ending:
                    _server.Connections!.Tell(new ConnectionsCommands.Stop(TimeSpan.Zero), Self);
                    break;
                case ConnectionsCommands.Stopped:
                    _server.Rooms!.Tell(ChildReports.Flush.Instance, Self);
                    break;
                case ChildReports.Flushed:
                    Context.Stop(Self);
                    break;
                case Error { Cause: null or StorageException or ActorKilledException or DeathPactException or SimulatedFaultException }:
                    break;
                case Error error:
                    _world.Fail($"An actor failed: {error.Cause}");
                    break;
                default:
                    Unhandled(message);
                    break;
            }
        }
    }
}

/// <summary>A fault of the program, as far as the program can tell.</summary>
internal sealed class SimulatedFaultException() : Exception("A fault of the program, made for the simulation.");
