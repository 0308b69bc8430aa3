namespace Chat.Actors.History;

/// <summary>
/// Group commit across logs: appends that come at the same time are made durable by one sync of their volume. A sync that begins after an
/// append's write covers it. Where one fails, so does every append whose write wasn't known to be durable before: the system counts what it
/// couldn't write as written from then on, and the next sync says OK.
/// </summary>
/// <param name="volume">What the logs are on; null where each has to sync its own file.</param>
/// <param name="from">Appends at the same time that share.</param>
/// <param name="time">Tells how long a sync takes.</param>
internal sealed class SharedSync(IDiskVolume? volume, int from, TimeProvider time) : IDisposable
{
    // It waits for whatever else is being written to the volume, by anybody: where that is much, each log is better off alone for a while.
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SetAsideFor = TimeSpan.FromSeconds(10);

    private int _appending;
    private long _begun;
    private long _done;
    private long _failures;
    private IOException? _cause;
    private long _slowAt;

    /// <summary>Whether a log's file or folder is where a shared sync reaches it; throws as <see cref="IDiskVolume.Has"/>.</summary>
    public bool Reaches(string path) => volume?.Has(path) == true;

    /// <summary>An append begins, before its write; it ends with Dispose.</summary>
    public Append Begin(bool isReached)
    {
        var others = Interlocked.Increment(ref _appending);
        return new Append(this, isReached && others >= from && !IsSetAside, Volatile.Read(ref _failures));
    }

    /// <summary>Makes durable all that was written before; how it went is told to each append. One at a time.</summary>
    public void Run()
    {
        var number = Interlocked.Increment(ref _begun);
        var start = time.GetTimestamp();
        try
        {
            volume!.Sync();
            Volatile.Write(ref _done, number);
        }
        catch (Exception e)
        {
            _cause = e as IOException ?? new IOException(e.Message, e);
            Interlocked.Increment(ref _failures);
        }
        if (time.GetElapsedTime(start) > Slow)
            Volatile.Write(ref _slowAt, time.GetTimestamp());
    }

    public void Dispose() => volume?.Dispose();

    private bool IsSetAside => Volatile.Read(ref _slowAt) is var slow and not 0 && time.GetElapsedTime(slow) < SetAsideFor;

    /// <summary>One append's part.</summary>
    internal sealed class Append(SharedSync syncs, bool shares, long failures) : IDisposable
    {
        private long _coveredBy;
        private bool _ended;

        /// <summary>Whether it waits for a shared sync; else it has to sync its file.</summary>
        public bool Shares => shares;

        /// <summary>All of it is written.</summary>
        public void Written()
        {
            // No later than this is looked at which sync has begun.
            Interlocked.MemoryBarrier();
            _coveredBy = Volatile.Read(ref syncs._begun) + 1;
        }

        /// <summary>Throws an <see cref="IOException"/> unless a sync is known to have made it durable.</summary>
        public void ThrowUnlessStored()
        {
            if (Volatile.Read(ref syncs._failures) != failures)
                throw new IOException($"Another log's sync failed: {syncs._cause!.Message}", syncs._cause.HResult);
            if (shares && Volatile.Read(ref syncs._done) < _coveredBy)
                throw new InvalidOperationException("It wasn't synced.");
        }

        public void Dispose()
        {
            if (!_ended)
                Interlocked.Decrement(ref syncs._appending);
            _ended = true;
        }
    }
}
