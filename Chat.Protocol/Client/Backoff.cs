namespace Chat.Protocol.Client;

/// <summary>Waits that double from one to the next, each shortened by chance to between its half and its whole.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Func<double> jitter)
{
    private int _doublings;

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        var whole = Math.Min(first.Ticks * Math.Pow(2, _doublings), longest.Ticks);
        if (whole < longest.Ticks)
            _doublings++;
        return TimeSpan.FromTicks((long)(whole * (0.5 + jitter() / 2)));
    }

    /// <summary>The next wait is the first again.</summary>
    public void Reset() => _doublings = 0;
}
