namespace Chat.Protocol.Client;

// Requests that concern no membership: history, who, rooms, ping, typing. All can be asked again after a lost connection.
internal sealed partial class ClientSession
{
    private readonly LinkedList<Call> _reads = new();
    private readonly LinkedList<Call<TimeSpan>> _pings = new();
    private TokenBucket _readPace = new(0, 1);

    private bool IsPinging => _inFlight.Values.Any(request => request is InFlight.Ping);

    /// <summary>Asks for a page, the members or the rooms.</summary>
    public void Read(Call call, TimeSpan now)
    {
        if (IsOver(call))
            return;
        _reads.AddLast(call);
        Pump(now);
    }

    /// <summary>Measures the way to the server and back.</summary>
    public void Ping(Call<TimeSpan> call, TimeSpan now)
    {
        if (IsOver(call))
            return;
        _pings.AddLast(call);
        Pump(now);
    }

    /// <summary>Says that the user is typing, if that can be said now.</summary>
    public void Type(string room)
    {
        if (_phase == Phase.Online && !IsLoggingOut && Find(room) is { IsSettled: true } known)
            Send(new Request.Typing(known.Name) { Id = NextId() });
    }

    private void PumpPings(TimeSpan now)
    {
        while (_pings.First is { } first && (HasPlace || !IsPinging))
        {
            _pings.RemoveFirst();
            SendPing(first.Value, now);
        }
    }

    private void SendPing(Call<TimeSpan>? call, TimeSpan now)
    {
        var id = NextId();
        var (number, at) = Stamp(now);
        _inFlight[id] = new InFlight.Ping(number, at, call);
        Send(new Request.Ping { Id = id });
    }

    private void OnPong(ServerEvent.Pong pong, TimeSpan now)
    {
        if (pong.Id is null || !_inFlight.Remove(pong.Id, out var request))
            return;
        var roundTrip = now - request.SentAt;
        if (request is InFlight.Ping { Call: { } call })
            call.Complete(roundTrip);
        _outputs.Add(new SessionOutput.State(ConnectionStatus.Online, RoundTrip: roundTrip));
    }

    private void PumpReads(TimeSpan now)
    {
        while (_reads.First is { } first && HasPlace)
        {
            var call = first.Value;
            if (!_readPace.TryTake(now))
            {
                PumpAgainAt(_readPace.NextAt(now));
                return;
            }
            _reads.RemoveFirst();
            var id = NextId();
            if (!Send(call.Request with { Id = id }))
            {
                call.Fail(Refusal(TooLarge(ErrorCodes.BadRequest)));
                continue;
            }
            var (number, at) = Stamp(now);
            _inFlight[id] = new InFlight.Read(number, at, call);
        }
    }

    private bool OnAnswer(ServerEvent answer)
    {
        if (answer.Id is null || !_inFlight.TryGetValue(answer.Id, out var request) || request is not InFlight.Read read)
            return false;
        _inFlight.Remove(answer.Id);
        if (!read.Call.IsDone && !read.Call.Answer(answer))
            read.Call.Fail(new ChatRefusedException(ErrorCodes.Internal, "The server's answer is of another kind than the request."));
        return true;
    }

    private void OnReadRefused(Call call, ServerEvent.Error error, TimeSpan now)
    {
        if (error.Code is not (ErrorCodes.RateLimited or ErrorCodes.Busy))
        {
            call.Fail(Refusal(error));
            return;
        }
        _readPace.Pause(now + (error.RetryAfter ?? options.FirstDelay));
        if (!call.IsDone)
            _reads.AddFirst(call);
    }
}
