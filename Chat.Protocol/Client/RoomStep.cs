namespace Chat.Protocol.Client;

/// <summary>What the user wants done in a room; a room's steps take effect in the order in which they were asked for.</summary>
internal abstract class RoomStep;

/// <summary>Enter the room, or enter it again.</summary>
internal sealed class JoinStep(Call<ServerEvent.History> call) : RoomStep
{
    public Call<ServerEvent.History> Call { get; } = call;

    public Request.Join Request => (Request.Join)Call.Request;
}

/// <summary>Leave the room, once all that was published before is answered.</summary>
internal sealed class LeaveStep(Call<ServerEvent.Left?> call) : RoomStep
{
    public Call<ServerEvent.Left?> Call { get; } = call;

    /// <summary>On its way over this connection.</summary>
    public bool IsSent { get; set; }

    /// <summary>How often it has been sent.</summary>
    public int Times { get; set; }
}

/// <summary>Publish a message.</summary>
internal sealed class Outgoing(long number, RoomSession room, string id, Call<ServerEvent.Ack> call) : RoomStep
{
    /// <summary>In the order of all that was published, whatever the room.</summary>
    public long Number { get; } = number;

    public RoomSession Room { get; set; } = room;

    public string Id { get; } = id;

    public Call<ServerEvent.Ack> Call { get; } = call;

    public string Text => ((Request.Publish)Call.Request).Text;

    public OutgoingStatus Status { get; set; } = OutgoingStatus.Queued;

    /// <summary>Has been sent at least once, so that it may be in the log.</summary>
    public bool WasSent { get; set; }

    /// <summary>How often the server had a fault over it.</summary>
    public int Faults { get; set; }

    public OutgoingMessage Picture(long? seq = null, ServerEvent.Error? error = null) => new(Id, Room.Name, Text, Status, seq, error);
}
