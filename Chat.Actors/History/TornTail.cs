using System.Buffers;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Chat.Actors.History;

/// <summary>Cuts a segment's torn end off, after copying it aside: nothing is thrown away unseen.</summary>
internal static class TornTail
{
    private const int Chunk = 64 * 1024;

    /// <summary>Durable when it returns; gives the path of the copy.</summary>
    public static string Cut(string path, SafeFileHandle file, long kept, long length)
    {
        var copy = CopyAside(path, file, kept, length);
        DiskSync.Folder(Path.GetDirectoryName(path)!);
        RandomAccess.SetLength(file, kept);
        RandomAccess.FlushToDisk(file);
        return copy;
    }

    private static string CopyAside(string path, SafeFileHandle file, long kept, long length)
    {
        var (copy, copyPath) = CreateUnique(path, kept);
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            for (var at = kept; at < length;)
            {
                var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(Chunk, length - at)), at);
                if (read == 0)
                    throw new IOException($"{path} became shorter while its end was copied.");
                RandomAccess.Write(copy, buffer.AsSpan(0, read), at - kept);
                at += read;
            }
            RandomAccess.FlushToDisk(copy);
            if (RandomAccess.GetLength(copy) != length - kept)
                throw new IOException($"Only a part of {copyPath} was written.");
            return copyPath;
        }
        catch
        {
            File.Delete(copyPath);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            copy.Dispose();
        }
    }

    private static (SafeFileHandle File, string Path) CreateUnique(string path, long kept)
    {
        for (var number = 1; ; number++)
        {
            var suffix = number == 1 ? "" : "-" + number.ToString(CultureInfo.InvariantCulture);
            var copy = string.Create(CultureInfo.InvariantCulture, $"{path}.{kept}{suffix}.cut");
            try
            {
                return (File.OpenHandle(copy, FileMode.CreateNew, FileAccess.Write), copy);
            }
            catch (IOException) when (File.Exists(copy))
            {
                // From an earlier cut at the same place.
            }
        }
    }
}
