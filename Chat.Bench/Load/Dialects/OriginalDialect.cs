using System.Text;

namespace Chat.Bench.Load.Dialects;

/// <summary>What the original's clients spoke: JSON objects with a <c>type</c>, written as Python writes them.</summary>
public sealed class OriginalDialect : IDialect
{
    private static ReadOnlySpan<byte> MessageStart => "{\"type\": \"message\""u8;

    private static ReadOnlySpan<byte> ErrorStart => "{\"type\": \"error\""u8;

    /// <inheritdoc/>
    public string Path(string room) => "/";

    /// <inheritdoc/>
    public IReadOnlyList<EntryStep> Entry(string user, string room, string? session) =>
    [
        new([Utf8($$"""{"type":"login","username":"{{user}}"}"""), Utf8($$"""{"type":"join","room":"{{room}}"}""")], Utf8("{\"type\": \"history\"")),
    ];

    /// <inheritdoc/>
    public byte[] Publish(string user, string room, string text) => Utf8($$"""{"type":"publish","room":"{{room}}","message":"{{text}}"}""");

    /// <inheritdoc/>
    public Incoming Next(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> part)
    {
        part = payload;
        payload = default;
        return part.StartsWith(MessageStart) ? Incoming.Message : part.StartsWith(ErrorStart) ? Incoming.Refusal : Incoming.Other;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
