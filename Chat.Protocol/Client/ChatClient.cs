namespace Chat.Protocol.Client;

/// <summary>
/// A client of <c>chat.v1</c> that outlives its connections: it reconnects, resumes its session and its rooms, sends again
/// what wasn't acked, and gives each message of a room once and in order.
/// </summary>
public sealed class ChatClient : IAsyncDisposable
{
    public ChatClient(ChatClientOptions options) => throw new NotImplementedException();

    /// <summary>How the connection is doing now.</summary>
    public ConnectionState State => throw new NotImplementedException();

    /// <summary>The name as the server has it; null before the first login.</summary>
    public string? User => throw new NotImplementedException();

    /// <summary>The limits that the last welcome told.</summary>
    public Limits Limits => throw new NotImplementedException();

    /// <summary>The rooms that one is in, folded.</summary>
    public IReadOnlyCollection<string> JoinedRooms => throw new NotImplementedException();

    /// <summary>What was published and neither stored nor refused yet, in order.</summary>
    public IReadOnlyList<OutgoingMessage> Unacked => throw new NotImplementedException();

    public IAsyncEnumerable<ClientEvent> Events(CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task<ServerEvent.Welcome> ConnectAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task<ServerEvent.History> JoinAsync(
        string room, long? since = null, string? epoch = null, int? history = null, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    public Task LeaveAsync(string room, CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task<ServerEvent.Ack> PublishAsync(
        string room, string text, string? id = null, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    public Task<ServerEvent.History> HistoryAsync(
        string room, long? before = null, long? after = null, int? limit = null, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    public Task<ServerEvent.Who> WhoAsync(string room, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    public Task<ServerEvent.Rooms> RoomsAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task TypingAsync(string room, CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task<TimeSpan> PingAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task LogoutAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
