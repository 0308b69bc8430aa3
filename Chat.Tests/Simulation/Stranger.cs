using Chat.Protocol;

namespace Chat.Tests.Simulation;

/// <summary>
/// Somebody with a client of another make, who keeps to the protocol and to nothing else: sends all without waiting, sends again without
/// looking what is in the log, comes back at the last moment, or on two connections at once, and asks for places that there are none.
/// </summary>
internal sealed class Stranger(World world, string name, string user, Dictionary<string, string> tokens, bool isOriginal) : Client(world, name)
{
    private sealed class Said(string room, string text)
    {
        public string Room => room;

        public string Text => text;

        public bool IsAcked { get; set; }

        /// <summary>It can't be stored, where one may not be in all rooms at once.</summary>
        public bool IsRefused { get; set; }
    }

    private readonly Dictionary<string, Said> _said = [];
    private readonly Dictionary<string, (string Epoch, long Seq)> _places = [];
    private readonly HashSet<string> _rooms = [];
    private readonly List<SimulatedSocket> _older = [];
    private TimeSpan? _connectAt = world.Now;
    private TimeSpan _askAt;
    private int _ids;
    private bool _isNamed;
    private bool _isSettling;
    private bool _isGone;

    public override string User => user;

    public override TimeSpan? Due => _connectAt;

    public override bool IsSettled => _isGone || (_isNamed && IsInAllRooms && Socket is { IsLeft: false } && _said.Values.All(said => said.IsAcked || said.IsRefused));

    public override IEnumerable<string> Rooms => _isGone ? [] : _rooms;

    public override void Act()
    {
        if (Socket is not { IsLeft: false })
            return;
        var room = World.RoomNames[Chance.Next(World.RoomNames.Length)];
        switch (Chance.Next(100))
        {
            case < 40:
                Publish(room, Chance.Next(10) == 0);
                break;
            case < 50:
                Repeat(all: false);
                break;
            case < 53:
                Contradict();
                break;
            case < 62:
                Join(room);
                break;
            case < 66:
                Send(new Request.History(room, Before: Chance.Next(3) == 0 ? Chance.Next(30) : null, Limit: Chance.Next(1, 101)));
                break;
            case < 69:
                Send(new Request.History(room, After: Chance.Next(-2, 30)));
                break;
            case < 72:
                Send(new Request.Who(room));
                break;
            case < 74:
                Send(new Request.Rooms());
                break;
            case < 78:
                Send(new Request.Typing(room));
                break;
            case < 80:
                Send(new Request.Ping());
                break;
            case < 81:
                Login();
                break;
            case < 88 when Chance.Next(3) == 0:
                Send(new Request.Leave(room));
                break;
            case < 92 when Chance.Next(3) == 0:
                Send(new Request.Logout());
                break;
            case < 96 when Chance.Next(2) == 0:
                ComeAgain();
                break;
            case < 98 when Chance.Next(3) == 0:
                Socket.Leave(Chance.Next(3) switch { 0 => 0, 1 => CloseCodes.Normal, _ => CloseCodes.GoingAway });
                Lost(null);
                break;
            default:
                Publish(room, withoutId: false);
                break;
        }
    }

    public override void Tick()
    {
        if (_connectAt is not { } at || at > World.Now)
            return;
        _connectAt = null;
        ComeAgain();
    }

    public override void Settle()
    {
        _isSettling = true;
        foreach (var older in _older)
            older.Leave(null);
        _older.Clear();
        if (!_isNamed || Socket is not { IsAtRest: true } || World.Now < _askAt)
            return;
        _askAt = World.Now + TimeSpan.FromSeconds(0.5);
        foreach (var room in World.RoomNames.Except(_rooms))
            Join(room);
        Repeat(all: true);
    }

    public override void Received(ServerEvent e)
    {
        switch (e)
        {
            case ServerEvent.Welcome welcome:
                _isNamed = true;
                tokens[user] = welcome.Session;
                break;
            case ServerEvent.Ack { Id: { } id } when _said.TryGetValue(id, out var said):
                said.IsAcked = true;
                break;
            case ServerEvent.Left { Id: not null } left:
                _rooms.Remove(left.Room);
                break;
            case ServerEvent.History { Live: true } page:
                _rooms.Add(page.Room);
                _places[page.Room] = (page.Epoch, page.Last);
                break;
            case ServerEvent.Message message when _places.TryGetValue(message.Room, out var place):
                _places[message.Room] = place with { Seq = message.Seq };
                break;
            case ServerEvent.Error { Code: ErrorCodes.NameTaken }:
                Socket!.Leave(CloseCodes.GoingAway);
                Lost(null);
                break;
            case ServerEvent.Error { Code: ErrorCodes.NotInRoom, Room: { } room }:
                _rooms.Remove(room);
                if (_isSettling && World.Plan.Limits.Rooms < World.RoomNames.Length && e.Id is not null && _said.TryGetValue(e.Id, out var refused))
                    refused.IsRefused = true;
                break;
        }
    }

