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
}
