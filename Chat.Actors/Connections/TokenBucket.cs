namespace Chat.Actors.Connections;

/// <summary>A burst, and then so many a second. A rate of 0 means no limit.</summary>
public sealed class TokenBucket(double rate, int burst, TimeProvider time)
{
    // A rate may be so small that its wait is no TimeSpan.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    // What sums of fractions may lack of a whole token.
    private const double Rounding = 1e-6;

    private double _tokens = burst;
    private long _at = time.GetTimestamp();

    /// <summary>Whether a whole burst could be taken; always, without a limit.</summary>
    public bool IsFull => rate <= 0 || _tokens + time.GetElapsedTime(_at).TotalSeconds * rate >= burst;

    /// <summary>Takes a token; null where there was one, else how long to wait for the next, a day at most.</summary>
    public TimeSpan? TryTake()
    {
        if (rate <= 0)
            return null;
        var now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + time.GetElapsedTime(_at, now).TotalSeconds * rate);
        _at = now;
        if (_tokens < 1 - Rounding)
            return TimeSpan.FromMilliseconds(Math.Min(LongestWait.TotalMilliseconds, Math.Ceiling((1 - _tokens) / rate * 1000)));
        _tokens = Math.Max(0, _tokens - 1);
        return null;
    }
}
