namespace Chat.Actors.Delivery;

/// <summary>The way from an <see cref="Outbox"/> to its socket: whole frames in, one write at a time.</summary>
public interface IFrameWriter
{
    /// <summary>Completes when the bytes were taken; throws where they can't be any more.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>The close frame is out; what the peer sends is read until its own close, for a while.</summary>
    void CloseSent();

    /// <summary>Ends the connection at once.</summary>
    void Abort();
}
