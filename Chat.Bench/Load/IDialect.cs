using Chat.Bench.Sockets;

namespace Chat.Bench.Load;

/// <summary>What a part of what a server sends is to its client.</summary>
public enum Incoming
{
    /// <summary>Nothing that is counted.</summary>
    Other,

    /// <summary>A message of the room.</summary>
    Message,

    /// <summary>To be answered by <see cref="IDialect.Pong"/>.</summary>
    Ping,

    /// <summary>The server refuses something.</summary>
    Refusal,
}

/// <summary>Requests on the way into a room, and what their answer begins with.</summary>
/// <param name="Requests">Sent one behind the other; none where the server speaks first.</param>
/// <param name="Answer">The beginning of what says that they were carried out.</param>
public sealed record EntryStep(IReadOnlyList<byte[]> Requests, byte[] Answer);

/// <summary>How the clients of one kind of server speak with it, by WebSocket. It holds nothing of a connection.</summary>
public interface IDialect
{
    /// <summary>Whether requests are text or binary frames.</summary>
    Opcode Requests => Opcode.Text;

    /// <summary>The subprotocol that is offered; null for none.</summary>
    string? Subprotocol => null;

    /// <summary>What a client says that says nothing else for a while; null for nothing.</summary>
    byte[]? KeepAlive => null;

    /// <summary>The answer to <see cref="Incoming.Ping"/>.</summary>
    byte[] Pong => [];

    /// <summary>Where a client of the room connects.</summary>
    string Path(string room);

    /// <summary>The way in, after the handshake; each step follows the answer to the one before.</summary>
    /// <param name="user">Who it is.</param>
    /// <param name="room">Where it wants to.</param>
    /// <param name="session">What <see cref="Session"/> gave to the same user before; null at first.</param>
    IReadOnlyList<EntryStep> Entry(string user, string room, string? session);

    /// <summary>What the server gave a client to come back with; null where this isn't that.</summary>
    string? Session(ReadOnlySpan<byte> part) => null;

    /// <summary>A request that sends a text, of letters, digits, spaces and hyphens, to the room.</summary>
    byte[] Publish(string user, string room, string text);

    /// <summary>Takes the first part out of a frame's payload. Throws an <see cref="InvalidDataException"/> where there is none that is whole.</summary>
    Incoming Next(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> part);
}
