using Akka.Actor;
using Akka.Configuration;
using Chat.Actors.Connections;
using Chat.Actors.History;

namespace Chat.Tests.Simulation;

/// <summary>
/// An actor system without threads and without a clock: what its actors do, and when, is the <see cref="Interleaving"/>'s choice. It
/// outlives the runs of many seeds, as making one takes longer than most of those. Of one thread at a time.
/// </summary>
internal sealed class SimulatedSystem
{
    private const string Dispatcher = "{ type = \"Chat.Tests.Simulation.SeededDispatcherConfigurator, Chat.Tests\" }";
    private const string Mailbox = "{ mailbox-type = \"Chat.Tests.Simulation.SimulatedMailbox, Chat.Tests\" }";

    private static readonly Config Configuration = ConfigurationFactory.ParseString($$"""
        akka {
          loggers = []
          loglevel = ERROR
          stdout-loglevel = OFF
          log-dead-letters = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          scheduler.implementation = "Chat.Tests.Simulation.VirtualScheduler, Chat.Tests"
          actor.default-dispatcher {{Dispatcher}}
          actor.internal-dispatcher {{Dispatcher}}
          actor.default-mailbox {{Mailbox}}
          actor.mailbox.unbounded-deque-based {{Mailbox}}
        }
        {{QuietMailbox.Name}} {{Mailbox}}
        {{HistoryWriterActor.Dispatcher}} {{Dispatcher}}
        {{HistorySyncActor.Dispatcher}} {{Dispatcher}}
        {{DiskReads.Dispatcher}} {{Dispatcher}}
        """);

    public SimulatedSystem()
    {
        Actors = ActorSystem.Create("simulation", Configuration);
        Interleaving = Interleaving.Of(Actors.Scheduler);
        Interleaving.RunOut();
    }

    public ActorSystem Actors { get; }

    public Interleaving Interleaving { get; }
}
