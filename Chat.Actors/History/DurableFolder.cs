namespace Chat.Actors.History;

/// <summary>Makes folders that survive a power cut.</summary>
internal static class DurableFolder
{
    /// <summary>Makes a folder where it isn't there, and those above it.</summary>
    public static void Create(IDisk disk, string path)
    {
        if (disk.FolderExists(path))
            return;
        var parent = Path.GetDirectoryName(path);
        if (string.IsNullOrEmpty(parent))
            return;
        Create(disk, parent);
        disk.CreateFolder(path);
        disk.SyncFolder(parent);
    }

    /// <summary>
    /// Makes a folder that is there survive, with those above it: one that made it may have ended before it had synced them. Those
    /// that this user can't open were made by another.
    /// </summary>
    public static void Keep(IDisk disk, string path)
    {
        for (var above = Path.GetDirectoryName(path); !string.IsNullOrEmpty(above); above = Path.GetDirectoryName(above))
        {
            try
            {
                disk.SyncFolder(above);
            }
            catch (Exception e) when (StorageErrors.IsForbidden(e))
            {
                return;
            }
        }
    }
}
