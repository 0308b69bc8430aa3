using System.Buffers.Text;
using System.Text;
using Chat.Bench.Sockets;

namespace Chat.Bench.Load.Dialects;

/// <summary>
/// NATS's client protocol in binary frames, several operations in one as they come: <c>INFO {…}</c>, <c>MSG subject sid bytes</c> and
/// the payload, <c>PING</c>, <c>PONG</c>, <c>-ERR …</c>, each line with CRLF. A room is a subject.
/// </summary>
public sealed class NatsDialect : IDialect
{
    private static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    /// <inheritdoc/>
    public Opcode Requests => Opcode.Binary;

    /// <inheritdoc/>
    public byte[] Pong { get; } = "PONG\r\n"u8.ToArray();

    /// <inheritdoc/>
    public string Path(string room) => "/";

    /// <inheritdoc/>
    public IReadOnlyList<EntryStep> Entry(string user, string room, string? session) =>
    [
        new([], "INFO"u8.ToArray()),
        new([Ascii("CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"bench\",\"version\":\"1\",\"protocol\":1}\r\n" + $"SUB {room} 1\r\nPING\r\n")], "PONG"u8.ToArray()),
    ];

    /// <inheritdoc/>
    public byte[] Publish(string user, string room, string text) => Ascii($"PUB {room} {text.Length}\r\n{text}\r\n");

    /// <inheritdoc/>
    public Incoming Next(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> part)
    {
        var end = payload.IndexOf(LineEnd);
        if (end < 0)
            throw new InvalidDataException("A frame ends within a line.");
        part = payload[..end];
        payload = payload[(end + LineEnd.Length)..];
        if (!part.StartsWith("MSG "u8))
            return part.SequenceEqual("PING"u8) ? Incoming.Ping : part.StartsWith("-ERR"u8) ? Incoming.Refusal : Incoming.Other;
        if (!Utf8Parser.TryParse(part[(part.LastIndexOf((byte)' ') + 1)..], out int length, out _) || length < 0 || payload.Length < length + LineEnd.Length)
            throw new InvalidDataException("A frame ends within a message.");
        part = payload[..length];
        payload = payload[(length + LineEnd.Length)..];
        return Incoming.Message;
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
