using System.Text;

namespace Chat.Bench.Load.Dialects;

/// <summary>Nothing but WebSocket: a client is in the room that its path names, and what one sends comes to all of it.</summary>
public sealed class BareDialect : IDialect
{
    /// <inheritdoc/>
    public string Path(string room) => "/" + room;

    /// <inheritdoc/>
    public IReadOnlyList<EntryStep> Entry(string user, string room, string? session) => [];

    /// <inheritdoc/>
    public byte[] Publish(string user, string room, string text) => Encoding.UTF8.GetBytes(text);

    /// <inheritdoc/>
    public Incoming Next(ref ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> part)
    {
        part = payload;
        payload = default;
        return Incoming.Message;
    }
}
