using System.Buffers;
using System.Globalization;

namespace Chat.Actors.History;

/// <summary>Cuts a segment's torn end off, after copying it aside: nothing is thrown away unseen.</summary>
internal static class TornTail
{
    private const int Chunk = 64 * 1024;

    /// <summary>Durable when it returns; gives the path of the copy.</summary>
    public static string Cut(IDisk disk, string path, IDiskFile file, long kept, long length)
    {
        var copy = CopyAside(disk, path, file, kept, length);
        disk.SyncFolder(Path.GetDirectoryName(path)!);
        file.SetLength(kept);
        file.Sync();
        return copy;
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
