using Chat.Gateway.Sockets;

namespace Chat.Gateway.Hosting;

/// <summary>Ticks once a second for all connections: pings, the ends of those that are dead or take nothing, and what is told of those refused.</summary>
internal sealed partial class SilenceWatch(
    ClientConnections connections, Admission admission, Rejections rejections, TimeProvider time, ILogger<SilenceWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                LookAfterSilent();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Of a start that fails, the host would make a critical error of it.
        }
    }

    // What escaped from here would end the whole server.
    private void LookAfterSilent()
    {
        try
        {
            connections.LookAfterSilent();
            admission.Sweep();
            rejections.Tell();
        }
        catch (Exception e)
        {
            LogFailed(logger, e);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Looking after the silent connections failed; it goes on in a second")]
    private static partial void LogFailed(ILogger logger, Exception cause);
}
