using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Client;

namespace Chat.Tests.Simulation;

/// <summary>Somebody with the project's own client, driven without its sockets and threads.</summary>
internal sealed class Talker : Client
{
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly List<(string Room, string Id, Task<ServerEvent.Ack> Task)> _published = [];
    private readonly List<Task> _asked = [];
    private readonly Dictionary<string, (string? Epoch, long Seq)> _seen = [];
    private readonly HashSet<string> _anew = [];
    private ClientSession _session;
    private int _logins;
    private int _messages;
    private bool _isOpening;
    private bool _isLoggingOut;
    private bool _isGone;
    private TimeSpan? _startAt;
    private TimeSpan _askAt;

    public Talker(World world, string name)
        : base(world, name) => _session = Begin();

    public override string User => Name;

    public override TimeSpan? Due => _isOpening ? World.Now : _startAt ?? _session.Due;

    // A room that couldn't be joined again when it came back is joined in a while.
    public override bool IsSettled => IsAnswered && IsInAllRooms && !(_session.Due < World.Now + RetryTime);

    public override IEnumerable<string> Rooms => _session.JoinedRooms;

    public override void Act()
    {
        if (_startAt is not null)
            return;
        var room = World.RoomNames[Chance.Next(World.RoomNames.Length)];
        switch (Chance.Next(100))
        {
            case < 60:
                Publish(room);
                break;
            case < 68:
                Read<ServerEvent.History>(Chance.Next(3) switch
                {
                    0 => new Request.History(room, Limit: Chance.Next(1, 6)),
                    1 => new Request.History(room, Before: Chance.Next(20), Limit: Chance.Next(1, 6)),
                    _ => new Request.History(room, After: Chance.Next(20), Limit: Chance.Next(1, 6)),
                });
                break;
            case < 72:
                Read<ServerEvent.Who>(new Request.Who(room));
                break;
            case < 74:
                Read<ServerEvent.Rooms>(new Request.Rooms());
                break;
            case < 80:
                _session.Type(room);
                break;
            case < 84:
                Join(room);
                break;
            default:
                if (Chance.NextDouble() < World.Plan.Leaving * 10)
                    LeaveOrLogOut(room);
                else
                    Publish(room);
                break;
        }
        Take();
    }

    public override void Tick()
    {
        if (_isOpening)
        {
            _isOpening = false;
            if (Connect())
                _session.Opened(World.Now);
            else
                _session.Lost(null, "Nobody listens.", World.Now);
        }
        if (_startAt <= World.Now)
            (_session, _startAt) = (Begin(), null);
        _session.Tick(World.Now);
        Take();
    }

    public override void Received(ServerEvent e)
    {
        _session.Received(e, default, World.Now);
        Take();
    }

    public override void Lost(int? code)
    {
        _session.Lost(code, "The connection is lost.", World.Now);
        Take();
    }

    public override void Settle()
    {
        if (!IsAnswered || IsInAllRooms || World.Now < _askAt)
            return;
        _askAt = World.Now + Pause;
        foreach (var room in World.RoomNames.Except(Rooms).Take(World.Plan.Limits.Rooms))
            Join(room);
        Take();
    }

    public override void GoAway()
    {
        _isGone = _isLoggingOut = true;
        _session.Logout(new Call<int?>(new Request.Logout()), World.Now);
        Take();
    }

    public override void Check()
    {
        foreach (var (room, id, task) in _published)
        {
            if (!task.IsCompleted)
                World.Fail($"{Name} waits for the answer to {id}.");
            else if (task.IsCompletedSuccessfully)
                World.Truth.IsStored(room, Name, id, task.Result.Seq);
            else if (!MayFail(task))
                World.Fail($"{id} of {Name} failed: {task.Exception!.InnerException!.Message}");
        }
        if (_asked.Find(task => !task.IsCompleted) is not null)
            World.Fail($"{Name} waits for an answer.");
        foreach (var room in Rooms)
        {
            // A lost line at the end of a log is counted by those who were told that it is missing.
            if (_seen[room].Seq < World.Truth.Last(room) || (_seen[room].Seq > World.Truth.Last(room) && !World.HasLostPower))
                World.Fail($"{Name} saw {room} up to {_seen[room].Seq}, and it ends at {World.Truth.Last(room)}.");
        }
    }

