using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Chat.Tests.EndToEnd.Support;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Cluster.Support;

/// <summary>
/// A client that goes on elsewhere: where its connection ends it takes its session to the next node, joins again from where it stood, and sends again what wasn't acked. What it is sent
/// twice, out of order or not at all, and what else mustn't be, it notes as a fault.
/// </summary>
internal sealed class RoamingChat : IAsyncDisposable
{
    private sealed record Publish(string Room, string Text, string Id)
    {
        public TaskCompletionSource<Frame> Acked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Place
    {
        public List<Frame> Messages { get; } = [];
        public string? Epoch { get; set; }
        public bool IsLive { get; set; }
    }

    // Between two attempts where no node can be had.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private const string LoginId = "login";

    private readonly ChatCluster _cluster;
    private readonly Dictionary<string, Place> _rooms;
    private readonly List<Publish> _unacked = [];
    private readonly Dictionary<string, long> _acked = [];
    private readonly List<Frame> _notices = [];
    private readonly List<Frame> _refusals = [];
    private readonly List<string> _faults = [];
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private RawChat? _connection;
    private Channel<string>? _sending;
    private string? _session;
    private int _lastId;
    private volatile bool _isOver;

    private RoamingChat(ChatCluster cluster, string user, string[] rooms) => (_cluster, User, _rooms) = (cluster, user, rooms.ToDictionary(room => room, _ => new Place()));

    /// <summary>Its name.</summary>
    public string User { get; }

    /// <summary>Where it is connected, or was last.</summary>
    public ClusterNode At { get; private set; } = null!;

    /// <summary>How often it took its session to another node.</summary>
    public int Resumes { get; private set; }

    /// <summary>The code that its last connection was closed with; null where it was lost.</summary>
    public int? LastClose { get; private set; }

    /// <summary>Whether its rooms are live.</summary>
    public bool IsLive
    {
        get
        {
            lock (_gate)
                return _rooms.Values.All(place => place.IsLive);
        }
    }

    /// <summary>What was acked: the ids and their places.</summary>
    public IReadOnlyDictionary<string, long> Acked => Copy(() => _acked.ToDictionary());

    /// <summary>What wasn't.</summary>
    public int Unacked => Copy(() => _unacked.Count);

    /// <summary>Who was told to come and go.</summary>
    public IReadOnlyList<Frame> Notices => Copy(() => _notices.ToArray());

    /// <summary>Publishes that were refused, and sent again.</summary>
    public IReadOnlyList<Frame> Refusals => Copy(() => _refusals.ToArray());

    /// <summary>What mustn't have been.</summary>
    public IReadOnlyList<string> Faults => Copy(() => _faults.ToArray());

    /// <summary>What it has seen of a room, in order.</summary>
    public IReadOnlyList<Frame> Seen(string room) => Copy(() => _rooms[room].Messages.ToArray());

    /// <summary>One that is in the rooms, of which it sees everything.</summary>
    public static async Task<RoamingChat> EnterAsync(ChatCluster cluster, ClusterNode at, string user, params string[] rooms)
    {
        var chat = new RoamingChat(cluster, user, rooms) { At = at };
        chat._running = chat.RunAsync();
        await chat.LiveAsync();
        return chat;
    }

    /// <summary>Waits until it is in all its rooms.</summary>
    public Task LiveAsync() => Patience.UntilAsync(() => Task.FromResult(IsLive), $"{User} to be in its rooms", Report);

    /// <summary>Publishes, now or as soon as it can; gives the ack.</summary>
    public Task<Frame> PublishAsync(string room, string text)
    {
        lock (_gate)
        {
            var publish = new Publish(room, text, $"{User}.{++_lastId}");
            _unacked.Add(publish);
            if (_sending is { } sending)
                Send(sending, publish);
            return Patience.OfAsync(publish.Acked.Task, $"the ack of {publish.Id}", Report);
        }
    }

    /// <summary>What a failed test should show.</summary>
    public string Report()
    {
        var frames = _connection?.Report ?? $"{User} isn't connected, close {LastClose}";
        return $"{string.Join('\n', Faults)}\n{frames}\n{_cluster.Report()}";
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        Copy(() => _connection)?.Abort();
        await Patience.OfAsync(_running, $"the end of {User}", () => "");
    }

    private async Task RunAsync()
    {
        for (var isFirst = true; !_isOver; isFirst = false)
        {
            try
            {
                if (!isFirst)
                    At = _cluster.Next();
                await using var chat = await RawChat.ConnectAsync(At.Gateway);
                await BeOnAsync(chat);
            }
            catch (XunitException) when (!isFirst)
            {
                // Just ended too, or about to.
                await Task.Delay(Pause);
            }
        }
    }

