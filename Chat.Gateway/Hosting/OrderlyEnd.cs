using Akka.Actor;
using Chat.Actors.Connections;
using Chat.Actors.Rooms;
using Chat.Gateway.Sockets;

namespace Chat.Gateway.Hosting;

/// <summary>
/// The end of the daemon, within 5 s: every client is told and its socket closed, then every room stores what waits, and only
/// then the actors stop. Kestrel stops accepting meanwhile, by itself.
/// </summary>
internal sealed partial class OrderlyEnd(ClientConnections clients, ILogger<OrderlyEnd> logger)
{
    private static readonly TimeSpan ClientsTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ClosedTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(2);

    private volatile bool _hasBegun;

    /// <summary>Whether it came to it: not where the actors ended before, as one of the first of them failed.</summary>
    public bool HasBegun => _hasBegun;

    /// <summary>Puts it into the actor system's own order of ending.</summary>
    public void Register(ActorSystem system, IActorRef connections, IActorRef rooms)
    {
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "close-clients", async () =>
        {
            _hasBegun = !system.WhenTerminated.IsCompleted;
            if (!_hasBegun)
                return Akka.Done.Instance;
            LogStopping(logger, clients.Count);
            await AskAsync(connections, new ConnectionsCommands.Stop(), ClientsTime, "clients");
            await clients.EndAsync(ClosedTime);
            return Akka.Done.Instance;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, "flush-rooms", async () =>
        {
            if (_hasBegun)
                await AskAsync(rooms, ChildReports.Flush.Instance, FlushTime, "rooms");
            return Akka.Done.Instance;
        });
    }

    private async Task AskAsync(IActorRef actor, object message, TimeSpan time, string what)
    {
        try
        {
            await actor.Ask<object>(message, time);
        }
        catch (AskTimeoutException)
        {
            LogTimeout(logger, what, time.TotalSeconds);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Stopping: closing {Connections} connections, flushing the rooms")]
    private static partial void LogStopping(ILogger logger, int connections);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "The {What} weren't done within {Seconds} s; going on without them")]
    private static partial void LogTimeout(ILogger logger, string what, double seconds);
}
