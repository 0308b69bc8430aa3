using Akka.Actor;
using Akka.Dispatch;

namespace Chat.Tests.Simulation;

/// <summary>
/// What can happen next among the actors of one system: mailboxes that hold something, reads, and timers that are due. Chance picks
/// the next, so that a seed decides the order of all that happens. Nothing runs by itself, and all runs on the caller's thread.
/// </summary>
internal sealed class Interleaving
{
    private sealed class Timer(Action ring, ICancelable? cancelable) : IRunnable
    {
        public bool IsCancelled => cancelable?.IsCancellationRequested == true;

        public void Run()
        {
            if (!IsCancelled)
                ring();
        }

        public void Execute() => Run();
    }

    // Sorted by number. The order in which things came to be is the same in every process; that in which Akka walks through an
    // actor's children, say, is not.
    private readonly List<(long Number, IRunnable Run)> _ready = [];
    private readonly PriorityQueue<Timer, (TimeSpan Due, long Number)> _timers = new();
    private Random _chance = new(0);
    private long _lastNumber;
    private int _slow;

    /// <summary>The interleaving of a system that was made by <see cref="SimulatedSystem"/>.</summary>
    public static Interleaving Of(IScheduler scheduler) => ((VirtualScheduler)scheduler).Interleaving;

    /// <summary>Told what each mailbox hands to its actor.</summary>
    public Trace Trace { get; private set; } = new();

    /// <summary>Called with each message before its actor gets it.</summary>
    public Action<IActorRef, Envelope> Watch { get; private set; } = (_, _) => { };

    /// <summary>The time that has passed in this run.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>How many can run.</summary>
    public int Ready => _ready.Count;

    /// <summary>When the next timer is due; null where none is set.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            while (_timers.TryPeek(out var timer, out var at))
            {
                if (!timer.IsCancelled)
                    return at.Due;
                _timers.Dequeue();
            }
            return null;
        }
    }

    /// <summary>Begins a run; what belonged to the one before has ended.</summary>
    public void Begin(Random chance, Trace trace, Action<IActorRef, Envelope> watch)
    {
        Watch = watch;
        _ready.Clear();
        _timers.Clear();
        (_chance, Trace, Now, _lastNumber) = (chance, trace, TimeSpan.Zero, 0);
        // In some runs every so many-th actor is slower than the others: that brings about what chance alone hardly would.
        _slow = chance.Next(3) == 0 ? chance.Next(2, 8) : int.MaxValue;
    }

    /// <summary>A number for what came to be just now.</summary>
    public long NextNumber() => ++_lastNumber;

    /// <summary>Something has something to do.</summary>
    public void Add(IRunnable run, long number)
    {
        var at = _ready.Count;
        while (at > 0 && _ready[at - 1].Number > number)
            at--;
        _ready.Insert(at, (number, run));
    }

    /// <summary>Sets a timer.</summary>
    public void AddTimer(TimeSpan delay, Action ring, ICancelable? cancelable)
    {
        var timer = new Timer(ring, cancelable);
        if (delay <= TimeSpan.Zero)
            Add(timer, NextNumber());
        else
            _timers.Enqueue(timer, (Now + delay, NextNumber()));
    }

    /// <summary>Time passes. Timers that are due by then can run from here on, in any order.</summary>
    public void Advance(TimeSpan time)
    {
        Now += time;
        while (_timers.TryPeek(out var timer, out var at) && at.Due <= Now)
        {
            _timers.Dequeue();
            if (!timer.IsCancelled)
                Add(timer, NextNumber());
        }
    }

    /// <summary>Runs one of those that can run; false where none can.</summary>
    public bool RunAny()
    {
        if (_ready.Count == 0)
            return false;
        var at = _chance.Next(_ready.Count);
        if (_ready[at].Number % _slow == 0)
            at = _chance.Next(_ready.Count);
        Run(at);
        return true;
    }

    /// <summary>Runs all that can run, without choosing, until nothing can.</summary>
    public void RunOut()
    {
        while (_ready.Count > 0)
            Run(0);
    }

    private void Run(int at)
    {
        var run = _ready[at].Run;
        _ready.RemoveAt(at);
        run.Run();
    }
}
