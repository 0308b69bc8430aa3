namespace Chat.Gateway.Sockets;

/// <summary>What is to be done about a peer.</summary>
internal enum LivenessStep
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It was silent for a while: a ping finds out whether it is there.</summary>
    Ping,

    /// <summary>No byte came from it, nor was one taken, for so long that it is gone.</summary>
    Dead,

    /// <summary>It is there, but takes nothing that is sent to it.</summary>
    TakesNothing,
}

/// <summary>
/// Tells of one peer whether it lives and whether it reads; asked about once a second. Without I/O and without a clock of its own: times
/// are spans since any fixed moment.
/// </summary>
/// <param name="pingAfter">Silence after which it is pinged.</param>
/// <param name="endAfter">How long nothing may come, or be taken.</param>
internal sealed class Liveness(TimeSpan pingAfter, TimeSpan endAfter)
{
    // Shorter waits for a write are no sign of anything.
    private static readonly TimeSpan StallSeen = TimeSpan.FromSeconds(1);

    private (long? Bytes, TimeSpan Since)? _taken;
    private bool _isPinged;

    /// <param name="now">The time.</param>
    /// <param name="stalled">How long the write under way has waited; zero where none is.</param>
    /// <param name="quiet">How long nothing came, and nothing sent is known to have arrived.</param>
    /// <param name="taken">Asks how many bytes the peer's system has taken in all; null where that isn't known.</param>
    public LivenessStep Look(TimeSpan now, TimeSpan stalled, TimeSpan quiet, Func<long?> taken)
    {
        if (TakesNothing(now, stalled, taken))
            return LivenessStep.TakesNothing;
        if (quiet > endAfter)
            return LivenessStep.Dead;
        var wasPinged = _isPinged;
        _isPinged = quiet >= pingAfter;
        return _isPinged && !wasPinged ? LivenessStep.Ping : LivenessStep.None;
    }

    // A write that waits says little about a reader that takes a few bytes at a time: the kernel knows what arrived.
    private bool TakesNothing(TimeSpan now, TimeSpan stalled, Func<long?> taken)
    {
        if (stalled < StallSeen)
        {
            _taken = null;
            return false;
        }
        var bytes = taken();
        if (_taken is null || _taken.Value.Bytes != bytes)
            _taken = (bytes, now);
        return stalled > endAfter && now - _taken.Value.Since > endAfter - StallSeen;
    }
}
