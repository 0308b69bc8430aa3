using Chat.Gateway.Sockets;

namespace Chat.Gateway.Hosting;

/// <summary>Ticks once a second for all connections: pings, and the ends of those that are dead or take nothing.</summary>
internal sealed class SilenceWatch(ClientConnections connections, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            connections.LookAfterSilent();
    }
}
