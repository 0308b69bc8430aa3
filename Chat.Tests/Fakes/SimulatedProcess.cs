using Chat.Actors.History;

namespace Chat.Tests.Fakes;

/// <summary>A <see cref="SimulatedDisk"/> as one process has it, until that ends.</summary>
internal sealed class SimulatedProcess(SimulatedDisk disk) : IDisk
{
    private readonly List<SimulatedFile> _locked = [];

    /// <summary>Lets go of what the process had for itself.</summary>
    public void End() => _locked.ForEach(file => file.Owner = null);

    public IDiskFile Open(string path, FileAccess access) => Do(DiskCall.Open, path, () => new OpenFile(this, path, FileAt(path)));

    public IDiskFile Create(string path) => Do(DiskCall.Create, path, () =>
        disk.Find(path) is null
            ? new OpenFile(this, path, FileOrNew(path))
            : throw new IOException($"The file '{path}' already exists.", 17));

    public IDiskFile CreateOrEmpty(string path) => Do(DiskCall.CreateOrEmpty, path, () =>
    {
        var file = FileOrNew(path);
        file.SetLength(0);
        return new OpenFile(this, path, file);
    });

    public IDiskFile OpenLocked(string path) => Do(DiskCall.OpenLocked, path, () =>
    {
        var file = FileOrNew(path);
        if (file.Owner is not null)
            throw new IOException($"The process cannot access the file '{path}' because it is being used by another process.", 11);
        var opened = new OpenFile(this, path, file);
        file.Owner = opened;
        _locked.Add(file);
        return opened;
    });

    public bool FileExists(string path) => Knows(DiskCall.FileExists, path, () => disk.Find(path) is SimulatedFile);

    public bool FolderExists(string path) => Knows(DiskCall.FolderExists, path, () => disk.Find(path) is SimulatedFolder);

    public IEnumerable<string> Files(string folder) => Do(DiskCall.Files, folder, () => PathsIn<SimulatedFile>(folder));

    public IEnumerable<string> Folders(string folder) => Do(DiskCall.Folders, folder, () => PathsIn<SimulatedFolder>(folder));

    public void Delete(string path) => Do(DiskCall.Delete, path, () =>
    {
        var (folder, name) = disk.ParentOf(path);
        if (folder.Find(name) is SimulatedFolder)
            throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.");
        if (folder.Find(name) is not null)
            folder.Remove(name);
    });

    public void Replace(string from, string to) => Do(DiskCall.Replace, to, () =>
    {
        var file = FileAt(from);
        if (disk.Births == DiskBirths.RenewedByReplace)
            file.Birth = disk.NewBirth();
        var (folder, name) = disk.ParentOf(from);
        if (disk.ParentOf(to).Folder != folder)
            throw new ArgumentException($"'{from}' and '{to}' aren't in the same folder.", nameof(to));
        if (disk.Find(to) is SimulatedFolder)
            throw new UnauthorizedAccessException($"Access to the path '{to}' is denied.");
        folder.Replace(name, Path.GetFileName(to));
    });

    public string? Birth(string path) => Do(
        DiskCall.Birth, path, () => FileAt(path) is { } file && disk.Births != DiskBirths.Unknown ? file.Birth : null);

    public void CreateFolder(string path) => Do(DiskCall.CreateFolder, path, () =>
    {
        var (folder, name) = disk.ParentOf(path);
        if (folder.Find(name) is SimulatedFile)
            throw new IOException($"The file '{path}' already exists.", 17);
        if (folder.Find(name) is null)
            folder.Add(name, new SimulatedFolder());
    });

    public void SyncFolder(string path) => Do(
        DiskCall.SyncFolder, path, () => FolderAt(path).Sync(),
        (fault, random) =>
        {
            if (fault == DiskFault.Stop)
                FolderAt(path).SyncPart(random);
        });

    public IDiskVolume? Volume(string folder) => Knows(DiskCall.Volume, folder, () => disk.HasVolume) ? new WholeVolume(this, disk, folder) : null;

    private IEnumerable<string> PathsIn<T>(string folder) => [.. FolderAt(folder).Names<T>().Select(name => Path.Combine(folder, name))];

    private SimulatedFolder FolderAt(string path) =>
        disk.Find(path) as SimulatedFolder ?? throw new DirectoryNotFoundException($"Could not find a part of the path '{path}'.");

    private SimulatedFile FileAt(string path)
    {
        var (folder, name) = disk.ParentOf(path);
        return folder.Find(name) switch
        {
            SimulatedFile file => file,
            null => throw new FileNotFoundException($"Could not find file '{path}'."),
            _ => throw new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
        };
    }

    private SimulatedFile FileOrNew(string path)
    {
        var (folder, name) = disk.ParentOf(path);
        if (folder.Find(name) is null)
            folder.Add(name, disk.NewFile());
        return FileAt(path);
    }

    // As the system's own: what can't be told isn't there.
    private bool Knows(DiskCall call, string path, Func<bool> whole)
    {
        try
        {
            return Do(call, path, whole);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private T Do<T>(DiskCall call, string path, Func<T> whole, Action<DiskFault, Random>? part = null) => disk.Do(this, call, path, whole, part);

    private void Do(DiskCall call, string path, Action whole, Action<DiskFault, Random>? part = null) => Do(
        call, path,
        () =>
        {
            whole();
            return true;
        },
        part);

    private sealed class WholeVolume(SimulatedProcess process, SimulatedDisk disk, string folder) : IDiskVolume
    {
        public bool Has(string path) => process.Do(DiskCall.Volume, path, () =>
        {
            process.FileAt(path);
            return disk.Elsewhere is not { } other || !path.StartsWith(other, StringComparison.Ordinal);
        });

        public void Sync() => process.Do(
            DiskCall.SyncVolume, folder,
            () => Each(file => file.Sync()),
            (fault, random) => Each(file =>
            {
                if (fault == DiskFault.Stop)
                    file.SyncPart(random);
                else
                    file.FailVolumeSync(random);
            }));

        public void Dispose() { }

        private void Each(Action<SimulatedFile> sync)
        {
            foreach (var file in disk.AllFiles)
                sync(file);
        }
    }

    private sealed class OpenFile(SimulatedProcess process, string path, SimulatedFile file) : IDiskFile
    {
        public long Length => process.Do(DiskCall.Length, path, () => (long)file.Length);

        public int Read(Span<byte> bytes, long offset)
        {
            var read = new byte[bytes.Length];
            var count = process.Do(DiskCall.Read, path, () => file.Read(read, offset));
            read.AsSpan(0, count).CopyTo(bytes);
            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            var written = bytes.ToArray();
            process.Do(
                DiskCall.Write, path, () => file.Write(written, offset),
                (fault, random) =>
                {
                    if (fault != DiskFault.Error)
                        file.Write(written.AsSpan(0, random.Next(written.Length + 1)), offset);
                });
        }

        public void SetLength(long length) => process.Do(DiskCall.SetLength, path, () => file.SetLength(length));

        public void SyncData() => Sync(DiskCall.SyncData);

        public void Sync() => Sync(DiskCall.Sync);

        public void Dispose()
        {
            if (file.Owner == this)
                file.Owner = null;
        }

        private void Sync(DiskCall call) => process.Do(
            call, path,
            () =>
            {
                file.ThrowIfFailed(path);
                file.Sync();
            },
            (fault, random) =>
            {
                if (fault == DiskFault.Stop)
                    file.SyncPart(random);
                else
                    file.FailSync(random);
            });
    }
}
