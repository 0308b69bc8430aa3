using System.Text;

namespace Chat.Bench.Load.Dialects;

/// <summary>This project's own protocol: docs/PROTOCOL.md.</summary>
public sealed class ChatDialect : IDialect
{
    private static ReadOnlySpan<byte> MessageStart => "{\"type\":\"message\""u8;

    private static ReadOnlySpan<byte> ErrorStart => "{\"type\":\"error\""u8;

    private static ReadOnlySpan<byte> WelcomeStart => "{\"type\":\"system\",\"event\":\"welcome\""u8;

    private static ReadOnlySpan<byte> SessionField => "\"session\":\""u8;

    /// <inheritdoc/>
    public string Subprotocol => "chat.v1";

    /// <inheritdoc/>
    public string Path(string room) => "/ws";

    /// <inheritdoc/>
    public IReadOnlyList<EntryStep> Entry(string user, string room, string? session)
    {
        var resume = session is null ? "" : $",\"session\":\"{session}\"";
        return
        [
            new([Utf8($$"""{"type":"login","username":"{{user}}"{{resume}}}"""), Utf8($$"""{"type":"join","room":"{{room}}","history":0}""")],
                Utf8("{\"type\":\"history\"")),
        ];
    }

    /// <inheritdoc/>
    public string? Session(ReadOnlySpan<byte> part)
    {
        if (!part.StartsWith(WelcomeStart) || part.IndexOf(SessionField) is var at && at < 0)
            return null;
        var rest = part[(at + SessionField.Length)..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)'"')]);
    }

    /// <inheritdoc/>
    public byte[] Publish(string user, string room, string text) =>
        Utf8($$"""{"type":"publish","room":"{{room}}","id":"{{NumberedRequest.Token}}","message":"{{text}}"}""");

    /// <inheritdoc/>
    public Incoming Next(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> part)
    {
        part = payload;
        payload = default;
        return part.StartsWith(MessageStart) ? Incoming.Message : part.StartsWith(ErrorStart) ? Incoming.Refusal : Incoming.Other;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
