using System.Text;

namespace Chat.Bench.Load.Dialects;

/// <summary>What the limit speaks: a client is in the room that its path names, and what it sends is what all get, in the bytes of a message of ours.</summary>
public sealed class LimitDialect : IDialect
{
    /// <inheritdoc/>
    public string Path(string room) => "/" + room;

    /// <inheritdoc/>
    public IReadOnlyList<EntryStep> Entry(string user, string room, string? session) => [];

    /// <inheritdoc/>
    public byte[] Publish(string user, string room, string text) => Encoding.UTF8.GetBytes(
        $$"""{"type":"message","room":"{{room}}","seq":100000,"id":"{{NumberedRequest.Token}}","user":"{{user}}","message":"{{text}}","timestamp":"2026-01-01T00:00:00.000Z","crc":"00000000"}""");

    /// <inheritdoc/>
    public Incoming Next(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> part)
    {
        part = payload;
        payload = default;
        return Incoming.Message;
    }
}
