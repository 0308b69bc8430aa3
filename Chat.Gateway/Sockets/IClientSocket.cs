using Chat.Actors.Connections;
using Chat.Actors.Delivery;

namespace Chat.Gateway.Sockets;

/// <summary>What was read from a client's socket.</summary>
public enum ReceivedKind
{
    /// <summary>A whole text message.</summary>
    Text,

    /// <summary>The beginning of a binary message.</summary>
    Binary,

    /// <summary>A message grew over the limit.</summary>
    TooLarge,

    /// <summary>A text ended within a character.</summary>
    NotUtf8,

    /// <summary>The peer's close frame.</summary>
    Close,
}

/// <summary>A message, valid until the next is read; or a close with its code, 0 where it had none.</summary>
public readonly record struct ReceivedMessage(ReceivedKind Kind, ReadOnlyMemory<byte> Text, int CloseCode);

/// <summary>
/// A client's WebSocket, whoever implements the protocol below it: text in, whole frames out, close. One reader, one writer.
/// </summary>
public interface IClientSocket : IFrameWriter, IDisposable
{
    /// <summary>Gives it the way out for what it writes by itself, and what its address may do, before the first read.</summary>
    void Start(Outbox outbox, AddressBudget? address);

    /// <summary>The next message. Throws where the connection is lost, or the peer broke the protocol (its close frame is on its way then).</summary>
    ValueTask<ReceivedMessage> ReceiveAsync();

    /// <summary>Nothing is read any more: the connection is lost, or the peer had its time to answer a close frame.</summary>
    CancellationToken Ended { get; }

    /// <summary>Completes when the close frame is out, or the connection lost.</summary>
    Task Finished { get; }

    /// <summary>Bytes that the peer has acknowledged in all; null where the system doesn't tell.</summary>
    long? Taken { get; }

    /// <summary>How long no byte came, nor any that was sent was seen to arrive.</summary>
    TimeSpan Quiet { get; }

    /// <summary>
    /// Drops what still comes of a peer of which nothing more is wanted, up to its own end, or for a while. Were bytes left unread, the system
    /// would end the connection with a reset, on which some systems forget the close frame that came before it.
    /// </summary>
    Task DrainAsync();
}
