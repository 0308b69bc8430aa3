using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace Chat.Tests.Simulation;

/// <summary>Made by Akka, as <see cref="SimulatedSystem"/> configures it.</summary>
public sealed class SimulatedMailbox(Settings settings, Config config)
    : MailboxType(settings, config), IProducesMessageQueue<SimulatedQueue>
{
    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new SimulatedQueue(owner, Interleaving.Of(system.Scheduler));
}

/// <summary>What waits for an actor; says to the trace what it is given.</summary>
public sealed class SimulatedQueue : IMessageQueue, IUnboundedDequeBasedMessageQueueSemantics
{
    private readonly LinkedList<Envelope> _messages = new();
    private readonly IActorRef _owner;
    private readonly Interleaving _interleaving;

    internal SimulatedQueue(IActorRef owner, Interleaving interleaving)
    {
        (_owner, _interleaving) = (owner, interleaving);
        Number = interleaving.NextNumber();
    }

    /// <summary>Of its actor: a later one has a higher one.</summary>
    public long Number { get; }

    /// <inheritdoc/>
    public bool HasMessages => _messages.Count > 0;

    /// <inheritdoc/>
    public int Count => _messages.Count;

    /// <inheritdoc/>
    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        _messages.AddLast(envelope);
        _interleaving.Trace.Waits(_owner, _messages.Count);
    }

    /// <inheritdoc/>
    public void EnqueueFirst(Envelope envelope) => _messages.AddFirst(envelope);

    /// <inheritdoc/>
    public bool TryDequeue(out Envelope envelope)
    {
        if (_messages.First is not { } first)
        {
            envelope = default;
            return false;
        }
        envelope = first.Value;
        _messages.RemoveFirst();
        _interleaving.Trace.Takes(Number, _owner, envelope.Message);
        _interleaving.Watch(_owner, envelope);
        return true;
    }

    /// <inheritdoc/>
    public void CleanUp(IActorRef owner, IMessageQueue deadletters) => _messages.Clear();
}
