namespace Chat.Actors.History;

/// <summary>What a folder of an <see cref="IDisk"/> is on, for a sync of all files at once.</summary>
internal interface IDiskVolume : IDisposable
{
    /// <summary>Whether a file or folder that is there is on it; throws where there is none.</summary>
    bool Has(string path);

    /// <summary>
    /// Makes the bytes and lengths of all its files durable, as they were when it was called. Throws where any write since the volume was
    /// opened or last synced failed, whoever's it was.
    /// </summary>
    void Sync();
}
