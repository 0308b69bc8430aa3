using System.Net.Sockets;
using System.Text;
using Chat.Protocol;
using Chat.Protocol.Client;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.Client;

/// <summary>The client over a real socket.</summary>
public sealed class ChatClientTests : IAsyncLifetime
{
    private readonly ScriptedServer _server = new();
    private readonly List<ChatClient> _clients = [];

    public Task InitializeAsync() => Task.CompletedTask;

    // The server first: no client need wait for its close.
    public async Task DisposeAsync()
    {
        _server.Dispose();
        foreach (var client in _clients)
            await client.DisposeAsync();
    }

    private ChatClient NewClient(TimeProvider? time = null)
    {
        var client = new ChatClient(new ChatClientOptions
        {
            Server = _server.Address,
            User = "ana",
            FirstDelay = TimeSpan.FromMilliseconds(1),
            Time = time ?? TimeProvider.System,
        });
        _clients.Add(client);
        return client;
    }

    private async Task<ScriptedConnection> ConnectAsync(ChatClient client)
    {
        var connecting = client.ConnectAsync();
        var connection = await _server.WelcomeAsync();
        Assert.Equal("ana", (await connecting.WaitAsync(Patience.Long)).User);
        return connection;
    }

    private static async Task EnterAsync(ChatClient client, ScriptedConnection connection, string room)
    {
        var joining = client.JoinAsync(room);
        var join = await connection.ReceiveAsync<Request.Join>();
        await connection.SendAsync(SessionRig.Page(room, join.Id, 0));
        Assert.Equal(room, (await joining.WaitAsync(Patience.Long)).Room);
    }

