using System.Collections.Concurrent;
using Chat.Actors;

namespace Chat.Gateway.Sockets;

/// <summary>Counts the connections that weren't taken, by reason, and says in the log how many, now and then.</summary>
internal sealed partial class Rejections(TimeProvider time, ILogger<Rejections> logger)
{
    // A flood of them mustn't flood the log.
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, int> _untold = new();
    private long? _toldAt;

    /// <summary>One was refused.</summary>
    public void Add(string reason)
    {
        ChatMeter.Refused(reason);
        _untold.AddOrUpdate(reason, 1, (_, count) => count + 1);
    }

    /// <summary>Tells what wasn't told yet; called about once a second.</summary>
    public void Tell()
    {
        if (_untold.IsEmpty || (_toldAt is { } at && time.GetElapsedTime(at) < Every))
            return;
        _toldAt = time.GetTimestamp();
        foreach (var reason in _untold.Keys)
        {
            if (_untold.TryRemove(reason, out var count))
                LogRejected(logger, count, reason);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Count} connections were refused: {Reason}")]
    private static partial void LogRejected(ILogger logger, int count, string reason);
}
