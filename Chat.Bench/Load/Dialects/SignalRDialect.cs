using System.Text;

namespace Chat.Bench.Load.Dialects;

/// <summary>
/// SignalR's JSON hub protocol without negotiation: records that end in 0x1E, of type 1 (invocation), 3 (completion), 6 (ping) and 7
/// (close).
/// </summary>
public sealed class SignalRDialect : IDialect
{
    private const byte RecordEnd = 0x1E;

    private static ReadOnlySpan<byte> InvocationStart => "{\"type\":1,"u8;

    private static ReadOnlySpan<byte> CloseStart => "{\"type\":7"u8;

    private static ReadOnlySpan<byte> ErrorField => "\"error\":"u8;

    /// <inheritdoc/>
    /// <remarks>A server ends a connection that says nothing for 30 s.</remarks>
    public byte[] KeepAlive { get; } = Record("""{"type":6}""");

    /// <inheritdoc/>
    public string Path(string room) => "/chat";

    /// <inheritdoc/>
    public IReadOnlyList<EntryStep> Entry(string user, string room, string? session) =>
    [
        new([Record("""{"protocol":"json","version":1}""")], "{}"u8.ToArray()),
        new([Record($$"""{"type":1,"invocationId":"join","target":"Join","arguments":["{{room}}"]}""")], "{\"type\":3,\"invocationId\":\"join\""u8.ToArray()),
    ];

    /// <inheritdoc/>
    public byte[] Publish(string user, string room, string text) =>
        Record($$"""{"type":1,"target":"Send","arguments":["{{room}}","{{user}}","{{text}}"]}""");

    /// <inheritdoc/>
    public Incoming Next(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> part)
    {
        var end = payload.IndexOf(RecordEnd);
        if (end < 0)
            throw new InvalidDataException("A frame ends within a record.");
        part = payload[..end];
        payload = payload[(end + 1)..];
        return part.StartsWith(InvocationStart) ? Incoming.Message
            : part.StartsWith(CloseStart) || part.IndexOf(ErrorField) >= 0 ? Incoming.Refusal
            : Incoming.Other;
    }

    private static byte[] Record(string json) => [.. Encoding.UTF8.GetBytes(json), RecordEnd];
}
