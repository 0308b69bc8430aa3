namespace Chat.Actors.History;

/// <summary>
/// The time that the age of messages is counted to: the wall's, but where its clock steps ahead of the monotonic one, the step counts
/// only when it has lasted. So a clock that is wrong for a while deletes nothing; one that is wrong from the start can't be told.
/// Safe from any thread.
/// </summary>
internal sealed class RetentionClock(TimeProvider time)
{
    /// <summary>How long a step ahead has to last.</summary>
    public static readonly TimeSpan Lasting = TimeSpan.FromHours(1);

    // Clocks that are only being adjusted are never further apart, from one look to the next.
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();

    // What the wall says, as far as it is believed, and what a step says, both as of the start; and when the step was first seen.
    private DateTime _believed = time.GetUtcNow().UtcDateTime;
    private (DateTime Wall, TimeSpan Seen)? _ahead;

    /// <summary>The time in UTC.</summary>
    public DateTime Now()
    {
        lock (_gate)
        {
            var elapsed = time.GetElapsedTime(_start);
            var wall = time.GetUtcNow().UtcDateTime - elapsed;
            var isSame = _ahead is { } before && (wall - before.Wall).Duration() <= Step;
            if (wall - _believed <= Step || (isSame && elapsed - _ahead!.Value.Seen >= Lasting))
                (_believed, _ahead) = (wall, null);
            else if (!isSame)
                _ahead = (wall, elapsed);
            return _believed + elapsed;
        }
    }
}