    private async Task BeOnAsync(RawChat chat)
    {
        lock (_gate)
            _connection = chat;
        if (_isOver)
            return;
        var sending = Channel.CreateUnbounded<string>();
        var sender = SendAllAsync(chat, sending.Reader);
        Login(sending);
        while (await chat.NextOrEndAsync() is { } frame)
            await TakeAsync(frame, sending);
        sending.Writer.Complete();
        await sender;
        lock (_gate)
        {
            (_sending, LastClose) = (null, chat.CloseCode);
            foreach (var place in _rooms.Values)
                place.IsLive = false;
        }
        // Another has its session.
        _isOver |= chat.CloseCode == 4001;
    }

    private void Login(Channel<string> sending) => Send(sending, "login", LoginId, ("username", User), ("session", _session));

    private async Task TakeAsync(Frame frame, Channel<string> sending)
    {
        if (frame.Type == "error" && frame["code"] == "busy")
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(1, frame.Number("retryAfter"))));
        lock (_gate)
        {
            switch (frame.Type)
            {
                case "system" when frame["event"] == "welcome":
                    Welcomed(frame, sending);
                    break;
                case "system" when frame["event"] is "joined" or "left" or "presence":
                    _notices.Add(frame);
                    break;
                case "history":
                    Take(_rooms[frame["room"]!], frame);
                    break;
                case "message":
                    Take(_rooms[frame["room"]!], frame, frame);
                    break;
                case "ack":
                    Acknowledged(frame);
                    break;
                case "error" when frame.Id == LoginId && frame["code"] == "busy":
                    Login(sending);
                    break;
                case "error" when _unacked.Find(publish => publish.Id == frame.Id) is { } refused:
                    _refusals.Add(frame);
                    Send(sending, refused);
                    break;
                case "error":
                    _faults.Add($"refused: {frame}");
                    break;
                default:
                    break;
            }
        }
    }

    private void Welcomed(Frame frame, Channel<string> sending)
    {
        if (_session is not null)
        {
            Resumes++;
            if (!frame.Flag("resumed") || frame["session"] != _session || !frame.Texts("rooms").ToHashSet().SetEquals(_rooms.Keys))
                _faults.Add($"not resumed as it was: {frame}");
        }
        (_session, _sending) = (frame["session"], sending);
        foreach (var (room, place) in _rooms)
            Send(sending, "join", $"join-{room}", ("room", room), ("since", place.Messages.Count), ("epoch", place.Epoch));
        foreach (var publish in _unacked)
            Send(sending, publish);
    }

    private void Take(Place place, Frame page)
    {
        place.Epoch ??= page["epoch"];
        if (page.Flag("gap") || page["epoch"] != place.Epoch)
            _faults.Add($"a gap, or another log: {page}");
        foreach (var message in page.Messages)
            Take(place, message, page);
        place.IsLive = page.Flag("live");
    }

    private void Take(Place place, Frame message, Frame frame)
    {
        if (message.Number("seq") == place.Messages.Count + 1)
            place.Messages.Add(message);
        else
            _faults.Add($"{message.Number("seq")} after {place.Messages.Count}, in {frame}");
    }

    private void Acknowledged(Frame ack)
    {
        if (!_acked.TryAdd(ack.Id!, ack.Number("seq")) && _acked[ack.Id!] != ack.Number("seq"))
            _faults.Add($"acked as another before: {ack}");
        if (_unacked.Find(publish => publish.Id == ack.Id) is not { } publish)
            return;
        _unacked.Remove(publish);
        publish.Acked.TrySetResult(ack);
    }

    private static void Send(Channel<string> sending, Publish publish) => Send(sending, "publish", publish.Id, ("room", publish.Room), ("message", publish.Text));

    private static void Send(Channel<string> sending, string type, string id, params (string Name, JsonNode? Value)[] fields)
    {
        var json = new JsonObject { ["type"] = type, ["id"] = id };
        foreach (var (name, value) in fields.Where(field => field.Value is not null))
            json[name] = value;
        sending.Writer.TryWrite(json.ToJsonString());
    }

    private static async Task SendAllAsync(RawChat chat, ChannelReader<string> waiting)
    {
        try
        {
            await foreach (var text in waiting.ReadAllAsync())
                await chat.SendAsync(text);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // The connection ended: it is sent again on the next one.
        }
    }

    private T Copy<T>(Func<T> value)
    {
        lock (_gate)
            return value();
    }
}