    public override void Lost(int? code)
    {
        _isNamed = false;
        _rooms.Clear();
        if (_isGone)
            return;
        // Half of the losses are found at once; then the end of the grace period is known.
        if (Chance.Next(2) == 0 && Socket is { Connection: not null, IsServed: true })
        {
            Socket.Notice();
            Socket.Serve();
        }
        // At once, at the last millisecond of the grace period, just behind it, or in a while.
        var now = World.Now;
        _connectAt = (World.Names.DeadlineOf(user), Chance.Next(4)) switch
        {
            ({ } deadline, 0) => deadline - TimeSpan.FromMilliseconds(1),
            ({ } deadline, 1) => deadline,
            (_, 2) => now,
            _ => now + TimeSpan.FromSeconds(Chance.NextDouble() * 4),
        };
        if (_connectAt < now)
            _connectAt = now;
    }

    public override void GoAway()
    {
        _isGone = true;
        _connectAt = null;
        if (Socket is not null)
            Send(new Request.Logout());
    }

    public override void Check()
    {
        foreach (var (id, said) in _said.Where(said => said.Value.IsAcked))
            World.Truth.IsStored(said.Room, user, id, null);
    }

    private string NextId() => $"{Name}-{++_ids}";

    private void ComeAgain()
    {
        // The connection in use may still be there: the server learns of its end, if at all, by this one.
        _isNamed = false;
        _rooms.Clear();
        if (Socket is { IsLeft: false } older)
        {
            if (Chance.Next(2) == 0)
                older.Leave(null);
            else
                _older.Add(older);
        }
        if (!Connect(isOriginal))
        {
            _connectAt = World.Now + TimeSpan.FromSeconds(1);
            return;
        }
        Login();
        foreach (var room in World.RoomNames)
        {
            if (_isSettling || Chance.Next(3) > 0)
                Join(room);
        }
        if (_isSettling || Chance.Next(2) == 0)
            Repeat(all: true);
    }

    private void Login() => Send(new Request.Login(
        Chance.Next(4) == 0 ? user.ToUpperInvariant() : user,
        tokens.TryGetValue(user, out var token) && (_isSettling || Chance.Next(5) > 0) ? token : null));

    private void Join(string room)
    {
        var (epoch, seq) = _places.GetValueOrDefault(room);
        Send(Chance.Next(6) switch
        {
            0 => new Request.Join(room),
            1 => new Request.Join(room, HistoryCount: Chance.Next(0, 101)),
            2 => new Request.Join(room, Since: Chance.Next(-1, 40), Epoch: Chance.Next(2) == 0 ? epoch : "another"),
            _ => new Request.Join(room, Since: seq, Epoch: epoch),
        });
    }

    private void Publish(string room, bool withoutId)
    {
        var id = NextId();
        var text = World.Text(id);
        World.Truth.Says(user, withoutId ? null : id, text);
        if (!withoutId)
            _said[id] = new Said(room, text);
        Socket!.Send(new Request.Publish(room, text) { Id = withoutId ? null : id });
    }

    // The same again, whether it was acked or not.
    private void Repeat(bool all)
    {
        var waiting = _said.Where(said => !said.Value.IsAcked).ToArray();
        var again = all ? waiting : [.. _said.Skip(Chance.Next(_said.Count + 1)).Take(Chance.Next(1, 4))];
        foreach (var (id, said) in again)
            Socket!.Send(new Request.Publish(said.Room, said.Text) { Id = id });
    }

    // Another text, under an id that was used.
    private void Contradict()
    {
        if (_said.Count == 0)
            return;
        var (id, said) = _said.ElementAt(Chance.Next(_said.Count));
        if (!said.IsAcked)
            return;
        World.Truth.Says(user, id, said.Text + "!");
        Socket!.Send(new Request.Publish(said.Room, said.Text + "!") { Id = id });
    }

    private void Send(Request request) => Socket!.Send(request with { Id = NextId() });
}
