using System.Diagnostics;

namespace Chat.Bench.Crowds;

/// <summary>Sends at a steady rate, whatever comes back: a server that is late gets no rest for it.</summary>
public static class Pace
{
    /// <summary>Calls <paramref name="send"/> with 0, 1, 2, …, on a thread of its own; gives by how much the latest was late.</summary>
    public static Task<TimeSpan> RunAsync(int count, double perSecond, Action<int> send, CancellationToken cancellation) => Task.Factory.StartNew(
        () => Run(count, perSecond, send, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static TimeSpan Run(int count, double perSecond, Action<int> send, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var worst = TimeSpan.Zero;
        for (var number = 0; number < count; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            var due = TimeSpan.FromSeconds(number / perSecond);
            for (var early = due - Stopwatch.GetElapsedTime(start); early > TimeSpan.Zero; early = due - Stopwatch.GetElapsedTime(start))
                Thread.Sleep(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(early.TotalMilliseconds), 1, 100)));
            var late = Stopwatch.GetElapsedTime(start) - due;
            if (late > worst)
                worst = late;
            send(number);
        }
        return worst;
    }
}
