using System.Diagnostics;
using Chat.Bench.Measures;

namespace Chat.Bench.Load;

/// <summary>The users of one load on one server, served by whichever one thread runs them.</summary>
public sealed class LoadCrowd : IDisposable
{
    private static readonly TimeSpan KeepAliveTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookTime = TimeSpan.FromMilliseconds(50);

    private readonly Poller _poller = new();
    private readonly CancellationToken _cancellation;
    private long _keptAliveAt = Stopwatch.GetTimestamp();

    /// <param name="dialect">How they speak.</param>
    /// <param name="port">The server's, on the loopback address.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="rooms">Over how many rooms they are spread, the next in the next.</param>
    /// <param name="cancellation">Ends whatever it runs.</param>
    public LoadCrowd(IDialect dialect, int port, int count, int rooms, CancellationToken cancellation)
    {
        (Dialect, _cancellation) = (dialect, cancellation);
        Clients = [.. Enumerable.Range(0, count).Select(number => new LoadClient(_poller, dialect, port, number, $"room{number % rooms}"))];
    }

    /// <summary>How they speak.</summary>
    public IDialect Dialect { get; }

    /// <summary>In the order of their numbers.</summary>
    public IReadOnlyList<LoadClient> Clients { get; }

    /// <summary>Messages that all of them got.</summary>
    public long Delivered => Clients.Sum(client => client.Delivered);

    /// <summary>Lets them do what they do until something is so; false where the time is over first.</summary>
    public bool RunUntil(Func<bool> isSo, TimeSpan atMost)
    {
        for (var startedAt = Stopwatch.GetTimestamp(); !isSo();)
        {
            if (Stopwatch.GetElapsedTime(startedAt) >= atMost)
                return false;
            RunOnce(LookTime);
        }
        return true;
    }

    /// <summary>Lets them do what they do for a time.</summary>
    public void Run(TimeSpan time) => RunUntil(() => false, time);

    /// <summary>Calls <paramref name="act"/> with 0, 1, 2, … at a steady rate, whatever comes back, and lets them do what they do meanwhile.</summary>
    public void RunPaced(int count, double perSecond, Action<int> act)
    {
        var startedAt = Stopwatch.GetTimestamp();
        for (var number = 0; number < count; number++)
        {
            var due = TimeSpan.FromSeconds(number / perSecond);
            for (var early = due - Stopwatch.GetElapsedTime(startedAt); early > TimeSpan.Zero; early = due - Stopwatch.GetElapsedTime(startedAt))
                RunOnce(early);
            act(number);
            RunOnce(TimeSpan.Zero);
        }
    }

    /// <summary>Lets some of them in, at most so many at once. Throws a <see cref="BenchException"/> unless all are in within the time.</summary>
    public void Enter(IReadOnlyList<LoadClient> clients, int atOnce, TimeSpan atMost)
    {
        var begun = 0;
        var settled = 0;
        RunUntil(
            () =>
            {
                while (settled < begun && (clients[settled].IsIn || clients[settled].Fault is not null))
                    settled++;
                while (begun < clients.Count && begun - settled < atOnce)
                    clients[begun++].Enter();
                return settled == clients.Count;
            },
            atMost);
        ThrowUnlessIn(clients, atMost);
    }

    /// <summary>Throws a <see cref="BenchException"/> unless some of them are in.</summary>
    public static void ThrowUnlessIn(IReadOnlyList<LoadClient> clients, TimeSpan within)
    {
        var outside = clients.Where(client => !client.IsIn).ToArray();
        if (outside.Length == 0)
            return;
        var why = outside.Select(client => client.Fault).OfType<string>().FirstOrDefault() ?? $"not within {within.TotalSeconds:0} s";
        throw new BenchException($"{Report.Count(outside.Length)} of {Report.Count(clients.Count)} clients are not in: {why}");
    }

    /// <summary>Lets all of them leave, and waits until the server has closed, but no longer than so.</summary>
    public void Leave(TimeSpan atMost)
    {
        foreach (var client in Clients)
            client.Leave();
        RunUntil(() => !Clients.Any(client => client.IsOpen), atMost);
    }

    /// <summary>What went wrong with whom, each kind with how often.</summary>
    public IReadOnlyList<string> Faults() =>
    [
        .. Clients.Select(client => client.Fault).OfType<string>().GroupBy(fault => fault).Select(group => $"{Report.Count(group.Count())} times: {group.Key}"),
    ];

    /// <inheritdoc/>
    public void Dispose() => _poller.Dispose();

    private void RunOnce(TimeSpan atMost)
    {
        _cancellation.ThrowIfCancellationRequested();
        _poller.Poll(atMost);
        if (Stopwatch.GetElapsedTime(_keptAliveAt) < KeepAliveTime)
            return;
        _keptAliveAt = Stopwatch.GetTimestamp();
        foreach (var client in Clients)
            client.KeepAlive();
    }
}
