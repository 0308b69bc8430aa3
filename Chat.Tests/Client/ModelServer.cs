using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Client;

/// <summary>
/// A small server that keeps the promises of the protocol, and no more than those: it remembers ids only as long as a connection lasts,
/// so that whoever sends again what is stored already stores it twice.
/// </summary>
internal sealed class ModelServer(Random chance, Limits limits)
{
    private const int PageSize = 3;

    private static readonly DateTime Then = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly Dictionary<string, Subscription> _subscriptions = [];
    private readonly Dictionary<(string, string), long> _ids = [];
    private readonly List<ServerEvent> _outgoing = [];
    private readonly List<string> _unanswered = [];
    private string? _session;
    private bool _isLoggedIn;

    private sealed class Subscription
    {
        public long Seen { get; set; }

        public bool IsLive { get; set; }

        public string? JoinId { get; set; }
    }

    public Dictionary<string, List<ServerEvent.Message>> Logs { get; } = new() { ["a"] = [], ["b"] = [] };

    /// <summary>The ids that were refused, if only for now.</summary>
    public HashSet<string> RefusedIds { get; } = [];

    public Queue<Request> Incoming { get; } = new();

    /// <summary>How much goes wrong: 0 for nothing.</summary>
    public double Trouble { get; set; } = 0.15;

    public bool HasMore => Incoming.Count > 0 || _outgoing.Count > 0 || (_isLoggedIn && _subscriptions.Values.Any(subscription => !subscription.IsLive));

    /// <summary>The connection breaks. What was on its way to the server may have come, what was on its way from it is lost.</summary>
    public void Drop()
    {
        for (var n = chance.Next(Incoming.Count + 1); n > 0; n--)
            Serve();
        Incoming.Clear();
        _outgoing.Clear();
        _unanswered.Clear();
        _subscriptions.Clear();
        _ids.Clear();
        _isLoggedIn = false;
        if (Happens(0.3))
            _session = null;
    }

    /// <summary>Serves the next request.</summary>
    public void Serve()
    {
        if (!Incoming.TryDequeue(out var request))
            return;
        var id = Assert.IsType<string>(request.Id);
        _unanswered.Add(id);
        Assert.True(_unanswered.Count <= limits.UnansweredRequests, "More requests than may be unanswered.");
        switch (request)
        {
            case Request.Login login:
                LogIn(login, id);
                break;
            case Request.Join join:
                if (Happens(Trouble))
                    Answer(new ServerEvent.Error(ErrorCodes.Busy, "", RetryAfter: Soon), id);
                else
                    Enter(join, id);
                break;
            case Request.Publish publish:
                Publish(publish, id);
                break;
            case Request.Who who:
                Answer(new ServerEvent.Who(who.Room, ["ana"], 1), id);
                break;
            case Request.Ping:
                Answer(new ServerEvent.Pong(), id);
                break;
        }
    }

    /// <summary>The next event that reaches the client, which may be none.</summary>
    public ServerEvent? Deliver()
    {
        if (_outgoing.Count == 0)
            return null;
        var e = _outgoing[0];
        _outgoing.RemoveAt(0);
        if (e is not (ServerEvent.Message or ServerEvent.History { Live: false }) && e.Id is not null)
            _unanswered.Remove(e.Id);
        if (e is ServerEvent.Ack && Happens(Trouble))
            _outgoing.Insert(chance.Next(_outgoing.Count + 1), e with { Id = e.Id });
        return e;
    }

    /// <summary>Somebody else publishes.</summary>
    public void Say(string room) => Append(room, "bob", $"bob-{Logs[room].Count}", "hi");

    /// <summary>Gives the next page to one who isn't live.</summary>
    public void Feed()
    {
        foreach (var (room, subscription) in _subscriptions)
        {
            if (!subscription.IsLive && (Trouble == 0 || Happens(0.5)))
                Page(room, subscription);
        }
    }

