using System.Buffers;

namespace Chat.Actors.History;

/// <summary>
/// Makes durable what a sync alone may not. Where the system can't write pages back, it says so to one sync and counts them as
/// written: the next says OK, to this process and to those after it, and a power cut loses them. Only what is written once more
/// is written for sure. So bytes that another process left, or this one before a sync failed, are put in their own place again
/// before they are synced; what had a sync of its own that said OK is on the disk, but for the block that a failed write shared.
/// </summary>
internal static class Rewriting
{
    private const int Chunk = 64 * 1024;

    /// <summary>Writes what a file holds between two offsets, byte for byte, in its place; a sync must follow.</summary>
    public static void Of(IDiskFile file, long from, long end)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            for (var at = from; at < end;)
            {
                var read = file.Read(buffer.AsSpan(0, (int)Math.Min(Chunk, end - at)), at);
                if (read == 0)
                    throw new IOException("The file became shorter while it was written again.");
                file.Write(buffer.AsSpan(0, read), at);
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
