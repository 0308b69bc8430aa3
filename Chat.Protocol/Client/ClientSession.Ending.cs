namespace Chat.Protocol.Client;

// What becomes of what is under way when a connection, or the client, ends.
internal sealed partial class ClientSession
{
    private Exception? _end;

    /// <summary>The caller of <paramref name="call"/> waits no longer; what hasn't been sent yet isn't.</summary>
    public void Forget(Call call, TimeSpan now)
    {
        _reads.Remove(call);
        if (call is Call<TimeSpan> ping)
            _pings.Remove(ping);
        foreach (var room in _rooms.Values.ToArray())
        {
            ForgetStep(room, call);
            Discard(room);
        }
        if (call == _connect)
        {
            _outputs.Add(new SessionOutput.Close(CloseCodes.Normal));
            FailFirst(new ChatConnectionException("The attempt to connect was given up."));
        }
        Pump(now);
    }

    private void ForgetStep(RoomSession room, Call call)
    {
        foreach (var step in room.Steps)
        {
            switch (step)
            {
                case Outgoing { WasSent: false } outgoing when outgoing.Call == call:
                case JoinStep join when join.Call == call:
                case LeaveStep { IsSent: false, Times: 0 } leave when leave.Call == call:
                    room.Steps.Remove(step);
                    return;
            }
        }
    }

    // What was under way waits for the next connection, in the order in which it was sent.
    private void Disconnected()
    {
        foreach (var request in _inFlight.Values.OrderByDescending(request => request.Number))
        {
            switch (request)
            {
                case InFlight.Read { Call.IsDone: false } read:
                    _reads.AddFirst(read.Call);
                    break;
                case InFlight.Ping { Call: { IsDone: false } call }:
                    _pings.AddFirst(call);
                    break;
                case InFlight.Leave leave:
                    leave.Step.IsSent = false;
                    break;
            }
        }
        var unanswered = _inFlight.Values.OfType<InFlight.Publish>().OrderBy(request => request.Number).ToArray();
        _inFlight.Clear();
        foreach (var room in _rooms.Values)
            room.Disconnected();
        foreach (var (_, _, outgoing) in unanswered)
        {
            if (outgoing.Status == OutgoingStatus.Sent)
                Change(outgoing, OutgoingStatus.Queued);
        }
    }

    // Before the first welcome there is nothing to come back to: the caller decides.
    private void FailFirst(Exception reason)
    {
        Disconnected();
        _phase = Phase.Idle;
        _outputs.Add(new SessionOutput.State(ConnectionStatus.Closed, reason.Message, CloseCode: (reason as ChatConnectionException)?.CloseCode));
        FailAll(reason);
    }

    private void End(string reason, int? code, Exception? cause = null)
    {
        _phase = Phase.Ended;
        _end = new ChatConnectionException(reason, code, cause);
        _session = null;
        _outputs.Add(new SessionOutput.State(ConnectionStatus.Closed, reason, CloseCode: code));
        FailAll(_end);
        foreach (var call in _logouts)
            call.Complete(code);
        _outputs.Add(new SessionOutput.Ended());
    }

    // What was published stays in the list of what isn't acked: whether it was stored isn't known.
    private void FailAll(Exception reason)
    {
        _connect?.Fail(reason);
        _connect = null;
        foreach (var call in _reads)
            call.Fail(reason);
        _reads.Clear();
        foreach (var call in _pings)
            call.Fail(reason);
        _pings.Clear();
        foreach (var room in _rooms.Values)
        {
            foreach (var call in room.Joins)
                call.Fail(reason);
            room.Joins.Clear();
            foreach (var step in room.Steps)
                CallOf(step).Fail(reason);
        }
        if (_phase == Phase.Idle)
            _rooms.Clear();
    }

    private static Call CallOf(RoomStep step) => step switch
    {
        JoinStep join => join.Call,
        LeaveStep leave => leave.Call,
        Outgoing outgoing => outgoing.Call,
        _ => throw new ArgumentException($"No call in {step.GetType()}.", nameof(step)),
    };

    // Whether a request comes too late.
    private bool IsOver(Call call)
    {
        if (_phase != Phase.Ended && !IsLoggingOut)
            return false;
        call.Fail(_end ?? new ChatConnectionException("The client is logging out."));
        return true;
    }
}