    /// <summary>What waits of a room is dropped; its reader gets pages instead, which may begin a little early.</summary>
    public void Overflow(string room)
    {
        if (!_subscriptions.TryGetValue(room, out var subscription) || !subscription.IsLive)
            return;
        if (_outgoing.FirstOrDefault(e => e is ServerEvent.Message message && message.Room == room) is not ServerEvent.Message first)
            return;
        _outgoing.RemoveAll(e => e is ServerEvent.Message message && message.Room == room);
        (subscription.Seen, subscription.IsLive) = (Math.Max(0, first.Seq - 1 - chance.Next(3)), false);
    }

    private static TimeSpan Soon => TimeSpan.FromSeconds(0.3);

    private bool Happens(double probability) => chance.NextDouble() < probability;

    private static bool IsRoomEvent(ServerEvent e, string room) =>
        e is ServerEvent.Message message && message.Room == room || e is ServerEvent.History { Id: null } page && page.Room == room;

    private void Answer(ServerEvent e, string id) => _outgoing.Add(e with { Id = id });

    private void LogIn(Request.Login login, string id)
    {
        if (_session is null && Happens(Trouble))
        {
            Answer(new ServerEvent.Error(ErrorCodes.NameTaken, "", RetryAfter: Soon), id);
            return;
        }
        var resumed = _session is not null && login.Session == _session;
        _session ??= "s" + chance.Next();
        _isLoggedIn = true;
        Answer(new ServerEvent.Welcome("ana", _session, resumed, resumed ? ["a", "b"] : [], new ServerInfo("", ""), limits, "", Then), id);
    }

    private void Enter(Request.Join join, string id)
    {
        Assert.True(_isLoggedIn);
        _outgoing.RemoveAll(e => IsRoomEvent(e, join.Room));
        var subscription = new Subscription { Seen = join.Since ?? 0, JoinId = id };
        _subscriptions[join.Room] = subscription;
        Page(join.Room, subscription);
    }

    private void Page(string room, Subscription subscription)
    {
        var log = Logs[room];
        ServerEvent.Message[] messages = [.. log.Skip((int)subscription.Seen).Take(PageSize)];
        subscription.Seen += messages.Length;
        subscription.IsLive = subscription.Seen == log.Count;
        _outgoing.Add(SessionRig.Page(room, subscription.JoinId, log.Count, messages, subscription.IsLive));
        if (subscription.IsLive)
            subscription.JoinId = null;
    }

    private void Publish(Request.Publish publish, string id)
    {
        Assert.True(_subscriptions.ContainsKey(publish.Room), "Published where it isn't.");
        if (_ids.TryGetValue((publish.Room, id), out var known))
        {
            Answer(new ServerEvent.Ack(publish.Room, known, Then, true), id);
        }
        else if (publish.Text.StartsWith("bad", StringComparison.Ordinal))
        {
            Answer(new ServerEvent.Error(ErrorCodes.MessageTooLong, ""), id);
        }
        else if (Happens(Trouble))
        {
            RefusedIds.Add(id);
            Answer(
                new ServerEvent.Error(
                    chance.Next(3) switch { 0 => ErrorCodes.Busy, 1 => ErrorCodes.RateLimited, _ => ErrorCodes.StorageUnavailable },
                    "", RetryAfter: Happens(0.5) ? Soon : null),
                id);
        }
        else
        {
            var ackFirst = Happens(0.5);
            var ack = new ServerEvent.Ack(publish.Room, Logs[publish.Room].Count + 1, Then, false);
            if (ackFirst)
                Answer(ack, id);
            Append(publish.Room, "ana", id, publish.Text);
            if (!ackFirst)
                Answer(ack, id);
        }
    }

    private void Append(string room, string user, string id, string text)
    {
        var log = Logs[room];
        var message = new ServerEvent.Message(room, log.Count + 1, user, text, Then, "00000000") { Id = id };
        log.Add(message);
        if (user == "ana")
            _ids[(room, id)] = message.Seq;
        if (!_subscriptions.TryGetValue(room, out var subscription) || !subscription.IsLive)
            return;
        subscription.Seen = message.Seq;
        _outgoing.Add(message);
    }
}
