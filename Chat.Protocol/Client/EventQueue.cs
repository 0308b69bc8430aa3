using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Chat.Protocol.Client;

/// <summary>
/// The events between a client and its one reader. Nothing is kept while nobody reads; while somebody does, nothing is lost:
/// past a bound the socket waits.
/// </summary>
internal sealed class EventQueue
{
    /// <summary>Past this many bytes the socket isn't read.</summary>
    public const long Bound = 1024 * 1024;

    /// <summary>
    /// Past this many it isn't read even though somebody waits for an answer. As the reader itself may wait for one, the
    /// first bound alone could hold up both for good.
    /// </summary>
    public const long AwaitedBound = 16 * Bound;

    // What an event weighs beside its frame.
    private const long Overhead = 256;

    private readonly Lock _gate = new();
    private Channel<ClientEvent>? _events;
    private TaskCompletionSource _eased = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;
    private bool _isComplete;

    // So that a reader who keeps up needn't wake anybody.
    private volatile bool _isWaitedFor;

    /// <summary>Puts an event at the end, if somebody reads.</summary>
    public void Add(ClientEvent e)
    {
        lock (_gate)
        {
            if (_events is null)
                return;
            Interlocked.Add(ref _bytes, Weight(e));
            _events.Writer.TryWrite(e);
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            _events?.Writer.TryComplete();
        }
        Ease();
    }

    /// <summary>Waits until fewer bytes wait than the bound, which is asked for anew each time that things have changed.</summary>
    public async Task WaitAsync(Func<long> bound, CancellationToken cancellation)
    {
        _isWaitedFor = true;
        while (true)
        {
            Task eased;
            lock (_gate)
                eased = _eased.Task;
            if (Interlocked.Read(ref _bytes) < bound())
                break;
            await eased.WaitAsync(cancellation).ConfigureAwait(false);
        }
        _isWaitedFor = false;
    }

    /// <summary>Whether there is more than the reader should have before it.</summary>
    public bool IsFull => Interlocked.Read(ref _bytes) >= Bound;

    /// <summary>Lets those who wait ask again.</summary>
    public void Ease()
    {
        TaskCompletionSource eased;
        lock (_gate)
        {
            eased = _eased;
            _eased = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        eased.TrySetResult();
    }

    /// <summary>Opens the queue: what is added from here on is read. One reader at a time.</summary>
    public IAsyncEnumerable<ClientEvent> Read(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_events is not null)
                throw new InvalidOperationException("The events are being read already; there is one reader at a time.");
            _events = Channel.CreateUnbounded<ClientEvent>(new UnboundedChannelOptions { SingleReader = true });
            if (_isComplete)
                _events.Writer.TryComplete();
            return ReadFrom(_events, cancellation);
        }
    }

    private async IAsyncEnumerable<ClientEvent> ReadFrom(
        Channel<ClientEvent> events, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            await foreach (var e in events.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                if (Interlocked.Add(ref _bytes, -Weight(e)) < Bound && _isWaitedFor)
                    Ease();
                yield return e;
            }
        }
        finally
        {
            lock (_gate)
            {
                _events = null;
                Interlocked.Exchange(ref _bytes, 0);
            }
            Ease();
        }
    }

    private static long Weight(ClientEvent e) =>
        Overhead + (e is ClientEvent.Received received ? received.Json.Length : 0);
}
