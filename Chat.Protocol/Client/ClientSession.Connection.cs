using Chat.Protocol.Codec;

namespace Chat.Protocol.Client;

// The connection: made, logged in, watched, lost, waited for, made again.
internal sealed partial class ClientSession
{
    private enum Phase
    {
        Idle,
        Opening,
        LoggingIn,
        Online,
        Waiting,
        Ended,
    }

    // After a login without an answer, how long the server may take that connection for a living one: 60 s, and some.
    private static readonly TimeSpan OwnName = TimeSpan.FromSeconds(90);

    private readonly Backoff _reconnects = new(options.FirstDelay, options.LongestDelay, options.Jitter);
    private Phase _phase;
    private Call<ServerEvent.Welcome>? _connect;
    private readonly List<Call<int?>> _logouts = [];
    private string? _session;
    private TimeSpan _deadline;
    private TimeSpan _heard;
    private TimeSpan _onlineSince;
    private TimeSpan _lastWait;
    private TimeSpan? _comeBackIn;
    private TimeSpan? _ownNameUntil;
    private bool _wasOnline;
    private bool _isPaused;

    /// <summary>When <see cref="Tick"/> is next wanted.</summary>
    public TimeSpan? Due => _phase switch
    {
        Phase.Opening or Phase.LoggingIn or Phase.Waiting => _deadline,
        Phase.Online when IsLoggingOut => _deadline,
        Phase.Online when _isPaused => _pumpAt,
        Phase.Online => Earlier(_heard + (IsPinging ? options.DeadAfter : options.PingAfter), _pumpAt),
        _ => null,
    };

    /// <summary>The user wants a connection.</summary>
    public void Connect(Call<ServerEvent.Welcome> call, TimeSpan now)
    {
        if (_phase != Phase.Idle)
        {
            call.Fail(_phase == Phase.Ended ? _end! : new InvalidOperationException("The client is connected, or about to be."));
            return;
        }
        _connect = call;
        Open(now);
    }

    /// <summary>The connection is made.</summary>
    public void Opened(TimeSpan now)
    {
        if (_phase != Phase.Opening)
            return;
        _phase = Phase.LoggingIn;
        Login(now);
    }

    /// <summary>Something came, if only a part of a frame.</summary>
    public void Heard(TimeSpan now) => _heard = now;

    /// <summary>Nothing is read for a while, so that nothing can be heard.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>Reading goes on.</summary>
    public void Resume(TimeSpan now) => (_isPaused, _heard) = (false, now);

    /// <summary>The connection is gone, or couldn't be made; with a code where a close frame came.</summary>
    public void Lost(int? code, string reason, TimeSpan now)
    {
        if (_phase is not (Phase.Opening or Phase.LoggingIn or Phase.Online))
            return;
        if (_phase == Phase.LoggingIn)
            _ownNameUntil = now + OwnName;
        Disconnected();
        if (IsLoggingOut)
            End("Logged out.", code);
        else if (!_wasOnline)
            FailFirst(new ChatConnectionException(reason, code));
        else if (!options.Reconnect || !CloseCodes.MayReconnect(code))
            End(reason, code);
        else
            Wait(null, reason, code, now);
    }

    /// <summary>The time has come that <see cref="Due"/> told, or any other.</summary>
    public void Tick(TimeSpan now)
    {
        switch (_phase)
        {
            case Phase.Opening or Phase.LoggingIn when now >= _deadline:
                GiveUp("The server didn't answer in time.", now);
                break;
            case Phase.Waiting when now >= _deadline:
                Open(now);
                break;
            case Phase.Online when IsLoggingOut:
                if (now >= _deadline)
                    GiveUp("The server didn't answer in time.", now);
                break;
            case Phase.Online when !_isPaused && now >= _heard + options.DeadAfter:
                GiveUp($"Nothing came from the server for {options.DeadAfter.TotalSeconds:0} s.", now);
                break;
            case Phase.Online:
                if (!_isPaused && !IsPinging && now >= _heard + options.PingAfter)
                    SendPing(null, now);
                Pump(now);
                break;
        }
    }

