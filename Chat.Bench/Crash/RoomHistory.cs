using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Chat.Bench.Crash;

/// <summary>All that is known of one room in the end: what its writers and readers recorded, and its log.</summary>
/// <param name="Room">Its name.</param>
/// <param name="Published">What was sent, of each user in the order in which it was sent first; all of it had an answer in the end.</param>
/// <param name="Acks">Every ack that came, in any order.</param>
/// <param name="Readings">What each reader was given.</param>
/// <param name="Epochs">The epochs that anybody was told.</param>
/// <param name="Log">The log's lines, in their order.</param>
public sealed record RoomHistory(
    string Room,
    IReadOnlyList<PublishedMessage> Published,
    IReadOnlyList<AckedMessage> Acks,
    IReadOnlyList<Reading> Readings,
    IReadOnlyCollection<string> Epochs,
    IReadOnlyList<LoggedMessage> Log);

/// <summary>A message as its writer sent it.</summary>
/// <param name="User">The writer.</param>
/// <param name="Id">Unique among the writer's.</param>
/// <param name="Text">The <see cref="ContentDigest"/> of its text.</param>
public readonly record struct PublishedMessage(string User, string Id, ulong Text);

/// <summary>An ack as its writer got it.</summary>
public readonly record struct AckedMessage(string User, string Id, long Seq);

/// <summary>A line of the log.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="User">Who wrote it.</param>
/// <param name="Id">The id that it was published under.</param>
/// <param name="Text">The <see cref="ContentDigest"/> of its text.</param>
/// <param name="Line">The <see cref="ContentDigest"/> of its bytes.</param>
public readonly record struct LoggedMessage(long Seq, string User, string Id, ulong Text, ulong Line);

/// <summary>A message that a reader was given: its seq, and the <see cref="ContentDigest"/> of its bytes.</summary>
public readonly record struct Sighting(long Seq, ulong Line);

/// <summary>What one reader was given of one room over all its connections, in the order in which it came.</summary>
public sealed record Reading(string Reader, IReadOnlyList<Sighting> Sightings);

/// <summary>What stands for a content where only equality counts: 64 bits of its SHA-256.</summary>
public static class ContentDigest
{
    /// <summary>Of bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    /// <summary>Of a text.</summary>
    public static ulong Of(string text) => Of(MemoryMarshal.AsBytes(text.AsSpan()));
}
