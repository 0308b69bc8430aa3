using Chat.Cli.Chatting;
using Chat.Protocol.Client;

namespace Chat.Cli.Screen;

/// <summary>Carries the model's effects out over a client, and posts what comes of them back to whoever owns the model.</summary>
internal sealed class ChatSession(
    ConnectionSettings settings, IReadOnlyList<string> firstRooms, ChatModel model, Func<Func<IReadOnlyList<Effect>>, Task> post) : IAsyncDisposable
{
    // What a room shows at first: more than any screen is high.
    private const int FirstPage = 100;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LogoutTime = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _ended = new();
    private ChatClient? _client;

    /// <summary>Starts to carry an effect out.</summary>
    public void Carry(Effect effect) => _ = effect switch
    {
        Effect.Login login => LogInAsync(login.Name),
        _ when _client is not { } => Task.CompletedTask,
        Effect.Join join => JoinAsync(_client, join),
        Effect.Leave leave => AskAsync(() => _client.LeaveAsync(leave.Room, _ended.Token), () => model.Left(leave.Room)),
        Effect.Publish publish => PublishAsync(_client, publish),
        Effect.LoadOlder older => LoadOlderAsync(_client, older),
        Effect.AskWho who => AskAsync(() => _client.WhoAsync(who.Room, _ended.Token), model.Fold),
        Effect.AskRooms => AskAsync(() => _client.RoomsAsync(_ended.Token), model.Tell),
        Effect.TellTyping typing => TryAsync(() => _client.TypingAsync(typing.Room, _ended.Token)),
        _ => Task.CompletedTask,
    };

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        if (_client is { } client)
            await CloseAsync(client);
    }

    private async Task LogInAsync(string name)
    {
        if (_client is { } old)
            _ = CloseAsync(old);
        var client = _client = new ChatClient(settings.Options(name) with { User = name });
        var events = client.Events(_ended.Token);
        _ = ReadAsync(client, events);
        for (var wait = TimeSpan.FromSeconds(1); !_ended.IsCancellationRequested; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            try
            {
                await client.ConnectAsync(_ended.Token);
                await PostAsync(() => model.LoggedIn(firstRooms));
                await PingAsync(client);
                return;
            }
            catch (ChatRefusedException refused)
            {
                await PostAsync(() => model.AskName(name, refused.Message + RetryHint(refused) + ConnectionSettings.TokenHint(refused)));
                return;
            }
            catch (ChatConnectionException lost)
            {
                var at = DateTimeOffset.UtcNow + wait;
                await PostAsync(() => model.Fold(new ConnectionState(ConnectionStatus.Waiting, at, lost.Message, lost.CloseCode)));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.Delay(wait);
        }
    }

    private static string RetryHint(ChatRefusedException refused) =>
        refused.RetryAfter is { } after ? $" It may be free in {Math.Ceiling(after.TotalSeconds):0} s." : "";

    private async Task ReadAsync(ChatClient client, IAsyncEnumerable<ClientEvent> events)
    {
        var wasOnline = false;
        try
        {
            await foreach (var happening in events)
            {
                var state = (happening as ClientEvent.StateChanged)?.State;
                wasOnline |= state?.Status == ConnectionStatus.Online;
                // Until there was a login, the login tells how it goes.
                if (wasOnline || state?.Status is not ConnectionStatus.Closed)
                    await PostAsync(() => client == _client ? model.Fold(happening) : []);
                if (state is { Status: ConnectionStatus.Online, RoundTrip: null })
                    _ = TryAsync(() => client.PingAsync(_ended.Token));
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        if (wasOnline && client == _client && !_ended.IsCancellationRequested)
            await PostAsync(() => model.AskName(model.User ?? "", client.State.Reason ?? "The connection is closed."));
    }

    private async Task PingAsync(ChatClient client)
    {
        while (client == _client && !_ended.IsCancellationRequested)
        {
            await TryAsync(() => Task.Delay(PingEvery, _ended.Token));
            if (client.State.Status == ConnectionStatus.Online)
                await TryAsync(() => client.PingAsync(_ended.Token));
        }
    }

    private async Task JoinAsync(ChatClient client, Effect.Join join)
    {
        try
        {
            var page = await client.JoinAsync(join.Room, join.Since, join.Epoch, join.Since is null ? FirstPage : null, _ended.Token);
            await PostAsync(() => model.Joined(join.Room, page));
        }
        catch (ChatRefusedException refused)
        {
            await PostAsync(() => model.NotJoined(join.Room, refused.Message));
        }
        catch (Exception e) when (e is ChatConnectionException or OperationCanceledException)
        {
            // The status line tells.
        }
    }

    private async Task PublishAsync(ChatClient client, Effect.Publish publish)
    {
        try
        {
            await client.PublishAsync(publish.Room, publish.Text, publish.Id, _ended.Token);
        }
        catch (ChatRefusedException refused)
        {
            await PostAsync(() => model.Refused(publish, refused.Message));
        }
        catch (Exception e) when (e is ChatConnectionException or OperationCanceledException)
        {
            // Its line stays marked, and goes out with the next login.
        }
    }

    private async Task LoadOlderAsync(ChatClient client, Effect.LoadOlder older)
    {
        try
        {
            var page = await client.HistoryAsync(older.Room, before: older.Before, limit: older.Count, cancellation: _ended.Token);
            await PostAsync(() => model.LoadedOlder(older.Room, page, null));
        }
        catch (Exception e) when (e is ChatRefusedException or ChatConnectionException or OperationCanceledException)
        {
            await PostAsync(() => model.LoadedOlder(older.Room, null, e.Message));
        }
    }

    private async Task AskAsync<TAnswer>(Func<Task<TAnswer>> ask, Action<TAnswer> fold)
    {
        try
        {
            var answer = await ask();
            await PostAsync(() => fold(answer));
        }
        catch (ChatRefusedException refused)
        {
            await PostAsync(() => model.Notice(refused.Message, NoticeKind.Wrong));
        }
        catch (Exception e) when (e is ChatConnectionException or OperationCanceledException)
        {
            // The status line tells.
        }
    }

    private Task AskAsync(Func<Task> ask, Action done) => AskAsync(
        async () =>
        {
            await ask();
            return true;
        },
        _ => done());

    private static async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (e is ChatRefusedException or ChatConnectionException or OperationCanceledException)
        {
            // It was worth a try and no more.
        }
    }

    private Task PostAsync(Func<IReadOnlyList<Effect>> change) => post(change);

    private Task PostAsync(Action change) => post(() =>
    {
        change();
        return [];
    });

    private static async Task CloseAsync(ChatClient client)
    {
        try
        {
            if (client.State.Status == ConnectionStatus.Online)
                await client.LogoutAsync().WaitAsync(LogoutTime);
            await client.DisposeAsync().AsTask().WaitAsync(LogoutTime);
        }
        catch (Exception e) when (e is TimeoutException or ChatConnectionException or ChatRefusedException or OperationCanceledException)
        {
            // It was a courtesy.
        }
    }
}
