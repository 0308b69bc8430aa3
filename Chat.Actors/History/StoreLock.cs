namespace Chat.Actors.History;

/// <summary>Keeps a second gateway out of a data folder. The system lets go of it when the process ends, however it ends.</summary>
internal sealed class StoreLock : IDisposable
{
    private const string Name = ".lock";
    private const string Probe = ".write-check";

    private readonly IDiskFile _file;

    private StoreLock(IDiskFile file) => _file = file;

    /// <summary>Makes the folder if need be, takes its lock, and writes a byte to see that it can.</summary>
    public static StoreLock Take(IDisk disk, string folder)
    {
        try
        {
            DurableFolder.Create(disk, folder);
            DurableFolder.Keep(disk, folder);
            var file = disk.OpenLocked(Path.Combine(folder, Name));
            try
            {
                WriteProbe(disk, Path.Combine(folder, Probe));
                return new StoreLock(file);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (StorageErrors.IsLocked(e))
        {
            throw new StorageException(
                $"The data folder {folder} is in use by another gateway. Stop that one, or give this one a folder of its own.", e)
            {
                Failure = StorageFailure.InUse,
            };
        }
        catch (Exception e) when (StorageErrors.IsFromStorage(e))
        {
            throw new StorageException(
                $"The data folder {folder} can't be written: {StorageErrors.Sentence(e)} Make it writable for the user that the gateway "
                + "runs as, free some space, or choose another folder.", e)
            {
                Failure = StorageFailure.NotWritable,
            };
        }
    }

    public void Dispose() => _file.Dispose();

    private static void WriteProbe(IDisk disk, string path)
    {
        using (var file = disk.CreateOrEmpty(path))
        {
            file.Write("\n"u8, 0);
            file.Sync();
        }
        disk.Delete(path);
    }
}
