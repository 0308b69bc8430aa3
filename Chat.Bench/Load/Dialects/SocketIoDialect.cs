using System.Text;

namespace Chat.Bench.Load.Dialects;

/// <summary>
/// Socket.IO 5 over Engine.IO 4, WebSocket from the start. The first digit is Engine.IO's (0 open, 2 ping, 3 pong, 4 message), the
/// second Socket.IO's (0 connect, 2 event, 3 acknowledgement, 4 connect error).
/// </summary>
public sealed class SocketIoDialect : IDialect
{
    private static ReadOnlySpan<byte> EventStart => "42["u8;

    private static ReadOnlySpan<byte> ConnectError => "44"u8;

    /// <inheritdoc/>
    public byte[] Pong { get; } = "3"u8.ToArray();

    /// <inheritdoc/>
    public string Path(string room) => "/socket.io/?EIO=4&transport=websocket";

    /// <inheritdoc/>
    public IReadOnlyList<EntryStep> Entry(string user, string room, string? session) =>
    [
        new([], "0{"u8.ToArray()),
        new(["40"u8.ToArray()], "40"u8.ToArray()),
        new([Encoding.UTF8.GetBytes($"""420["join","{room}"]""")], "430["u8.ToArray()),
    ];

    /// <inheritdoc/>
    public byte[] Publish(string user, string room, string text) => Encoding.UTF8.GetBytes($"""42["message","{room}","{user}","{text}"]""");

    /// <inheritdoc/>
    public Incoming Next(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> part)
    {
        part = payload;
        payload = default;
        return part.StartsWith(EventStart) ? Incoming.Message
            : part.SequenceEqual("2"u8) ? Incoming.Ping
            : part.StartsWith(ConnectError) ? Incoming.Refusal
            : Incoming.Other;
    }
}
