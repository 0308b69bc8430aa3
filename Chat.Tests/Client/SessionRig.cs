using Chat.Protocol;
using Chat.Protocol.Client;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.Client;

/// <summary>A <see cref="ClientSession"/> in hand: what it does is noted, time passes when told.</summary>
internal sealed class SessionRig
{
    private static readonly DateTime Then = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly Queue<Request> _unseen = new();

    public SessionRig(ChatClientOptions? options = null)
    {
        Options = options ?? new ChatClientOptions { Server = new Uri("ws://localhost/ws"), User = "ana", Jitter = () => 0 };
        Session = new ClientSession(Options, "c");
    }

    public ChatClientOptions Options { get; }

    public ClientSession Session { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public List<(TimeSpan At, Request Request)> Sent { get; } = [];

    public List<ClientEvent> Told { get; } = [];

    public List<SessionOutput.State> States { get; } = [];

    public List<int?> Closed { get; } = [];

    public int Opened { get; private set; }

    public bool HasEnded { get; private set; }

    public SessionOutput.State State => States[^1];

    public IEnumerable<long> SeqsTold => Told.OfType<ClientEvent.Received>().SelectMany(told => told.Event switch
    {
        ServerEvent.Message message => [message.Seq],
        ServerEvent.History page => page.Messages.Select(message => message.Seq),
        _ => [],
    });

    public IEnumerable<OutgoingStatus> StatusesTold(string id) =>
        Told.OfType<ClientEvent.PublishChanged>().Where(told => told.Message.Id == id).Select(told => told.Message.Status);

    /// <summary>The next request that wasn't looked at yet, which must be of this kind.</summary>
    public T Next<T>() where T : Request => Assert.IsType<T>(_unseen.Dequeue());

    public void SendsNothing() => Assert.Empty(_unseen);

    public string[] NextPublishes() => [.. Drain().Cast<Request.Publish>().Select(publish => publish.Text)];

    public Request[] Drain()
    {
        Request[] all = [.. _unseen];
        _unseen.Clear();
        return all;
    }

    public Task<ServerEvent.Welcome> Connect()
    {
        var call = new Call<ServerEvent.Welcome>(new Request.Login("ana"));
        Session.Connect(call, Now);
        Take();
        return Patience.For(call.Task);
    }

    public void Open()
    {
        Session.Opened(Now);
        Take();
    }

    public void Lose(int? code = null)
    {
        Session.Lost(code, "lost", Now);
        Take();
    }

    public SessionRig Online(Limits? limits = null)
    {
        Connect();
        Open();
        Welcome(Next<Request.Login>(), limits: limits);
        return this;
    }

    /// <summary>Back after a lost connection, up to the welcome.</summary>
    public Request.Login ComeBack(bool resumed = true, params string[] rooms)
    {
        Advance(State.RetryIn!.Value);
        Open();
        var login = Next<Request.Login>();
        Welcome(login, resumed, rooms);
        return login;
    }

    public void Welcome(Request.Login login, bool resumed = false, string[]? rooms = null, Limits? limits = null) => Receive(
        new ServerEvent.Welcome("ana", "secret", resumed, rooms ?? [], new ServerInfo("chat", "1"), limits ?? new Limits(), "Welcome ana!", Then)
        { Id = login.Id });

    /// <summary>In a room whose log ends at a seq.</summary>
    public SessionRig In(string room, long last = 0)
    {
        Join(room);
        Receive(Page(room, Next<Request.Join>().Id, last: last));
        return this;
    }

    public void Receive(ServerEvent e)
    {
        Session.Received(e, EventCodec.Encode(e), Now);
        Take();
    }

    public void ReceiveRaw(byte[] json)
    {
        Session.Received(EventCodec.Decode(json), json, Now);
        Take();
    }

    public Task<ServerEvent.History> Join(string room, long? since = null, string? epoch = null, int? history = null)
    {
        var call = new Call<ServerEvent.History>(new Request.Join(room, since, epoch, history));
        Session.Join(call, Now);
        Take();
        return Patience.For(call.Task);
    }

    public Task<ServerEvent.Left?> Leave(string room)
    {
        var call = new Call<ServerEvent.Left?>(new Request.Leave(room));
        Session.Leave(call, Now);
        Take();
        return Patience.For(call.Task);
    }

    public Call<ServerEvent.Ack> PublishCall(string room, string text, string? id = null)
    {
        var call = new Call<ServerEvent.Ack>(new Request.Publish(room, text) { Id = id ?? text });
        Session.Publish(call, Now);
        Take();
        return call;
    }

    /// <summary>Publishes under an id that is the text.</summary>
    public Task<ServerEvent.Ack> Publish(string room, string text) => Patience.For(PublishCall(room, text).Task);

    public Task<T> Read<T>(Request request)
    {
        var call = new Call<T>(request);
        Session.Read(call, Now);
        Take();
        return Patience.For(call.Task);
    }

    public Task<TimeSpan> Ping()
    {
        var call = new Call<TimeSpan>(new Request.Ping());
        Session.Ping(call, Now);
        Take();
        return Patience.For(call.Task);
    }

    public Task<int?> Logout()
    {
        var call = new Call<int?>(new Request.Logout());
        Session.Logout(call, Now);
        Take();
        return Patience.For(call.Task);
    }

    public void Stop()
    {
        Session.Stop();
        Take();
    }

    public void Forget(Call call)
    {
        Session.Forget(call, Now);
        Take();
    }

    public void Ack(string room, string id, long seq) => Receive(new ServerEvent.Ack(room, seq, Then, false) { Id = id });

    public void Refuse(string? id, string code, double? retryAfter = null) => Receive(
        new ServerEvent.Error(code, code + ".", RetryAfter: retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null) { Id = id });

    public void Says(string room, long seq, string user = "bob", string? id = null) => Receive(Message(room, seq, user, id));

    public void Advance(double seconds) => Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Lets time pass, with each tick that the session asks for.</summary>
    public void Advance(TimeSpan by)
    {
        var end = Now + by;
        for (var ticks = 0; Session.Due is { } due && due <= end; ticks++)
        {
            Assert.True(ticks < 10_000, "The session asks for ticks in a loop.");
            Now = due > Now ? due : Now;
            Session.Tick(Now);
            Take();
        }
        Now = end;
    }

    public static ServerEvent.Message Message(string room, long seq, string user = "bob", string? id = null) =>
        new(room, seq, user, "text " + seq, Then, "00000000") { Id = id ?? $"{user}-{seq}" };

    public static ServerEvent.History Page(
        string room, string? id, long last, IEnumerable<ServerEvent.Message>? messages = null, bool live = true, bool gap = false, string epoch = "e1",
        long? through = null)
    {
        ServerEvent.Message[] all = [.. messages ?? []];
        return new ServerEvent.History(room, epoch, all, last, false, live, gap, [], through ?? (all.Length > 0 ? all[^1].Seq : 0)) { Id = id };
    }

    public static IEnumerable<ServerEvent.Message> Messages(string room, int from, int to) =>
        Enumerable.Range(from, to - from + 1).Select(seq => Message(room, seq));

    private void Take()
    {
        foreach (var output in Session.Take())
        {
            switch (output)
            {
                case SessionOutput.Open:
                    Opened++;
                    break;
                case SessionOutput.Send send:
                    Sent.Add((Now, send.Request));
                    _unseen.Enqueue(send.Request);
                    break;
                case SessionOutput.Close close:
                    Closed.Add(close.Code);
                    break;
                case SessionOutput.Tell tell:
                    Told.Add(tell.Event);
                    break;
                case SessionOutput.State state:
                    States.Add(state);
                    break;
                case SessionOutput.Ended:
                    HasEnded = true;
                    break;
            }
        }
    }
}
