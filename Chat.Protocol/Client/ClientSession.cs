using Chat.Protocol.Codec;

namespace Chat.Protocol.Client;

/// <summary>
/// The client's side of <c>chat.v1</c> as a state machine: what happened goes in, with the time, and what to do comes out. It
/// has no socket, no thread and no clock; whoever drives it takes <see cref="Take"/> after each input and calls
/// <see cref="Tick"/> at <see cref="Due"/>.
/// </summary>
internal sealed partial class ClientSession(ChatClientOptions options, string idPrefix)
{
    private readonly List<SessionOutput> _outputs = [];
    private readonly Dictionary<string, InFlight> _inFlight = new(StringComparer.Ordinal);
    private long _ids;
    private long _sent;
    private TimeSpan? _pumpAt;

    /// <summary>The name as the server has it.</summary>
    public string? User { get; private set; }

    /// <summary>The limits in force.</summary>
    public Limits Limits { get; private set; } = new();

    /// <summary>Whether somebody waits for an answer.</summary>
    public bool IsAwaited =>
        _inFlight.Count > 0 || _reads.Count > 0 || _pings.Count > 0
        || _rooms.Values.Any(room => room.Steps.Count > 0 || room.Joins.Count > 0);

    /// <summary>What is to be done since the last call.</summary>
    public IReadOnlyList<SessionOutput> Take()
    {
        if (_outputs.Count == 0)
            return [];
        SessionOutput[] taken = [.. _outputs];
        _outputs.Clear();
        return taken;
    }

    /// <summary>A frame came: <paramref name="e"/> is null where it can't be read.</summary>
    public void Received(ServerEvent? e, ReadOnlyMemory<byte> json, TimeSpan now)
    {
        if (_phase is not (Phase.LoggingIn or Phase.Online))
            return;
        _heard = now;
        switch (e)
        {
            case null:
                GiveUp("The server sent something that can't be read.", now);
                return;
            case ServerEvent.Welcome welcome:
                OnWelcome(welcome, now);
                break;
            case ServerEvent.Shutdown shutdown:
                _comeBackIn = shutdown.ReconnectIn;
                Tell(shutdown, json);
                break;
            case ServerEvent.Message message:
                OnMessage(message, json);
                break;
            case ServerEvent.History page:
                OnPage(page, json);
                break;
            case ServerEvent.Ack ack:
                OnAck(ack);
                break;
            case ServerEvent.Left left:
                OnLeft(left, json);
                break;
            case ServerEvent.Error error:
                OnError(error, json, now);
                break;
            case ServerEvent.Pong pong:
                OnPong(pong, now);
                break;
            case ServerEvent.Who or ServerEvent.Rooms:
                if (!OnAnswer(e))
                    Tell(e, json);
                break;
            case ServerEvent.Unknown unknown:
                OnUnknown(unknown, json);
                break;
            default:
                Tell(e, json);
                break;
        }
        Pump(now);
    }

    private void OnError(ServerEvent.Error error, ReadOnlyMemory<byte> json, TimeSpan now)
    {
        if (_phase == Phase.LoggingIn)
        {
            OnLoginRefused(error, now);
            return;
        }
        if (error.Id is null || !_inFlight.Remove(error.Id, out var request))
        {
            Tell(error, json);
            return;
        }
        switch (request)
        {
            case InFlight.Publish publish:
                OnPublishRefused(publish.Outgoing, error, now);
                break;
            case InFlight.Join join:
                OnJoinRefused(join.Room, error, json, now);
                break;
            case InFlight.Leave leave:
                OnLeaveRefused(leave.Room, leave.Step, error, now);
                break;
            case InFlight.Read read:
                OnReadRefused(read.Call, error, now);
                break;
            case InFlight.Ping ping:
                ping.Call?.Fail(Refusal(error));
                break;
        }
    }

    // Sends all that may be sent now, and notes when more may be.
    private void Pump(TimeSpan now)
    {
        _pumpAt = null;
        if (_phase != Phase.Online || IsLoggingOut)
            return;
        PumpPings(now);
        PumpRooms(now);
        PumpReads(now);
        PumpPublishes(now);
    }

    // One place is kept for a ping, so that a server that reads no more can be told from one that is gone.
    private bool HasPlace => _inFlight.Count < Math.Max(1, Limits.UnansweredRequests - 1);

    private void PumpAgainAt(TimeSpan at)
    {
        if (_pumpAt is null || at < _pumpAt)
            _pumpAt = at;
    }

    private string NextId() => $"{idPrefix}-{++_ids}";

    private (long Number, TimeSpan SentAt) Stamp(TimeSpan now) => (++_sent, now);

    // False where the frame is larger than the server takes: it would end the connection.
    private bool Send(Request request)
    {
        var frame = RequestCodec.Encode(request);
        if (frame.Length > Limits.FrameBytes)
            return false;
        _outputs.Add(new SessionOutput.Send(request, frame));
        return true;
    }

    private void Tell(ServerEvent e, ReadOnlyMemory<byte> json) => Tell(new ClientEvent.Received(e, json));

    private void Tell(ClientEvent e) => _outputs.Add(new SessionOutput.Tell(e));

    private static ChatRefusedException Refusal(ServerEvent.Error error) => new(error.Code, error.Sentence, error.RetryAfter);

    private ServerEvent.Error TooLarge(string code) =>
        new(code, $"The request is larger than the {Limits.FrameBytes} bytes that the server takes.");
}
