using System.Diagnostics;
using System.Text;
using Akka.Actor;
using Akka.Hosting;
using Chat.Actors.History;
using Chat.Actors.Rooms;
using Chat.Gateway.Hosting;

namespace Chat.Gateway.Web;

/// <summary>What orchestrators and load balancers ask: whether the process lives, and whether it should be sent clients.</summary>
internal sealed class Health(IRequiredActor<RoomsActor> rooms, IHistoryStore store, Draining draining)
{
    private static readonly TimeSpan AskTime = TimeSpan.FromSeconds(1);

    // Anybody may ask, as often as he likes; the rooms have more to do.
    private static readonly TimeSpan AnswerAge = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private (long At, Task<string?> Fault)? _asked;

    // One at a time: where it doesn't answer, more of them would only wait too.
    private Task _probe = Task.CompletedTask;

    /// <summary><c>GET /health/live</c>: it answers, so it lives.</summary>
    public static Task LiveAsync(HttpContext context) => AnswerAsync(context, null);

    /// <summary><c>GET /health/ready</c>: not while it is going away, nor while rooms can't be stored.</summary>
    public async Task ReadyAsync(HttpContext context) => await AnswerAsync(context, draining.HasBegun ? "going away" : await LatelyAsync());

    private Task<string?> LatelyAsync()
    {
        lock (_gate)
        {
            if (_asked is not { } asked || Stopwatch.GetElapsedTime(asked.At) > AnswerAge)
                _asked = asked = (Stopwatch.GetTimestamp(), WhatFailsAsync());
            return asked.Fault;
        }
    }

    // Null where nothing does.
    private async Task<string?> WhatFailsAsync()
    {
        try
        {
            if (_probe.IsCompleted)
                _probe = Task.Factory.StartNew(store.Probe, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await _probe.WaitAsync(AskTime);
        }
        catch (StorageException)
        {
            return "the history can't be reached";
        }
        catch (TimeoutException)
        {
            return "the history doesn't answer";
        }
        try
        {
            return await rooms.ActorRef.Ask<RoomReplies.StorageIs>(RoomQueries.Storage.Instance, AskTime) switch
            {
                { IsListed: false } => "the rooms aren't listed yet, or can't be",
                { Failing: > 0 and var failing } => $"the logs of {failing} rooms can't be written or opened",
                _ => null,
            };
        }
        catch (AskTimeoutException)
        {
            return "the rooms don't answer";
        }
    }

    private static Task AnswerAsync(HttpContext context, string? fault)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (fault is not null)
            return Problems.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "not_ready", $"Not ready: {fault}.");
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("{\"status\":\"ok\"}")).AsTask();
    }
}
