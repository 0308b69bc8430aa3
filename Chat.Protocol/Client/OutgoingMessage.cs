namespace Chat.Protocol.Client;

/// <summary>How far a message of one's own has come.</summary>
public enum OutgoingStatus
{
    /// <summary>Waits for the connection, its room or its turn.</summary>
    Queued,

    /// <summary>On its way; whether it arrived isn't known.</summary>
    Sent,

    /// <summary>In the room's log.</summary>
    Stored,

    /// <summary>Not in the room's log, and not tried again.</summary>
    Refused,
}

/// <summary>A message of one's own, from <c>PublishAsync</c> to its ack.</summary>
/// <param name="Id">The id under which it is sent, each time that it is.</param>
/// <param name="Room">The room.</param>
/// <param name="Text">What it says.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="Seq">Its place in the room's log, once stored.</param>
/// <param name="Error">Why it was refused.</param>
public sealed record OutgoingMessage(
    string Id, string Room, string Text, OutgoingStatus Status, long? Seq = null, ServerEvent.Error? Error = null);
