namespace Chat.Tests.Fakes;

/// <summary>A folder of a <see cref="SimulatedDisk"/>: its entries as they are seen, as they are stored, and the changes between.</summary>
internal sealed class SimulatedFolder
{
    private readonly List<Action<SortedDictionary<string, object>>> _unsynced = [];
    private SortedDictionary<string, object> _seen = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, object> _stored = new(StringComparer.Ordinal);

    public IEnumerable<string> Names<T>() => _seen.Where(entry => entry.Value is T).Select(entry => entry.Key);

    public object? Find(string name) => _seen.GetValueOrDefault(name);

    /// <summary>All entries, as they are seen or as they are stored.</summary>
    public SortedDictionary<string, object> Entries(bool isStored) => isStored ? _stored : _seen;

    /// <summary>The files in it and in its folders.</summary>
    public IEnumerable<SimulatedFile> AllFiles => _seen.Values.SelectMany(
        entry => entry is SimulatedFolder folder ? folder.AllFiles : [(SimulatedFile)entry]);

    public void Add(string name, object entry) => Change(entries => entries[name] = entry);

    public void Remove(string name) => Change(entries => entries.Remove(name));

    public void Replace(string from, string to)
    {
        var entry = _seen[from];
        Change(entries =>
        {
            entries.Remove(from);
            entries[to] = entry;
        });
    }

    public void Sync()
    {
        foreach (var change in _unsynced)
            change(_stored);
        _unsynced.Clear();
    }

    /// <summary>Stores an arbitrary few of the changes; each is whole or not at all.</summary>
    public void SyncPart(Random random)
    {
        var (all, none) = (random.Next(4) == 0, random.Next(4) == 0);
        foreach (var change in _unsynced)
        {
            if (all || (!none && random.Next(2) == 0))
                change(_stored);
        }
    }

    public void LosePower(Random random)
    {
        SyncPart(random);
        _unsynced.Clear();
        _seen = new(_stored, StringComparer.Ordinal);
        foreach (var entry in _seen.Values)
        {
            if (entry is SimulatedFolder folder)
                folder.LosePower(random);
            else
                ((SimulatedFile)entry).LosePower(random);
        }
    }

    private void Change(Action<SortedDictionary<string, object>> change)
    {
        change(_seen);
        _unsynced.Add(change);
    }
}
