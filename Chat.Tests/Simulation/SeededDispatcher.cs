using Akka.Configuration;
using Akka.Dispatch;

namespace Chat.Tests.Simulation;

/// <summary>Made by Akka, as <see cref="SimulatedSystem"/> configures it.</summary>
public sealed class SeededDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly SeededDispatcher _dispatcher;

    /// <summary>Called by Akka.</summary>
    public SeededDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => _dispatcher = new SeededDispatcher(this);

    /// <inheritdoc/>
    public override MessageDispatcher Dispatcher() => _dispatcher;
}

/// <summary>Runs nothing by itself: all that there is to do goes to the <see cref="Interleaving"/>, one message at a time.</summary>
internal sealed class SeededDispatcher : MessageDispatcher
{
    private readonly Interleaving _interleaving;

    public SeededDispatcher(MessageDispatcherConfigurator configurator)
        : base(configurator)
    {
        _interleaving = Interleaving.Of(configurator.Prerequisites.Scheduler);
        // With a throughput of one, Akka takes two messages; past a deadline, one.
        (Throughput, ThroughputDeadlineTime) = (1, 0);
    }

    protected override void ExecuteTask(IRunnable run) => _interleaving.Add(
        run, run is Mailbox { MessageQueue: SimulatedQueue queue } ? queue.Number : _interleaving.NextNumber());

    protected override void Shutdown() { }
}
