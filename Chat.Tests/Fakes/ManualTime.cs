namespace Chat.Tests.Fakes;

/// <summary>A clock that stands still until it is moved; the wall's can be set apart from the monotonic one.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly object _gate = new();
    private long _ticks = TimeSpan.FromHours(1).Ticks;
    private DateTimeOffset _wall = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public DateTime Now => GetUtcNow().UtcDateTime;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _wall;
    }

    public void Advance(TimeSpan time)
    {
        Interlocked.Add(ref _ticks, time.Ticks);
        SetWall(time);
    }

    /// <summary>Moves the wall's clock alone, back too.</summary>
    public void SetWall(TimeSpan by)
    {
        lock (_gate)
            _wall += by;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException("The actors' timers are the scheduler's.");
}