    private static byte[] Message(string room, long seq, string user = "bob", string? id = null, string text = "hi") =>
        LogLine.Encode(RoomName.Trusted(room), seq, id ?? $"{user}-{seq}", user, text, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));

    [Fact]
    public async Task Should_join_publish_and_close_with_1000()
    {
        var client = NewClient();
        Assert.Equal(ConnectionStatus.Closed, client.State.Status);
        var connection = await ConnectAsync(client);
        await EnterAsync(client, connection, "general");
        Assert.Equal((ConnectionStatus.Online, "ana"), (client.State.Status, client.User));
        Assert.Equal(["general"], client.JoinedRooms);

        var publishing = client.PublishAsync("general", "hello", "my-id");
        var publish = await connection.ReceiveAsync<Request.Publish>();
        Assert.Equal(("general", "hello", "my-id"), (publish.Room, publish.Text, publish.Id));
        Assert.Single(client.Unacked);
        await connection.SendAsync(new ServerEvent.Ack("general", 1, default, false) { Id = "my-id" });
        Assert.Equal(1, (await publishing.WaitAsync(Patience.Long)).Seq);

        var disposing = client.DisposeAsync();
        Assert.Equal(CloseCodes.Normal, await connection.ReceiveCloseAsync());
        await connection.CloseAsync(CloseCodes.Normal);
        await disposing;
        Assert.Equal(ConnectionStatus.Closed, client.State.Status);
        await Assert.ThrowsAsync<ChatConnectionException>(() => client.WhoAsync("general"));
    }

    [Fact]
    public async Task Should_resume_and_send_again_what_the_log_lacks_when_the_connection_breaks()
    {
        var client = NewClient();
        var events = client.Events();
        var connection = await ConnectAsync(client);
        await EnterAsync(client, connection, "a");
        await connection.SendAsync(Message("a", 1));
        var lost = client.PublishAsync("a", "lost", "p1");
        var stored = client.PublishAsync("a", "stored", "p2");
        await connection.ReceiveAsync<Request.Publish>();
        await connection.ReceiveAsync<Request.Publish>();
        var reading = client.WhoAsync("a");
        await connection.ReceiveAsync<Request.Who>();
        // What was sent before has been taken in when a later answer has.
        var ping = client.PingAsync();
        await connection.SendAsync(new ServerEvent.Pong { Id = (await connection.ReceiveAsync<Request.Ping>()).Id });
        await ping.WaitAsync(Patience.Long);
        connection.Break();

        connection = await _server.WelcomeAsync();
        Assert.Equal(ScriptedConnection.Secret, connection.Login.Session);
        var join = await connection.ReceiveAsync<Request.Join>();
        Assert.Equal((1L, "e1"), (join.Since, join.Epoch));
        var who = await connection.ReceiveAsync<Request.Who>();
        var line = (ServerEvent.Message)EventCodec.Decode(Message("a", 2, "ana", "p2", "stored"))!;
        await connection.SendAsync(SessionRig.Page("a", join.Id, 2, [line]));
        Assert.Equal(2, (await stored.WaitAsync(Patience.Long)).Seq);
        Assert.Equal("p1", (await connection.ReceiveAsync<Request.Publish>()).Id);
        await connection.SendAsync(new ServerEvent.Ack("a", 3, default, false) { Id = "p1" });
        await connection.SendAsync(Message("a", 3, "ana", "p1", "lost"));
        await connection.SendAsync(new ServerEvent.Who("a", ["ana"], 1) { Id = who.Id });
        await lost.WaitAsync(Patience.Long);
        await reading.WaitAsync(Patience.Long);
        await connection.CloseAsync(CloseCodes.Replaced);

        var seqs = new List<long>();
        var statuses = new List<ConnectionStatus>();
        await foreach (var e in events)
        {
            switch (e)
            {
                case ClientEvent.Received received:
                    Assert.DoesNotContain(ScriptedConnection.Secret, Encoding.UTF8.GetString(received.Json.Span) + received.Event);
                    if (received.Event is ServerEvent.Message message)
                        seqs.Add(message.Seq);
                    else if (received.Event is ServerEvent.History page)
                        seqs.AddRange(page.Messages.Select(message => message.Seq));
                    break;
                case ClientEvent.StateChanged changed:
                    statuses.Add(changed.State.Status);
                    break;
            }
        }
        Assert.Equal([1, 2, 3], seqs);
        Assert.Equal(
            [ConnectionStatus.Connecting, ConnectionStatus.Online, ConnectionStatus.Online, ConnectionStatus.Waiting, ConnectionStatus.Connecting, ConnectionStatus.Online, ConnectionStatus.Closed],
            statuses);
        Assert.Equal(CloseCodes.Replaced, client.State.CloseCode);
    }

    [Fact]
    public async Task Should_throw_when_nothing_listens_and_connect_when_something_does()
    {
        var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Dispose();
        await using var client = new ChatClient(new ChatClientOptions { Server = new Uri($"ws://127.0.0.1:{port}/ws"), User = "ana" });
        await Assert.ThrowsAsync<ChatConnectionException>(() => client.ConnectAsync().WaitAsync(Patience.Long));
        await Assert.ThrowsAsync<ChatConnectionException>(() => client.ConnectAsync().WaitAsync(Patience.Long));
        Assert.Equal(ConnectionStatus.Closed, client.State.Status);
        Assert.Throws<ArgumentException>(() => new ChatClient(new ChatClientOptions { Server = new Uri("http://h/ws"), User = "ana" }));
    }

    [Fact]
    public async Task Should_throw_what_the_server_said_when_the_login_is_refused()
    {
        var client = NewClient();
        var connecting = client.ConnectAsync();
        var connection = await _server.AcceptAsync();
        var login = await connection.ReceiveAsync<Request.Login>();
        await connection.SendAsync(new ServerEvent.Error(ErrorCodes.NameTaken, "Taken.", RetryAfter: TimeSpan.FromSeconds(3)) { Id = login.Id });
        var refusal = await Assert.ThrowsAsync<ChatRefusedException>(() => connecting.WaitAsync(Patience.Long));
        Assert.Equal((ErrorCodes.NameTaken, "Taken.", 3), (refusal.Code, refusal.Message, refusal.RetryAfter!.Value.TotalSeconds));
        Assert.Equal(CloseCodes.Normal, await connection.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Should_give_up_the_attempt_when_it_is_cancelled()
    {
        var client = NewClient();
        using var cancellation = new CancellationTokenSource();
        var connecting = client.ConnectAsync(cancellation.Token);
        var connection = await _server.AcceptAsync();
        await connection.ReceiveAsync<Request.Login>();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Patience.Long));
        Assert.Equal(CloseCodes.Normal, await connection.ReceiveCloseAsync());
        await connection.CloseAsync(CloseCodes.Normal);
        await ConnectAsync(client);
    }

    [Fact]
    public async Task Should_wait_for_the_close_when_it_logs_out()
    {
        var client = NewClient();
        var connection = await ConnectAsync(client);
        var logout = client.LogoutAsync();
        await connection.ReceiveAsync<Request.Logout>();
        Assert.False(logout.IsCompleted);
        await connection.CloseAsync(CloseCodes.Normal);
        await logout.WaitAsync(Patience.Long);
        Assert.Equal((ConnectionStatus.Closed, CloseCodes.Normal), (client.State.Status, client.State.CloseCode));
    }

    [Fact]
    public async Task Should_hold_up_the_server_rather_than_keep_what_nobody_reads_and_lose_nothing()
    {
        const int Count = 16_000;
        var client = NewClient();
        var events = client.Events();
        var connection = await ConnectAsync(client);
        await EnterAsync(client, connection, "a");
        var text = new string('x', 4_000);
        var sent = 0;
        var sending = Task.CompletedTask;
        while (sent < Count)
        {
            sending = connection.SendAsync(Message("a", ++sent, text: text));
            // Held up is whoever can't get rid of a frame for so long.
            if (await Task.WhenAny(sending, Task.Delay(500)) != sending)
                break;
        }
        Assert.True(sent < Count, "64 MB went out, and nobody has read any.");

        var rest = Task.Run(async () =>
        {
            await sending;
            while (sent < Count)
                await connection.SendAsync(Message("a", ++sent, text: text));
        });
        var next = 1L;
        await foreach (var e in events)
        {
            if (e is not ClientEvent.Received { Event: ServerEvent.Message message })
                continue;
            Assert.Equal(next++, message.Seq);
            if (message.Seq == Count)
                break;
        }
        await rest.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Should_answer_the_reader_when_it_waits_behind_what_it_has_not_read()
    {
        var client = NewClient();
        var events = client.Events();
        var connection = await ConnectAsync(client);
        await EnterAsync(client, connection, "a");
        var text = new string('x', 4_000);
        for (var seq = 1; seq <= 500; seq++)
            await connection.SendAsync(Message("a", seq, text: text));
        await foreach (var e in events)
        {
            if (e is not ClientEvent.Received { Event: ServerEvent.Message })
                continue;
            var who = client.WhoAsync("a");
            await connection.SendAsync(new ServerEvent.Who("a", ["ana"], 1) { Id = (await connection.ReceiveAsync<Request.Who>()).Id });
            await who.WaitAsync(Patience.Long);
            break;
        }
    }

    [Fact]
    public async Task Should_complete_requests_when_nobody_reads_events()
    {
        var client = NewClient();
        var connection = await ConnectAsync(client);
        await EnterAsync(client, connection, "a");
        var rooms = client.RoomsAsync();
        var id = (await connection.ReceiveAsync<Request.Rooms>()).Id;
        var text = new string('x', 4_000);
        for (var seq = 1; seq <= 1_000; seq++)
            await connection.SendAsync(Message("a", seq, text: text));
        await connection.SendAsync(new ServerEvent.Rooms(["a"], new Dictionary<string, int> { ["a"] = 1 }) { Id = id });
        Assert.Equal(["a"], (await rooms.WaitAsync(Patience.Long)).Names);
    }

    [Fact]
    public async Task Should_read_large_frames_and_frames_in_pieces()
    {
        var client = NewClient();
        var connection = await ConnectAsync(client);
        var history = client.HistoryAsync("a", after: 0, limit: 100);
        var request = await connection.ReceiveAsync<Request.History>();
        Assert.Equal((0L, 100), (request.After, request.Limit));
        var lines = Enumerable.Range(1, 100).Select(seq => (ServerEvent.Message)EventCodec.Decode(Message("a", seq, text: new string('x', 1_000)))!);
        await connection.SendInPiecesAsync(EventCodec.Encode(SessionRig.Page("a", request.Id, 100, lines)), 1_000);
        Assert.Equal(100, (await history.WaitAsync(Patience.Long)).Messages.Count);
    }

    [Fact]
    public async Task Should_come_back_when_the_server_sends_what_it_must_not()
    {
        var client = NewClient();
        var connection = await ConnectAsync(client);
        await connection.SendBinaryAsync();
        connection = await _server.WelcomeAsync();
        await connection.SendAsync("no json"u8.ToArray());
        await _server.WelcomeAsync();
    }

    [Fact]
    public async Task Should_ping_and_come_back_when_the_server_falls_silent()
    {
        var time = new HandTime();
        var client = NewClient(time);
        var connection = await ConnectAsync(client);
        time.Advance(TimeSpan.FromSeconds(25));
        await connection.ReceiveAsync<Request.Ping>();
        time.Advance(TimeSpan.FromSeconds(35));
        Assert.Equal(ConnectionStatus.Waiting, client.State.Status);
        Assert.True(client.State.RetryAt > time.GetUtcNow());
        time.Advance(TimeSpan.FromMilliseconds(1));
        await _server.WelcomeAsync();
    }

    [Fact]
    public async Task Should_not_wait_for_a_server_that_does_not_answer_a_close()
    {
        var time = new HandTime();
        var client = NewClient(time);
        var connection = await ConnectAsync(client);
        var disposing = client.DisposeAsync().AsTask();
        Assert.Equal(CloseCodes.Normal, await connection.ReceiveCloseAsync());
        Assert.False(disposing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        await disposing.WaitAsync(Patience.Long);
    }

    [Fact]
    public void Should_refuse_an_id_that_no_server_takes()
    {
        var client = NewClient();
        Assert.Throws<ArgumentException>(() => { _ = client.PublishAsync("a", "m", "an id"); });
    }
}
