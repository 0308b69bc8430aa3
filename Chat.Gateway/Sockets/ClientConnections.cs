using System.Collections.Concurrent;
using System.Net.WebSockets;
using Akka.Actor;
using Akka.Hosting;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.Delivery;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Gateway.Sockets;

/// <summary>The sockets of this node: reads each, and looks after the silent ones, with one timer for all.</summary>
public sealed class ClientConnections(IRequiredActor<ConnectionsActor> connections, ChatOptions chat)
{
    private sealed class Open(IClientSocket socket, Outbox outbox, ChatOptions chat)
    {
        public IClientSocket Socket => socket;

        public Outbox Outbox => outbox;

        public Liveness Liveness { get; } = new(chat.PingAfter, chat.DeadAfter);
    }

    // How often it is looked whether a peer has taken something.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    // Messages that are read at once before others have their turn.
    private const int Turn = 8;

    // How long what waits may take to get out ahead of a close frame.
    private static readonly TimeSpan MostClosing = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskTime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Open, bool> _open = new();
    private readonly TimeProvider _time = chat.Time;
    private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEnding;

    /// <summary>How many sockets are open.</summary>
    public int Count => _open.Count;

    /// <summary>Their outboxes.</summary>
    public IEnumerable<Outbox> Outboxes => _open.Select(open => open.Key.Outbox);

    /// <summary>
    /// Serves one socket until it is closed. At most so many requests are unanswered as the limits say: then it isn't read, and TCP
    /// holds the sender back.
    /// </summary>
    /// <param name="socket">The socket; disposed of in the end.</param>
    /// <param name="isOriginal">It came in at <c>/</c>.</param>
    /// <param name="place">Its place; given back in the end.</param>
    public async Task ServeAsync(IClientSocket socket, bool isOriginal, Admission.Place place)
    {
        using var taken = place;
        using var disposed = socket;
        var places = new SemaphoreSlim(chat.Limits.UnansweredRequests);
        var outbox = new Outbox(socket, answered => places.Release(answered), _time, chat.OutboxBytes);
        socket.Start(outbox, place.Budget);
        var open = new Open(socket, outbox, chat);
        _open.TryAdd(open, true);
        IActorRef? connection = null;
        int? closeCode = null;
        try
        {
            // Also where the socket ends meanwhile: the actor is there, and is to be told.
            connection = await OpenAsync(new ConnectionsCommands.Open(outbox, isOriginal, place.Budget));
            if (connection is null)
                Refuse(outbox, CloseCodes.TryAgainLater, "the server is busy");
            else
                closeCode = await ReadAsync(socket, outbox, connection, places, new ReadPace(chat, readsOfFrame: 1));
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            // The peer broke the protocol, and a close frame that says so is on its way, or the connection is lost.
            if (e is not WebSocketException { WebSocketErrorCode: not WebSocketError.ConnectionClosedPrematurely })
                outbox.Abandon();
        }
        finally
        {
            connection?.Tell(new ConnectionInputs.Closed(closeCode));
            if (!outbox.IsAbandoned)
                await Task.WhenAny(socket.Finished, Task.Delay(CloseTime, _time));
            _open.TryRemove(open, out _);
            if (_isEnding && _open.IsEmpty)
                _emptied.TrySetResult();
        }
        await socket.DrainAsync();
    }

    // Null where it takes too long.
    private async Task<IActorRef?> OpenAsync(ConnectionsCommands.Open open)
    {
        var parent = await connections.GetAsync();
        var asking = parent.Ask<IActorRef>(open);
        try
        {
            return await asking.WaitAsync(AskTime, _time);
        }
        catch (TimeoutException)
        {
            // It is made all the same, and nobody else would tell it that its connection is gone.
            _ = asking.ContinueWith(
                late => late.Result.Tell(new ConnectionInputs.Closed(null)),
                CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            return null;
        }
    }

    private async Task<int?> ReadAsync(
        IClientSocket socket, Outbox outbox, IActorRef connection, SemaphoreSlim places, ReadPace pace)
    {
        for (var atOnce = 0; ;)
        {
            await pace.NextAsync(socket.Ended);
            // What came before the connection's end is still read, unless it would have to wait.
            if (!places.Wait(0))
                await places.WaitAsync(socket.Ended);
            // Answers are never taken out of an outbox: of one that takes none, no more is asked.
            while (outbox.Waiting > chat.OutboxBytes)
                await Task.Delay(Rest, _time, socket.Ended);
            // Of what comes behind, nothing is wanted.
            if (outbox.ClosingFor is not null)
                return null;
            var receiving = socket.ReceiveAsync();
            // The pool runs what a thread has set going before all that others wait for: reader and actor of one connection that always has more
            // would keep it for themselves.
            if (receiving.IsCompleted && ++atOnce % Turn == 0)
                await Task.Yield();
            var message = await receiving;
            switch (message.Kind)
            {
                case ReceivedKind.Text:
                    ChatMeter.Received(message.Text.Length);
                    var (request, error) = RequestCodec.Decode(message.Text.Span);
                    connection.Tell(request is not null ? new ConnectionInputs.Received(request) : new ConnectionInputs.Malformed(error!));
                    break;
                case ReceivedKind.Binary:
                    Refuse(outbox, CloseCodes.Unsupported, "binary frames are not spoken here");
                    return null;
                case ReceivedKind.NotUtf8:
                    Refuse(outbox, CloseCodes.NotUtf8, "the text is not UTF-8");
                    return null;
                case ReceivedKind.TooLarge:
                    Refuse(outbox, CloseCodes.TooLarge, "the message is too large");
                    return null;
                default:
                    return message.CloseCode;
            }
        }
    }

    private static void Refuse(Outbox outbox, int code, string reason)
    {
        ChatMeter.Refused(reason);
        outbox.Close(code, reason);
    }

    /// <summary>Pings the silent, closes the dead and those who take nothing; called about once a second.</summary>
    public void LookAfterSilent()
    {
        var now = _time.GetElapsedTime(0);
        foreach (var open in _open.Keys)
        {
            // Who takes a byte now and then could put the end off for ever.
            if (open.Outbox.ClosingFor > MostClosing)
                open.Socket.Abort();
            switch (open.Liveness.Look(now, open.Outbox.Stalled, open.Socket.Quiet, () => open.Socket.Taken))
            {
                case LivenessStep.Ping:
                    open.Outbox.Control(WireFrame.Ping);
                    break;
                case LivenessStep.Dead:
                    End(open, CloseCodes.Dead, "silent for too long");
                    break;
                case LivenessStep.TakesNothing:
                    End(open, CloseCodes.ReadsNothing, "takes nothing any more");
                    break;
            }
        }
    }

    /// <summary>Waits until all sockets are closed, and aborts those that aren't after a while.</summary>
    public async Task EndAsync(TimeSpan atMost)
    {
        _isEnding = true;
        if (!_open.IsEmpty)
            await Task.WhenAny(_emptied.Task, Task.Delay(atMost, _time));
        foreach (var open in _open.Keys)
            open.Socket.Abort();
    }

    // Nothing is likely to be taken any more, the close frame included.
    private void End(Open open, int code, string reason)
    {
        open.Outbox.Close(code, reason, atOnce: true);
        if (_open.TryRemove(open, out _))
            _ = Task.Delay(TimeSpan.FromSeconds(1), _time).ContinueWith(_ => open.Socket.Abort(), TaskScheduler.Default);
    }
}
