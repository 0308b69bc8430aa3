namespace Chat.Protocol.Client;

/// <summary>
/// Paces requests: a burst, then so many a second; a rate of 0 is no limit. A tenth of the burst is left unused, as frames that were
/// sent evenly may reach the server bunched.
/// </summary>
internal sealed class TokenBucket(double rate, double burst)
{
    // Rounding must not make the caller come back a tick later for the last billionth of a token.
    private const double Whole = 1 - 1e-6;

    // Whoever waits asks again then; a rate near 0 would give more than a TimeSpan holds.
    private const double LongestWaitSeconds = 3600;

    private readonly double _capacity = Math.Max(1, burst - Math.Max(1, Math.Floor(burst / 10)));
    private double? _tokens;
    private TimeSpan _at;
    private TimeSpan _pausedUntil;

    /// <summary>Takes one if there is one.</summary>
    public bool TryTake(TimeSpan now)
    {
        if (now < _pausedUntil)
            return false;
        if (rate <= 0)
            return true;
        Refill(now);
        if (_tokens < Whole)
            return false;
        _tokens -= 1;
        return true;
    }

    /// <summary>When the next can be taken, or is to be asked for again.</summary>
    public TimeSpan NextAt(TimeSpan now)
    {
        if (rate <= 0)
            return Later(now, _pausedUntil);
        Refill(now);
        var wait = Math.Min(Math.Max(0, 1 - (_tokens ?? _capacity)) / rate, LongestWaitSeconds);
        return Later(now + TimeSpan.FromTicks((long)Math.Ceiling(wait * TimeSpan.TicksPerSecond)), _pausedUntil);
    }

    /// <summary>Gives none before <paramref name="until"/>.</summary>
    public void Pause(TimeSpan until) => _pausedUntil = Later(until, _pausedUntil);

    private void Refill(TimeSpan now)
    {
        _tokens = Math.Min(_capacity, (_tokens ?? _capacity) + Math.Max(0, (now - _at).TotalSeconds) * rate);
        _at = Later(now, _at);
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
