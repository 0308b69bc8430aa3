using Chat.Protocol.Codec;

namespace Chat.Protocol.Client;

/// <summary>
/// A client of <c>chat.v1</c> that outlives its connections: it reconnects, resumes its session and its rooms, sends again
/// what wasn't acked, and gives each message of a room once and in order.
/// </summary>
/// <remarks>
/// Each method's task completes with the server's answer, or fails with a <see cref="ChatRefusedException"/> (this request was
/// refused) or a <see cref="ChatConnectionException"/> (the client is closed for good; where a later login was refused, that is the
/// inner exception). While the connection is lost requests
/// wait for the next one. A cancelled request isn't sent any more; one that is under way may still take effect.
/// Safe for use from several threads; requests take effect in the order of the calls.
/// </remarks>
public sealed partial class ChatClient : IAsyncDisposable
{
    private readonly ChatClientOptions _options;
    private readonly ClientSession _session;
    private readonly EventQueue _events = new();
    private readonly Lock _gate = new();
    private readonly long _started;
    private readonly ITimer _timer;
    private ConnectionState _state = new(ConnectionStatus.Closed, Reason: "Not connected yet.");
    private ChatSocket? _socket;
    private Task _running = Task.CompletedTask;
    private TimeSpan? _timerAt;

    /// <summary>Makes a client; <see cref="ConnectAsync"/> connects it.</summary>
    public ChatClient(ChatClientOptions options)
    {
        if (options.Server.Scheme is not ("ws" or "wss"))
            throw new ArgumentException("The server's address starts with ws:// or wss://.", nameof(options));
        _options = options;
        // Ids last as long as a server's window of them, and over restarts of this program.
        _session = new ClientSession(options, Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 8)));
        _started = options.Time.GetTimestamp();
        _timer = options.Time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How the connection is doing now.</summary>
    public ConnectionState State
    {
        get
        {
            // Under the lock, as an answer may be told a moment before the state that goes with it.
            lock (_gate)
                return _state;
        }
    }

    /// <summary>The name as the server has it; null before the first login.</summary>
    public string? User => Look(session => session.User);

    /// <summary>The limits that the last welcome told.</summary>
    public Limits Limits => Look(session => session.Limits);

    /// <summary>The rooms that one is in, folded.</summary>
    public IReadOnlyCollection<string> JoinedRooms => Look(session => session.JoinedRooms);

    /// <summary>What was published and neither stored nor refused yet, in order; after the end, what may have been lost.</summary>
    public IReadOnlyList<OutgoingMessage> Unacked => Look(session => session.Unacked);

    /// <summary>
    /// All that happens from this call on, until the client is closed for good. One reader at a time, and reading is optional:
    /// without a reader nothing is kept. With one nothing is dropped: while more than a mebibyte waits for it (16 while an answer
    /// is awaited, as it may be the reader itself who awaits it), the connection isn't read.
    /// </summary>
    public IAsyncEnumerable<ClientEvent> Events(CancellationToken cancellation = default) => _events.Read(cancellation);

    /// <summary>
    /// Makes the first connection and logs in. A failure is the caller's to judge: nothing is tried again, and this may be called again.
    /// The <c>Session</c> of the welcome is blank, as it is a secret.
    /// </summary>
    public Task<ServerEvent.Welcome> ConnectAsync(CancellationToken cancellation = default) => Ask(
        new Call<ServerEvent.Welcome>(new Request.Login(_options.User)), static (session, call, now) => session.Connect(call, now), cancellation);

    /// <summary>
    /// Enters a room: with <paramref name="since"/> after the last message seen (of the log <paramref name="epoch"/>), otherwise with
    /// the last <paramref name="history"/> messages. Completes with the last page, from which on the room is live; its <c>Room</c> is the
    /// room's real name. In a room that one is in already, it goes on where that stands, unless there is a <paramref name="since"/>.
    /// </summary>
    /// <remarks>
    /// The pages are events. Who awaits this inside the loop over <see cref="Events"/> takes none of them meanwhile, and a long log
    /// (<c>since: 0</c>) stalls once 16 MiB wait: read the events elsewhere.
    /// </remarks>
    public Task<ServerEvent.History> JoinAsync(
        string room, long? since = null, string? epoch = null, int? history = null, CancellationToken cancellation = default) => Ask(
        new Call<ServerEvent.History>(new Request.Join(room, since, epoch, history)),
        static (session, call, now) => session.Join(call, now), cancellation);

    /// <summary>Leaves a room, once what was published in it before is answered.</summary>
    public Task LeaveAsync(string room, CancellationToken cancellation = default) => Ask(
        new Call<ServerEvent.Left?>(new Request.Leave(room)), static (session, call, now) => session.Leave(call, now), cancellation);

    /// <summary>
    /// Publishes. Completes when the message is stored: acked, or found in the log after a reconnect. Until then it is sent again as
    /// often as needed, under the same id. Cancelling takes back only what was never sent.
    /// </summary>
    public Task<ServerEvent.Ack> PublishAsync(string room, string text, string? id = null, CancellationToken cancellation = default)
    {
        if (id is not null && !RequestCodec.IsId(id))
            throw new ArgumentException("An id has 1 to 64 characters of A-Z a-z 0-9 . _ : -", nameof(id));
        return Ask(
            new Call<ServerEvent.Ack>(new Request.Publish(room, text) { Id = id }),
            static (session, call, now) => session.Publish(call, now), cancellation);
    }

    /// <summary>Asks for one page of a room.</summary>
    public Task<ServerEvent.History> HistoryAsync(
        string room, long? before = null, long? after = null, int? limit = null, CancellationToken cancellation = default) =>
        Read<ServerEvent.History>(new Request.History(room, before, after, limit), cancellation);

    /// <summary>Asks who is in a room.</summary>
    public Task<ServerEvent.Who> WhoAsync(string room, CancellationToken cancellation = default) =>
        Read<ServerEvent.Who>(new Request.Who(room), cancellation);

    /// <summary>Asks for the rooms.</summary>
    public Task<ServerEvent.Rooms> RoomsAsync(CancellationToken cancellation = default) =>
        Read<ServerEvent.Rooms>(new Request.Rooms(), cancellation);

    /// <summary>Tells the others that the user is typing, if there is a connection; a refusal comes as an event.</summary>
    public Task TypingAsync(string room, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        Step(session => session.Type(room));
        return Task.CompletedTask;
    }

    /// <summary>Measures how long it takes to the server and back.</summary>
    public Task<TimeSpan> PingAsync(CancellationToken cancellation = default) => Ask(
        new Call<TimeSpan>(new Request.Ping()), static (session, call, now) => session.Ping(call, now), cancellation);

    /// <summary>
    /// Ends the session, so that the name is free at once, and waits for the server's close. What isn't acked yet fails:
    /// await the publishes first.
    /// </summary>
    public Task LogoutAsync(CancellationToken cancellation = default) => Ask(
        new Call<int?>(new Request.Logout()), static (session, call, now) => session.Logout(call, now), cancellation);

    private Task<T> Read<T>(Request request, CancellationToken cancellation) where T : ServerEvent =>
        Ask(new Call<T>(request), static (session, call, now) => session.Read(call, now), cancellation);
}
