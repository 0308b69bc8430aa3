using Chat.Protocol.Codec;

namespace Chat.Protocol.Client;

// What gives the session its events and its time, and does what it says. All inputs go through one lock, outputs in their order.
public sealed partial class ChatClient : IChatSocketOwner
{
    private TimeSpan Now => _options.Time.GetElapsedTime(_started);

    /// <summary>Closes the connection with 1000, which ends the session, and fails whatever still waits.</summary>
    public async ValueTask DisposeAsync()
    {
        ChatSocket? open;
        lock (_gate)
        {
            open = _socket;
            _session.Stop();
            Apply();
        }
        await _timer.DisposeAsync().ConfigureAwait(false);
        try
        {
            await _running.WaitAsync(CloseTimeout, _options.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            open?.Abort();
            await _running.ConfigureAwait(false);
        }
    }

    // How long the server may take to answer a close.
    private static TimeSpan CloseTimeout => TimeSpan.FromSeconds(2);

    private T Look<T>(Func<ClientSession, T> look)
    {
        lock (_gate)
            return look(_session);
    }

    private void Step(Action<ClientSession> step)
    {
        lock (_gate)
        {
            step(_session);
            Apply();
        }
    }

    private Task<T> Ask<T>(Call<T> call, Action<ClientSession, Call<T>, TimeSpan> ask, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellation);
        lock (_gate)
        {
            ask(_session, call, Now);
            Apply();
        }
        _events.Ease();
        return cancellation.CanBeCanceled && !call.IsDone ? Cancellable(call, cancellation) : call.Task;
    }

    private async Task<T> Cancellable<T>(Call<T> call, CancellationToken cancellation)
    {
        await using var registration = cancellation.Register(() =>
        {
            call.Cancel(cancellation);
            Step(session => session.Forget(call, Now));
        }).ConfigureAwait(false);
        return await call.Task.ConfigureAwait(false);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            _timerAt = null;
            _session.Tick(Now);
            Apply();
        }
    }

    private void Apply()
    {
        foreach (var output in _session.Take())
        {
            switch (output)
            {
                case SessionOutput.Open:
                    _socket = new ChatSocket(this);
                    _running = RunAfterAsync(_running, _socket);
                    break;
                case SessionOutput.Send send:
                    _socket?.Send(send.Frame);
                    break;
                case SessionOutput.Close { Code: { } code }:
                    Close(code);
                    break;
                case SessionOutput.Close:
                    var socket = _socket;
                    _socket = null;
                    socket?.Abort();
                    break;
                case SessionOutput.Tell tell:
                    _events.Add(tell.Event);
                    break;
                case SessionOutput.State state:
                    Change(state);
                    break;
                case SessionOutput.Ended:
                    _events.Complete();
                    break;
            }
        }
        Schedule();
    }

    // The timer is left as it is where it comes soon enough: most frames only put off what is due.
    private void Schedule()
    {
        if (_session.Due is not { } due || due >= _timerAt)
            return;
        _timerAt = due;
        var wait = due - Now;
        // Timers count whole milliseconds, and one that is early would only be set again.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(wait.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private void Change(SessionOutput.State state)
    {
        var next = new ConnectionState(
            state.Status, state.RetryIn is { } wait ? _options.Time.GetUtcNow() + wait : null, state.Reason, state.CloseCode, state.RoundTrip);
        Volatile.Write(ref _state, next);
        _events.Add(new ClientEvent.StateChanged(next));
    }

    private void Close(int code)
    {
        if (_socket is not { } socket)
            return;
        _socket = null;
        socket.Close(code);
        _ = AbortLaterAsync(socket);
        _events.Ease();
    }

    private async Task AbortLaterAsync(ChatSocket socket)
    {
        try
        {
            await Task.Delay(CloseTimeout, _options.Time, socket.Aborted).ConfigureAwait(false);
            socket.Abort();
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }

    // One connection at a time: two of one session would throw each other out.
    private async Task RunAfterAsync(Task before, ChatSocket socket)
    {
        await before.ConfigureAwait(false);
        await socket.RunAsync(_options.Server).ConfigureAwait(false);
    }

    void IChatSocketOwner.OnOpened(ChatSocket socket)
    {
        lock (_gate)
        {
            if (_socket != socket)
                return;
            _session.Opened(Now);
            Apply();
        }
    }

    void IChatSocketOwner.OnHeard(ChatSocket socket)
    {
        lock (_gate)
        {
            if (_socket == socket)
                _session.Heard(Now);
        }
    }

    ValueTask IChatSocketOwner.OnFrameAsync(ChatSocket socket, byte[] frame)
    {
        var e = EventCodec.Decode(frame);
        lock (_gate)
        {
            if (_socket != socket)
                return ValueTask.CompletedTask;
            _session.Received(e, frame, Now);
            Apply();
        }
        return _events.IsFull ? new ValueTask(WaitForReaderAsync(socket)) : ValueTask.CompletedTask;
    }

    private async Task WaitForReaderAsync(ChatSocket socket)
    {
        lock (_gate)
        {
            if (_socket != socket)
                return;
            _session.Pause();
        }
        await _events.WaitAsync(() => BoundFor(socket), socket.Aborted).ConfigureAwait(false);
        lock (_gate)
        {
            if (_socket != socket)
                return;
            _session.Resume(Now);
            Apply();
        }
    }

    private long BoundFor(ChatSocket socket)
    {
        lock (_gate)
            return _socket != socket ? long.MaxValue : _session.IsAwaited ? EventQueue.AwaitedBound : EventQueue.Bound;
    }

    void IChatSocketOwner.OnLost(ChatSocket socket, int? code, string reason)
    {
        lock (_gate)
        {
            if (_socket != socket)
                return;
            _socket = null;
            _session.Lost(code, reason, Now);
            Apply();
        }
    }
}
