using System.Buffers.Binary;
using Chat.Protocol;

namespace Chat.Actors.History.Postgres;

/// <summary>
/// What a row has beside its line: what the window of ids needs, so that it can be read without the lines. Null where the line has none.
/// </summary>
/// <param name="Id">Its message's id.</param>
/// <param name="Sender">The folded name of who said it.</param>
/// <param name="Digest">The <see cref="TextDigest"/> of its text.</param>
internal readonly record struct IdColumns(string? Id, string? Sender, Guid? Digest)
{
    /// <summary>Those of a line.</summary>
    public static IdColumns Of(ReadOnlySpan<byte> line)
    {
        var said = WindowLine.Of(line);
        if (said is not { Type: "message", User: { } user, Text: { } text })
            return new IdColumns(said.Id, null, null);
        Span<byte> digest = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(digest, text);
        return new IdColumns(said.Id, UserName.Parse(user, out _)?.Folded ?? user, new Guid(digest, bigEndian: true));
    }

    /// <summary>What the window has of a row; null where that is no message with an id.</summary>
    public LoggedId? ToLogged(long seq, DateTime time)
    {
        if (this is not { Id: { } id, Sender: { } sender, Digest: { } digest })
            return null;
        Span<byte> bytes = stackalloc byte[16];
        digest.TryWriteBytes(bytes, bigEndian: true, out _);
        return new LoggedId(seq, sender, id, time, BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }
}
