namespace Chat.Protocol.Client;

/// <summary>What <see cref="ChatClient.Events"/> yields, in the order in which it happened.</summary>
public abstract record ClientEvent
{
    private ClientEvent() { }

    /// <summary>The connection came, went or told its round trip.</summary>
    public sealed record StateChanged(ConnectionState State) : ClientEvent;

    /// <summary>
    /// The server said something. Each message of a joined room comes once and in the order of <c>seq</c>, alone or in the
    /// pages that a join, a reconnect or a slow reader gets; what such a page repeats is taken out of its <c>Messages</c>.
    /// <paramref name="Json"/> is the frame as it was on the wire.
    /// </summary>
    public sealed record Received(ServerEvent Event, ReadOnlyMemory<byte> Json) : ClientEvent;

    /// <summary>A message of one's own went one step on: queued, sent, then stored or refused.</summary>
    public sealed record PublishChanged(OutgoingMessage Message) : ClientEvent;
}
