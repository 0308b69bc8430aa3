using Akka.Actor;
using Akka.Hosting;
using Chat.Actors.Connections;
using Chat.Actors.Rooms;

namespace Chat.Gateway.Hosting;

/// <summary>
/// The end of the daemon, within 5 s: every client is told, every room's log is flushed, and only then the server and the actors
/// stop. Registered first among the hosted services, so stopped last but for those it orders itself.
/// </summary>
internal sealed partial class OrderlyEnd(
    IRequiredActor<ConnectionsActor> connections, IRequiredActor<RoomsActor> rooms, ILogger<OrderlyEnd> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan ClientsTime = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        LogStopping(logger);
        await AskAsync(connections.ActorRef, new ConnectionsCommands.Stop(), ClientsTime, "clients", cancellationToken);
        await AskAsync(rooms.ActorRef, ChildReports.Flush.Instance, FlushTime, "rooms", cancellationToken);
    }

    private async Task AskAsync(IActorRef actor, object message, TimeSpan time, string what, CancellationToken cancellation)
    {
        try
        {
            await actor.Ask<object>(message, time, cancellation);
        }
        catch (Exception e) when (e is AskTimeoutException or OperationCanceledException)
        {
            LogTimeout(logger, what, time.TotalSeconds);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: telling the clients, flushing the rooms")]
    private static partial void LogStopping(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {What} weren't done within {Seconds} s; going on without them")]
    private static partial void LogTimeout(ILogger logger, string what, double seconds);
}
