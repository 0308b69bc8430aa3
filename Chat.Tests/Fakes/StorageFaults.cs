namespace Chat.Tests.Fakes;

public enum StorageCall
{
    Rooms,
    Open,
    ReadWindow,
    Append,
    Sync,
    Trim,
    Read,
    Probe,
}

/// <summary>What goes wrong, or takes its time, in a <see cref="MemoryStore"/>.</summary>
internal sealed class StorageFaults
{
    private readonly object _gate = new();
    private readonly Dictionary<StorageCall, int> _calls = [];
    private readonly Dictionary<(StorageCall Call, int Nth), Exception> _failures = [];
    private readonly Dictionary<StorageCall, StorageHold> _holds = [];

    /// <summary>How often a call was made.</summary>
    public int Calls(StorageCall call)
    {
        lock (_gate)
            return _calls.GetValueOrDefault(call);
    }

    /// <summary>The <paramref name="nth"/> call from now on fails, 1 being the next.</summary>
    public void Fail(StorageCall call, int nth = 1, Exception? with = null)
    {
        lock (_gate)
            _failures[(call, _calls.GetValueOrDefault(call) + nth)] = with ?? new Chat.Actors.History.StorageException($"The {call} was made to fail.");
    }

    /// <summary>Nothing that was ordered fails any more.</summary>
    public void Clear()
    {
        lock (_gate)
            _failures.Clear();
    }

    /// <summary>The next such call waits until it is released.</summary>
    public StorageHold Hold(StorageCall call)
    {
        lock (_gate)
            return _holds[call] = new StorageHold();
    }

    /// <summary>Called by the store where it would touch the disk.</summary>
    public void Pass(StorageCall call)
    {
        StorageHold? hold;
        Exception? failure;
        lock (_gate)
        {
            var nth = _calls[call] = _calls.GetValueOrDefault(call) + 1;
            _holds.Remove(call, out hold);
            _failures.Remove((call, nth), out failure);
        }
        hold?.Wait();
        if (failure is not null)
            throw failure;
    }
}

/// <summary>A call to the storage that waits.</summary>
internal sealed class StorageHold
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _released = new();

    /// <summary>Completes when the call is made.</summary>
    public Task Reached => _reached.Task.WaitAsync(AtMost);

    public void Release() => _released.Set();

    public void Wait()
    {
        _reached.TrySetResult();
        if (!_released.Wait(AtMost))
            throw new TimeoutException("A held call to the storage was never released.");
    }
}
