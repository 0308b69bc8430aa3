using Akka.Actor;
using Akka.Hosting;
using Chat.Actors.Connections;
using Chat.Actors.Nodes;
using Chat.Actors.Rooms;
using Chat.Actors.Users;
using Chat.Gateway.Configuration;
using Chat.Gateway.Sockets;

namespace Chat.Gateway.Hosting;

/// <summary>
/// The end of the daemon: it isn't ready any more, takes nobody in and no publishes; what waits is stored; every client is told to come back and its
/// socket closed, over the time that <c>--drain-seconds</c> gives. Only then the server stops listening, and the actors stop.
/// </summary>
internal sealed partial class OrderlyEnd(
    ActorSystem system, IRequiredActor<ConnectionsActor> connections, IRequiredActor<RoomsActor> rooms, IRequiredActor<UserRegistryActor> users,
    ClientConnections clients, Draining draining, GatewayOptions options, ILogger<OrderlyEnd> logger)
{
    private static readonly TimeSpan ClientsTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ClosedTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _hurry = new();
    private Task? _ended;
    private volatile bool _hasBegun;

    /// <summary>
    /// Whether it came to it: not where the actors ended before, as one of the first of them failed, nor where the cluster, or this node, had it end, or none of whom it asks for a
    /// place there is trusted.
    /// </summary>
    public bool IsOrderly => _hasBegun && CoordinatedShutdown.Get(system).ShutdownReason is not (CoordinatedShutdown.ClusterDowningReason or { ExitCode: > 0 });

    /// <summary>Puts it into the actor system's own order of ending, for where that isn't ended by a signal.</summary>
    public void Register() =>
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceUnbind, "end-in-order", async () =>
        {
            if (!system.WhenTerminated.IsCompleted)
                await RunAsync();
            return Akka.Done.Instance;
        });

    /// <summary>Does it, once.</summary>
    public Task RunAsync()
    {
        lock (_gate)
            return _ended ??= EndAsync();
    }

    /// <summary>Goes on without waiting for clients and rooms: what was acknowledged is stored.</summary>
    public void Hurry() => _hurry.Cancel();

    private async Task EndAsync()
    {
        try
        {
            await EndInOrderAsync();
        }
        catch (Exception e)
        {
            // It has to end all the same.
            LogFailed(logger, e);
        }
    }

    private async Task EndInOrderAsync()
    {
        _hasBegun = true;
        if (CoordinatedShutdown.Get(system).ShutdownReason is CoordinatedShutdown.ClusterDowningReason)
            LogCutOff(logger);
        LogStopping(logger, clients.Count);
        draining.Begin();
        connections.ActorRef.Tell(new ConnectionsCommands.Drain());
        await AskAsync(rooms.ActorRef, ChildReports.Flush.Instance, FlushTime, "rooms");
        var over = TimeSpan.FromSeconds(options.DrainSeconds);
        await draining.SendAwayAsync();
        await AskAsync(connections.ActorRef, new ConnectionsCommands.Stop(over), over + ClientsTime, "clients");
        await clients.EndAsync(_hurry.IsCancellationRequested ? TimeSpan.Zero : ClosedTime);
        // What was taken before the first of it.
        await AskAsync(rooms.ActorRef, ChildReports.Flush.Instance, FlushTime, "rooms");
        if (options.ClusterHost is not null)
            await AskAsync(users.ActorRef, new NodeUsersActor.HandOver(), FlushTime, "sessions");
    }

    private async Task AskAsync(IActorRef actor, object message, TimeSpan time, string what)
    {
        try
        {
            await actor.Ask<object>(message, time, _hurry.Token);
        }
        catch (OperationCanceledException)
        {
            // A second signal.
        }
        catch (AskTimeoutException)
        {
            LogTimeout(logger, what, time.TotalSeconds);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Stopping: storing what waits, closing {Connections} connections")]
    private static partial void LogStopping(ILogger logger, int connections);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error,
        Message = "This node was cut off from most of the cluster, which may go on without it, so it ends: two parts mustn't both be the chat. Start it again when it reaches the others")]
    private static partial void LogCutOff(ILogger logger);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "The orderly end failed; it ends all the same")]
    private static partial void LogFailed(ILogger logger, Exception cause);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "The {What} weren't done within {Seconds} s; going on without them")]
    private static partial void LogTimeout(ILogger logger, string what, double seconds);
}
