using Chat.Actors.History;

namespace Chat.Tests.Simulation;

/// <summary>A disk whose calls take their time: before and after each, others may get on.</summary>
internal sealed class InterruptedDisk(IDisk disk, Action meanwhile) : IDisk
{
    public IDiskFile Open(string path, FileAccess access) => new InterruptedFile(Around(() => disk.Open(path, access)), this);

    public IDiskFile Create(string path) => new InterruptedFile(Around(() => disk.Create(path)), this);

    public IDiskFile CreateOrEmpty(string path) => new InterruptedFile(Around(() => disk.CreateOrEmpty(path)), this);

    public IDiskFile OpenLocked(string path) => disk.OpenLocked(path);

    public bool FileExists(string path) => Around(() => disk.FileExists(path));

    public bool FolderExists(string path) => Around(() => disk.FolderExists(path));

    public IEnumerable<string> Files(string folder) => Around(() => disk.Files(folder));

    public IEnumerable<string> Folders(string folder) => Around(() => disk.Folders(folder));

    public void Delete(string path) => Around(() => disk.Delete(path));

    public void Replace(string from, string to) => Around(() => disk.Replace(from, to));

    public void CreateFolder(string path) => Around(() => disk.CreateFolder(path));

    public void SyncFolder(string path) => Around(() => disk.SyncFolder(path));

    private T Around<T>(Func<T> call)
    {
        meanwhile();
        var result = call();
        meanwhile();
        return result;
    }

    private void Around(Action call)
    {
        meanwhile();
        call();
        meanwhile();
    }

    private sealed class InterruptedFile(IDiskFile file, InterruptedDisk disk) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> bytes, long offset)
        {
            var count = file.Read(bytes, offset);
            disk.Around(() => { });
            return count;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            file.Write(bytes, offset);
            disk.Around(() => { });
        }

        public void SetLength(long length) => disk.Around(() => file.SetLength(length));

        public void SyncData() => disk.Around(file.SyncData);

        public void Sync() => disk.Around(file.Sync);

        public void Dispose() => file.Dispose();
    }
}
