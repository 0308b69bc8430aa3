using Chat.Protocol;

namespace Chat.Tests.Simulation;

/// <summary>Somebody who comes at the end, reads all, and asks who is there.</summary>
internal sealed class Auditor(World world) : Client(world, "zoe")
{
    private readonly Dictionary<string, IReadOnlyList<string>> _members = [];
    private readonly HashSet<string> _rooms = [];
    private TimeSpan? _connectAt = world.Now;
    private TimeSpan? _joinAt;
    private int _ids;

    public override string User => Name;

    public override TimeSpan? Due => _connectAt ?? _joinAt;

    public override bool IsSettled => _members.Count == World.RoomNames.Length;

    public override IEnumerable<string> Rooms => _rooms;

    /// <summary>Who is in a room, folded and sorted.</summary>
    public IEnumerable<string> Members(string room) => _members[room].Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal);

    public override void Act() { }

    public override void Tick()
    {
        if (_joinAt <= World.Now)
            Join();
        if (_connectAt is not { } at || at > World.Now)
            return;
        if (!Connect())
        {
            _connectAt = World.Now + TimeSpan.FromSeconds(1);
            return;
        }
        _connectAt = null;
        Send(new Request.Login(Name));
    }

    public override void Settle() { }

    public override void Received(ServerEvent e)
    {
        switch (e)
        {
            case ServerEvent.Welcome:
                Join();
                break;
            case ServerEvent.History { Live: true } page:
                _rooms.Add(page.Room);
                Send(new Request.Who(page.Room));
                break;
            case ServerEvent.Who who:
                _members[who.Room] = who.Members;
                if (_members.Count == World.RoomNames.Length)
                    break;
                // One room at a time, wherever so few are allowed.
                if (World.Plan.Limits.Rooms < World.RoomNames.Length)
                    Send(new Request.Leave(who.Room));
                else
                    Join();
                break;
            case ServerEvent.Error { RetryAfter: { } wait }:
                _joinAt = World.Now + wait;
                break;
            case ServerEvent.Left { Id: not null } left:
                _rooms.Remove(left.Room);
                _members[left.Room] = [.. _members[left.Room].Where(name => name != Name)];
                Join();
                break;
        }
    }

    public override void Lost(int? code)
    {
        if (code != CloseCodes.Normal)
            World.Fail($"{Name} lost the connection, with {code}.");
    }

    public override void Check() { }

    public override void GoAway() => Send(new Request.Logout());

    private void Join()
    {
        _joinAt = null;
        Send(new Request.Join(World.RoomNames[_members.Count], Since: 0));
    }

    private void Send(Request request) => Socket!.Send(request with { Id = $"{Name}-{++_ids}" });
}
