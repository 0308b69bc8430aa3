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

    /// <summary>How long to wait for the next token, a day at most; null where there is one.</summary>
    public TimeSpan? NextIn()
    {
        if (rate <= 0)
            return null;
        var now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + time.GetElapsedTime(_at, now).TotalSeconds * rate);
        _at = now;
        return _tokens < 1 - Rounding
            ? TimeSpan.FromMilliseconds(Math.Min(LongestWait.TotalMilliseconds, Math.Ceiling((1 - _tokens) / rate * 1000)))
            : null;
    }

    /// <summary>Takes a token; null where there was one, else how long to wait for the next.</summary>
    public TimeSpan? TryTake()
    {
        var wait = NextIn();
        if (wait is null)
            _tokens = Math.Max(0, _tokens - 1);
        return wait;
    }
}