    /// <summary>The user logs out.</summary>
    public void Logout(Call<int?> call, TimeSpan now)
    {
        if (_phase == Phase.Online)
        {
            _logouts.Add(call);
            if (_logouts.Count > 1)
                return;
            _deadline = now + options.ConnectTimeout;
            Send(new Request.Logout { Id = NextId() });
            return;
        }
        Stop("Logged out.");
        call.Complete(null);
    }

    /// <summary>The user is done: whatever is open is closed, and whoever waits is told.</summary>
    public void Stop(string reason = "The client was closed.")
    {
        if (_phase == Phase.Ended)
            return;
        if (_phase is Phase.Opening or Phase.LoggingIn or Phase.Online)
            _outputs.Add(new SessionOutput.Close(CloseCodes.Normal));
        Disconnected();
        End(reason, null);
    }

    private bool IsLoggingOut => _logouts.Count > 0;

    private void Open(TimeSpan now)
    {
        _isPaused = false;
        _phase = Phase.Opening;
        _deadline = now + options.ConnectTimeout;
        _outputs.Add(new SessionOutput.Open());
        _outputs.Add(new SessionOutput.State(ConnectionStatus.Connecting));
    }

    private void Login(TimeSpan now)
    {
        _heard = now;
        if (Send(new Request.Login(options.User, _session, options.Token) { Id = NextId() }))
            return;
        var error = TooLarge(ErrorCodes.BadUsername);
        _outputs.Add(new SessionOutput.Close(CloseCodes.Normal));
        FailFirst(Refusal(error));
    }

    private void OnWelcome(ServerEvent.Welcome welcome, TimeSpan now)
    {
        if (_phase != Phase.LoggingIn)
            return;
        _phase = Phase.Online;
        _wasOnline = true;
        _onlineSince = now;
        _comeBackIn = null;
        _ownNameUntil = null;
        (_session, User, Limits) = (welcome.Session, welcome.User, welcome.Limits);
        _publishPace = new TokenBucket(Limits.PublishRate, Limits.PublishBurst);
        _readPace = new TokenBucket(Limits.ReadRate, Limits.ReadRate);
        _outputs.Add(new SessionOutput.State(ConnectionStatus.Online));

        // The session's secret is for this class alone: what is told gets printed.
        var shown = welcome with { Session = "" };
        Tell(shown, EventCodec.Encode(shown));
        _connect?.Complete(shown);
        _connect = null;
        ReturnToRooms(welcome);
    }

    private void OnLoginRefused(ServerEvent.Error error, TimeSpan now)
    {
        if (error.Code == ErrorCodes.BadSession && _session is not null)
        {
            _session = null;
            Login(now);
            return;
        }
        _outputs.Add(new SessionOutput.Close(CloseCodes.Normal));
        if (!_wasOnline)
            FailFirst(Refusal(error));
        else if (options.Reconnect && (IsPassing(error.Code) || (error.Code == ErrorCodes.NameTaken && IsNameToBeFree(error, now))))
            Wait(error.RetryAfter, error.Sentence, null, now);
        else
            End(error.Sentence, null, Refusal(error));
    }

    // Its holder is in the grace period, or may be this client: the welcome of a login can be lost with its connection.
    private bool IsNameToBeFree(ServerEvent.Error error, TimeSpan now) => error.RetryAfter is not null || now < _ownNameUntil;

    private static bool IsPassing(string code) =>
        code is ErrorCodes.RateLimited or ErrorCodes.Busy or ErrorCodes.StorageUnavailable or ErrorCodes.Internal;

    private void GiveUp(string reason, TimeSpan now)
    {
        _outputs.Add(new SessionOutput.Close(null));
        Lost(null, reason, now);
    }

    private void Wait(TimeSpan? retryAfter, string reason, int? code, TimeSpan now)
    {
        // A connection that held for longer than the wait before it was a good one.
        if (_phase == Phase.Online && now - _onlineSince >= _lastWait)
            _reconnects.Reset();
        var wait = _comeBackIn ?? retryAfter ?? (_lastWait = _reconnects.Next());
        _comeBackIn = null;
        // A server that says "at once" again and again isn't to be asked in a loop.
        if (retryAfter is not null && wait < options.FirstDelay)
            wait = options.FirstDelay;
        _phase = Phase.Waiting;
        _deadline = now + wait;
        _outputs.Add(new SessionOutput.State(ConnectionStatus.Waiting, reason, wait, code));
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan? b) => b is { } other && other < a ? other : a;
}