    private bool IsAnswered => !_isOpening && _startAt is null && !_session.IsAwaited && Socket is { IsLeft: false };

    private ClientSession Begin()
    {
        (_isLoggingOut, _isOpening) = (false, false);
        var session = new ClientSession(
            new ChatClientOptions { Server = new Uri("ws://localhost/ws"), User = Name, Jitter = World.Chance.NextDouble },
            $"{Name}{++_logins}");
        session.Connect(new Call<ServerEvent.Welcome>(new Request.Login(Name)), World.Now);
        foreach (var room in World.RoomNames)
            session.Join(new Call<ServerEvent.History>(new Request.Join(room, 0)), World.Now);
        return session;
    }

    private void Publish(string room)
    {
        var id = $"{Name}-{++_messages}";
        var text = World.Text(id);
        var call = new Call<ServerEvent.Ack>(new Request.Publish(room, text) { Id = id });
        World.Truth.Says(Name, id, text);
        _published.Add((room, id, call.Task));
        _session.Publish(call, World.Now);
    }

    private void Read<T>(Request request)
    {
        var call = new Call<T>(request);
        _asked.Add(call.Task);
        _session.Read(call, World.Now);
    }

    private void Join(string room)
    {
        var join = new Call<ServerEvent.History>(new Request.Join(room));
        _asked.Add(join.Task);
        _session.Join(join, World.Now);
    }

    private void LeaveOrLogOut(string room)
    {
        if (Chance.Next(4) > 0)
        {
            var leave = new Call<ServerEvent.Left?>(new Request.Leave(room));
            _asked.Add(leave.Task);
            _session.Leave(leave, World.Now);
        }
        else
        {
            _isLoggingOut = true;
            _session.Logout(new Call<int?>(new Request.Logout()), World.Now);
        }
    }

    private void Take()
    {
        foreach (var output in _session.Take())
        {
            switch (output)
            {
                case SessionOutput.Open:
                    _isOpening = true;
                    break;
                case SessionOutput.Send send:
                    Socket!.Send(send.Request);
                    if (send.Request is Request.Join { Since: null or 0 } join)
                        _anew.Add(join.Room);
                    break;
                case SessionOutput.Close close:
                    _isOpening = false;
                    Socket?.Leave(close.Code);
                    break;
                case SessionOutput.Tell { Event: ClientEvent.Received { Event: ServerEvent.Message message } }:
                    See(message.Room, message);
                    break;
                case SessionOutput.Tell { Event: ClientEvent.Received { Event: ServerEvent.History page } }:
                    See(page);
                    break;
                case SessionOutput.State { Status: ConnectionStatus.Closed, Reason: var reason, CloseCode: var code }:
                    // A login that comes too late is another matter.
                    if (_session.User is not null && !_isLoggingOut && code != CloseCodes.Policy)
                        World.Fail($"{Name} gave up: {reason}");
                    _startAt = _isGone ? null : World.Now + Pause;
                    break;
            }
        }
    }

    private void See(ServerEvent.History page)
    {
        var (epoch, seq) = _seen.GetValueOrDefault(page.Room);
        if (epoch != page.Epoch || page.Gap || _anew.Remove(page.Room))
            _seen[page.Room] = (page.Epoch, page.Messages.Count > 0 ? page.Messages[0].Seq - 1 : page.Last);
        foreach (var message in page.Messages)
            See(page.Room, message);
    }

    private void See(string room, ServerEvent.Message message)
    {
        var (epoch, seq) = _seen.GetValueOrDefault(room);
        // Lines that a power cut took aren't there to be shown.
        if (World.HasLostPower ? message.Seq <= seq : message.Seq != seq + 1)
            World.Fail($"{Name} is shown {message.Seq} of {room}, and saw {seq} last.");
        _seen[room] = (epoch, message.Seq);
    }

    // Where a room failed over it again and again, its author had left the room, or the client was never connected or has ended.
    private bool MayFail(Task task) => task.Exception!.InnerException switch
    {
        ChatRefusedException { Code: ErrorCodes.Internal } => World.HasFailures,
        ChatRefusedException { Code: ErrorCodes.NotInRoom } => World.Plan.MayRefuseJoins || World.Plan.Leaving > 0,
        ChatRefusedException { Code: ErrorCodes.NameTaken } or ChatConnectionException => true,
        _ => false,
    };
}
