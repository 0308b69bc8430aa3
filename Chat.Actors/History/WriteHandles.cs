namespace Chat.Actors.History;

/// <summary>
/// The files that are open for writing, at most so many: a log lends its handle for one append, and while it isn't lent, another's
/// opening may close it. Only where more than that many logs append at the same moment are there more.
/// </summary>
internal sealed class WriteHandles(IDisk disk, int most) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<WriteHandle> _idle = [];
    private int _open;
    private bool _disposed;

    /// <summary>Files open now.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
                return _open;
        }
    }

    /// <summary>The open file at a path; <see cref="Return"/> must follow.</summary>
    public IDiskFile Borrow(WriteHandle handle, string path)
    {
        IDiskFile? wrong = null;
        IDiskFile? evicted = null;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (handle.File is { } file)
            {
                _idle.Remove(handle.Node);
                if (handle.Path == path)
                    return file;
                wrong = file;
                handle.File = null;
            }
            else
            {
                _open++;
            }
            if (_open > most && _idle.Last is { } oldest)
                evicted = TakeFile(oldest.Value);
        }
        wrong?.Dispose();
        evicted?.Dispose();
        try
        {
            handle.Path = path;
            return handle.File = disk.Open(path, FileAccess.Write);
        }
        catch
        {
            lock (_gate)
                _open--;
            throw;
        }
    }

    /// <summary>Ends a loan; a failed append's handle is closed, as nothing that it says afterwards can be trusted.</summary>
    public void Return(WriteHandle handle, bool failed)
    {
        IDiskFile? file = null;
        lock (_gate)
        {
            _idle.AddFirst(handle.Node);
            if (failed || _disposed || _open > most)
                file = TakeFile(handle);
        }
        file?.Dispose();
    }

    /// <summary>Closes a handle that isn't lent.</summary>
    public void Close(WriteHandle handle)
    {
        IDiskFile? file;
        lock (_gate)
            file = handle.File is null ? null : TakeFile(handle);
        file?.Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_idle.Last is { } handle)
                TakeFile(handle.Value)?.Dispose();
        }
    }

    private IDiskFile? TakeFile(WriteHandle handle)
    {
        _idle.Remove(handle.Node);
        _open--;
        var file = handle.File;
        handle.File = null;
        return file;
    }
}

/// <summary>A log's place among the <see cref="WriteHandles"/>.</summary>
internal sealed class WriteHandle
{
    public WriteHandle() => Node = new(this);

    internal LinkedListNode<WriteHandle> Node { get; }

    internal IDiskFile? File { get; set; }

    internal string? Path { get; set; }
}
