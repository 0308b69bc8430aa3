using System.Buffers;
using System.Globalization;

namespace Chat.Actors.History;

/// <summary>Cuts a segment's torn end off, after copying it aside: nothing is thrown away unseen.</summary>
internal static class TornTail
{
    private const int Chunk = 64 * 1024;

    /// <summary>Durable when it returns.</summary>
    /// <param name="disk">Where the segment is.</param>
    /// <param name="path">The segment.</param>
    /// <param name="file">The same, open.</param>
    /// <param name="kept">Where to cut.</param>
    /// <param name="length">The file's length, in bytes.</param>
    /// <param name="cut">
    /// Is told the path of the copy when the end is cut off, before that is durable: the next opening finds nothing left to tell.
    /// </param>
    public static void Cut(IDisk disk, string path, IDiskFile file, long kept, long length, Action<string> cut)
    {
        var copy = CopyAside(disk, path, file, kept, length);
        try
        {
            disk.SyncFolder(Path.GetDirectoryName(path)!);
            file.SetLength(kept);
        }
        catch when (file.Length == length)
        {
            // The next attempt makes its own: one for each would fill the disk.
            disk.Delete(copy);
            throw;
        }
        cut(copy);
        file.Sync();
    }

    private static string CopyAside(IDisk disk, string path, IDiskFile file, long kept, long length)
    {
        var (copy, copyPath) = CreateUnique(disk, path, kept);
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            for (var at = kept; at < length;)
            {
                var read = file.Read(buffer.AsSpan(0, (int)Math.Min(Chunk, length - at)), at);
                if (read == 0)
                    throw new IOException($"{path} became shorter while its end was copied.");
                copy.Write(buffer.AsSpan(0, read), at - kept);
                at += read;
            }
            copy.Sync();
            if (copy.Length != length - kept)
                throw new IOException($"Only a part of {copyPath} was written.");
            return copyPath;
        }
        catch
        {
            disk.Delete(copyPath);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            copy.Dispose();
        }
    }

    private static (IDiskFile File, string Path) CreateUnique(IDisk disk, string path, long kept)
    {
        for (var number = 1; ; number++)
        {
            var suffix = number == 1 ? "" : "-" + number.ToString(CultureInfo.InvariantCulture);
            var copy = string.Create(CultureInfo.InvariantCulture, $"{path}.{kept}{suffix}.cut");
            try
            {
                return (disk.Create(copy), copy);
            }
            catch (IOException) when (disk.FileExists(copy))
            {
                // From an earlier cut at the same place.
            }
        }
    }
}
