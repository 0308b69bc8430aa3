using Chat.Actors.History;

namespace Chat.Tests.Fakes;

/// <summary>
/// A disk in memory that knows what of it is synced, loses the rest in a power cut, and fails when told to. Where a call or a
/// power cut does a part of something, the seed decides which: the same calls with the same seed end the same.
/// </summary>
internal sealed class SimulatedDisk(int seed = 0)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly SimulatedFolder _root = new();
    private SimulatedProcess? _process;
    private int _files;

    /// <summary>The calls that were made so far.</summary>
    public int Calls { get; private set; }

    /// <summary>The calls in which something went wrong.</summary>
    public int Faults { get; private set; }

    /// <summary>Decides for each call what goes wrong in it; null where nothing does.</summary>
    public Func<DiskRequest, DiskFault?>? Fault { get; set; }

    /// <summary>What becomes of files' births.</summary>
    public DiskBirths Births { get; set; }

    /// <summary>Whether a sync of the whole volume can be trusted.</summary>
    public bool HasVolume { get; set; } = true;

    /// <summary>What isn't on that volume, but on another.</summary>
    public string? Elsewhere { get; set; }

    /// <summary>Whether a process that was started is still there.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate)
                return _process is not null;
        }
    }

    /// <summary>The disk as a new process has it; the one before is killed if it is still there.</summary>
    public IDisk Start()
    {
        lock (_gate)
        {
            _process?.End();
            return _process = new SimulatedProcess(this);
        }
    }

    /// <summary>Ends the process at once: what it wrote is there, but no more synced than before.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            _process?.End();
            _process = null;
        }
    }

    /// <summary>Ends the process and the machine: what was synced is there, and an arbitrary part of the rest.</summary>
    public void PowerCut(Random random)
    {
        lock (_gate)
        {
            _process?.End();
            _process = null;
            _root.LosePower(random);
        }
    }

    /// <summary>What a file holds, or null where there is none; not a call.</summary>
    public byte[]? Peek(string path)
    {
        lock (_gate)
            return (Find(path) as SimulatedFile)?.Bytes;
    }

    /// <summary>Puts bytes in a file's place, synced, as somebody else would; not a call. Its folder must be there.</summary>
    public void Put(string path, byte[] bytes)
    {
        lock (_gate)
        {
            var (folder, name) = ParentOf(path);
            if (folder.Find(name) is not SimulatedFile file)
            {
                folder.Add(name, file = NewFile());
                folder.Sync();
            }
            file.Put(bytes);
        }
    }

    /// <summary>Removes a file or a folder with all in it, as somebody else would; not a call.</summary>
    public void Remove(string path)
    {
        lock (_gate)
        {
            var (folder, name) = ParentOf(path);
            folder.Remove(name);
            folder.Sync();
        }
    }

    /// <summary>The paths of the files in a folder, as far as they are seen; not a call.</summary>
    public string[] FilesIn(string folder)
    {
        lock (_gate)
            return Find(folder) is SimulatedFolder found ? [.. found.Names<SimulatedFile>().Select(name => Path.Combine(folder, name))] : [];
    }

    /// <summary>Called at the beginning of each call, before anything of it is done: what others do while it takes its time.</summary>
    public Action? Meanwhile { get; set; }

    /// <summary>The files in a folder as they are seen, or as a power cut would leave them at the least; not a call.</summary>
    public IReadOnlyList<(string Path, byte[] Bytes)> Contents(string folder, bool isStored)
    {
        lock (_gate)
        {
            object? at = _root;
            foreach (var name in Names(folder))
                at = (at as SimulatedFolder)?.Entries(isStored).GetValueOrDefault(name);
            return at is SimulatedFolder found
                ? [.. found.Entries(isStored).Where(entry => entry.Value is SimulatedFile)
                    .Select(entry => (Path.Combine(folder, entry.Key), isStored ? ((SimulatedFile)entry.Value).Stored : ((SimulatedFile)entry.Value).Bytes))]
                : [];
        }
    }

    /// <summary>One call of a process.</summary>
    /// <param name="process">Whose.</param>
    /// <param name="call">What is asked for.</param>
    /// <param name="path">Of what.</param>
    /// <param name="whole">Does it.</param>
    /// <param name="part">Does an arbitrary part of it, by the kind of fault; where null, faults do all or nothing.</param>
    public T Do<T>(SimulatedProcess process, DiskCall call, string path, Func<T> whole, Action<DiskFault, Random>? part = null)
    {
        Meanwhile?.Invoke();
        lock (_gate)
        {
            if (process != _process)
                throw new IOException("The process that made this call has ended.");
            Calls++;
            if (Fault?.Invoke(new DiskRequest(Calls, call, path)) is not { } fault)
                return whole();
            Faults++;
            try
            {
                if (fault == DiskFault.LateError || (fault == DiskFault.Stop && part is null && _random.Next(2) == 0))
                    whole();
                else
                    part?.Invoke(fault, _random);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It would have failed anyhow.
            }
            if (fault == DiskFault.Stop)
                Kill();
            throw fault == DiskFault.NoSpace
                ? new IOException($"No space left on device : '{path}'", 28)
                : new IOException($"Input/output error : '{path}'", 5);
        }
    }

    /// <summary>A file that isn't in any folder yet. Within a call.</summary>
    public SimulatedFile NewFile() => new() { Birth = NewBirth() };

    /// <summary>One that no file has had. Within a call.</summary>
    public string NewBirth() => $"birth-{++_files:D9}";

    /// <summary>All that are in some folder. Within a call.</summary>
    public IEnumerable<SimulatedFile> AllFiles => _root.AllFiles;

    /// <summary>What is at a path; null where nothing is. Within a call.</summary>
    public object? Find(string path)
    {
        object? at = _root;
        foreach (var name in Names(path))
            at = (at as SimulatedFolder)?.Find(name);
        return at;
    }

    /// <summary>The folder that a path's last name is in; throws where there is none. Within a call.</summary>
    public (SimulatedFolder Folder, string Name) ParentOf(string path) =>
        Find(Path.GetDirectoryName(path)!) is SimulatedFolder folder
            ? (folder, Path.GetFileName(path))
            : throw new DirectoryNotFoundException($"Could not find a part of the path '{path}'.");

    private static string[] Names(string path) =>
        path[Path.GetPathRoot(path)!.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
}
