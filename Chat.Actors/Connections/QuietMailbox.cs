using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;
using Chat.Actors.Delivery;

namespace Chat.Actors.Connections;

/// <summary>
/// A mailbox that holds nothing while it is empty. Akka's own keeps a segment for 32 messages, about 1 KB, and there is one for each of tens of
/// thousands of connections, most of them quiet.
/// </summary>
public sealed class QuietMailbox(Settings settings, Config config) : MailboxType(settings, config), IProducesMessageQueue<QuietQueue>
{
    /// <summary>Its name in the configuration.</summary>
    public const string Name = "chat.quiet-mailbox";

    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new QuietQueue();
}

/// <summary>The queue of a <see cref="QuietMailbox"/>: in one array, under a lock. Not bounded, as requests without an answer are.</summary>
public sealed class QuietQueue : IMessageQueue, IUnboundedDequeBasedMessageQueueSemantics
{
    private readonly ItemQueue<Envelope> _messages = new();

    /// <inheritdoc/>
    public bool HasMessages => Count > 0;

    /// <inheritdoc/>
    public int Count
    {
        get
        {
            lock (_messages)
                return _messages.Count;
        }
    }

    /// <inheritdoc/>
    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        lock (_messages)
            _messages.Enqueue(envelope);
    }

    /// <inheritdoc/>
    public void EnqueueFirst(Envelope envelope)
    {
        lock (_messages)
            _messages.EnqueueFirst(envelope);
    }

    /// <inheritdoc/>
    public bool TryDequeue(out Envelope envelope)
    {
        lock (_messages)
        {
            envelope = _messages.Count > 0 ? _messages.Dequeue() : default;
            return envelope.Message is not null;
        }
    }

    /// <inheritdoc/>
    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope))
            deadletters.Enqueue(owner, envelope);
    }
}
