using Akka.Actor;
using Chat.Actors.Connections;
using Chat.Actors.Delivery;
using Chat.Protocol;
using Chat.Tests.Fakes;

namespace Chat.Tests.Simulation;

/// <summary>
/// A connection and both of its ends: a pipe of so many bytes towards the client, which reads when chance lets it; requests towards the
/// server, which reads them as the gateway does; and its end, of which each side learns in its own time.
/// </summary>
internal sealed class SimulatedSocket : IFrameWriter
{
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);

    private readonly World _world;
    private readonly Client _client;
    private readonly int _capacity;
    private readonly Queue<Request> _requests = new();
    private readonly ServerFrames _frames = new();
    private readonly Queue<(object Frame, long End)> _arriving = new();
    private TaskCompletionSource? _writing;
    private int _unwritten;
    private long _piped;
    private long _read;
    private int _places;
    private int? _peerCode;
    private bool _peerGone;
    private TimeSpan? _endsAt;

    public SimulatedSocket(World world, Client client, bool isOriginal, int capacity)
    {
        (_world, _client, IsOriginal, _capacity) = (world, client, isOriginal, capacity);
        _places = world.Plan.Limits.UnansweredRequests;
        Outbox = new Outbox(this, Answered, world.Time, world.Plan.OutboxBound);
        Wire = new Wire(world, client.Name, client.User, isOriginal);
    }

    public string Name => $"{_client.Name}'s {Number}";

    public int Number { get; init; }

    public bool IsOriginal { get; }

    public Outbox Outbox { get; }

    /// <summary>What was asked and said over it.</summary>
    public Wire Wire { get; }

    /// <summary>Made by the server, once it has accepted.</summary>
    public IActorRef? Connection { get; set; }

    /// <summary>The server reads it no more.</summary>
    public bool IsServed { get; private set; } = true;

    /// <summary>The client has given it up, or was told that it is closed.</summary>
    public bool IsLeft { get; private set; }

    /// <summary>The client can read something: bytes, or that there will be no more.</summary>
    public bool CanRead => !IsLeft && (_piped > _read || !IsServed);

    /// <summary>The server has something to read: a request, or the end.</summary>
    public bool CanServe => IsServed && Connection is not null && (_peerGone || (_places > 0 && (_requests.Count > 0 || _peerCode is not null)));

    // The client has no later one.
    private bool IsInUse => ReferenceEquals(_client.Socket, this);

    /// <summary>What was sent has all come, and was answered.</summary>
    public bool IsAtRest => IsServed && !IsLeft && !CanRead
        && _requests.Count == 0 && _places == _world.Plan.Limits.UnansweredRequests && _writing is null;

    public string State => $"served {IsServed} left {IsLeft} accepted {Connection is not null} requests {_requests.Count} places {_places} bytes {_piped - _read}+{_unwritten} gone {_peerGone} code {_peerCode}";

    // ---- the server's side

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!IsServed || !_world.IsServerThere)
            return ValueTask.FromException(new IOException("The connection is gone."));
        if (_writing is not null)
            _world.Fail($"{Name}: a write began while another was under way.");
        _frames.Add(bytes.Span);
        while (_frames.Next() is { } frame)
        {
            _arriving.Enqueue((frame, _frames.Read));
            Wire.Says(frame);
        }
        _unwritten = bytes.Length;
        Pipe();
        if (_unwritten == 0)
            return ValueTask.CompletedTask;
        _writing = new TaskCompletionSource();
        return new ValueTask(_writing.Task);
    }

    public void CloseSent() => _endsAt = _world.Now + CloseTime;

    public void Abort() => _peerGone = true;

    /// <summary>The server reads what is next, as the gateway's loop would.</summary>
    public void Serve()
    {
        if (_peerGone)
            EndServing(null);
        else if (_requests.TryDequeue(out var request))
        {
            _places--;
            _world.Trace.Add($"{Name} asks {Texts.Of(request)}");
            Wire.Asks(request);
            Connection!.Tell(new ConnectionInputs.Received(request), ActorRefs.NoSender);
        }
        else
        {
            EndServing(_peerCode);
        }
    }

    /// <summary>Time passed: a peer that doesn't answer a close frame is given up.</summary>
    public void Tick()
    {
        if (_endsAt <= _world.Now)
            _peerGone = true;
    }

    /// <summary>The server finds the connection lost.</summary>
    public void Notice() => _peerGone = true;

    /// <summary>The server's process is gone.</summary>
    public void Bury()
    {
        IsServed = false;
        EndWrite();
    }

    private void EndServing(int? code)
    {
        IsServed = false;
        _world.Trace.Add($"{Name} ends for the server, with {code}");
        Wire.Ends(code);
        if (code is null)
            Outbox.Abandon();
        Connection!.Tell(new ConnectionInputs.Closed(code), ActorRefs.NoSender);
        EndWrite();
    }

    private void EndWrite()
    {
        if (_writing is not { } writing)
            return;
        _writing = null;
        writing.SetException(new IOException("The connection is gone."));
    }

    private void Answered(int count)
    {
        _places += count;
        if (_places > _world.Plan.Limits.UnansweredRequests)
            _world.Fail($"{Name}: more was answered than asked.");
    }

    // ---- the client's side

    /// <summary>Sends a request.</summary>
    public void Send(Request request)
    {
        if (!IsLeft)
            _requests.Enqueue(request);
    }

    /// <summary>The client closes with a close frame; with no code, its machine vanishes, and the server doesn't know yet.</summary>
    public void Leave(int? code)
    {
        if (IsLeft)
            return;
        IsLeft = true;
        _world.Trace.Add($"{Name} is left by its client, with {code}");
        if (code is not null)
            _peerCode = code;
        else
            // What was sent last may not arrive.
            Truncate();
    }

    /// <summary>The client reads so many bytes at most, and is told the frames that end in them.</summary>
    public void Read(int most)
    {
        if (_piped == _read)
        {
            Break();
            return;
        }
        _read = Math.Min(_piped, _read + most);
        while (_arriving.TryPeek(out var first) && first.End <= _read && !IsLeft)
        {
            _arriving.Dequeue();
            if (first.Frame is OtherFrame.Closed closed)
            {
                Leave(closed.Code);
                if (IsInUse)
                    _client.Lost(closed.Code);
                break;
            }
            if (first.Frame is ServerEvent e && IsInUse)
                _client.Received(e);
        }
        Pipe();
        if (_unwritten > 0 || _writing is not { } writing)
            return;
        _writing = null;
        writing.SetResult();
    }

    /// <summary>The connection breaks: what is on its way to the client comes in part, or not at all.</summary>
    public void Break()
    {
        if (IsLeft)
            return;
        if (_piped > _read)
            Read(_world.Chance.Next((int)(_piped - _read) + 1));
        if (IsLeft)
            return;
        IsLeft = true;
        if (IsInUse)
            _client.Lost(null);
    }

    private void Truncate()
    {
        var kept = _world.Chance.Next(_requests.Count + 1);
        Request[] requests = [.. _requests.Take(kept)];
        _requests.Clear();
        foreach (var request in requests)
            _requests.Enqueue(request);
    }

    // A client that is gone takes nothing: what is in the pipe stays.
    private void Pipe()
    {
        var taken = (int)Math.Min(_unwritten, _capacity - (_piped - _read));
        _unwritten -= taken;
        _piped += taken;
    }
}
