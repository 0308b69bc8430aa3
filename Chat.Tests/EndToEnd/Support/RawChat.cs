using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>
/// A client that knows nothing of the protocol but frames: sends what it is given, keeps all that comes in its order, and waits
/// for what a test expects.
/// </summary>
public sealed partial class RawChat : IAsyncDisposable
{
    private readonly GatewayProcess _gateway;
    private readonly ClientWebSocket _socket;
    private readonly List<Frame> _frames = [];
    private readonly Task _reading;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next;
    private int _pings;

    private RawChat(GatewayProcess gateway, ClientWebSocket socket)
    {
        (_gateway, _socket) = (gateway, socket);
        _reading = ReadAsync();
    }

    /// <summary>The name that it logged in with.</summary>
    public string User { get; private set; } = "";

    /// <summary>The secret of its session.</summary>
    public string Session { get; private set; } = "";

    /// <summary>The code of the server's close frame; null where none came.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    /// <summary>All that came until now.</summary>
    public IReadOnlyList<Frame> Frames
    {
        get
        {
            lock (_frames)
                return [.. _frames];
        }
    }

    /// <summary>What a failed test should show.</summary>
    public string Report
    {
        get
        {
            lock (_frames)
                return $"--- {(User.Length > 0 ? User : "a client")} ({_socket.State}, close {(int?)_socket.CloseStatus}) was sent ({_next} of them looked at):\n"
                    + string.Join('\n', _frames.TakeLast(40)) + "\n" + _gateway.Report;
        }
    }

    public static async Task<RawChat> ConnectAsync(GatewayProcess gateway, string path = "/ws")
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        var invoker = gateway.ConnectCallback is { } connect ? new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = connect }) : null;
        try
        {
            await Patience.OfAsync(
                socket.ConnectAsync(new Uri($"ws://127.0.0.1:{gateway.Port}{path}"), invoker, default), "a connection", () => gateway.Report);
            return new RawChat(gateway, socket);
        }
        catch (WebSocketException e)
        {
            throw new XunitException($"No connection could be made: {e}\n{gateway.Report}");
        }
    }

    /// <summary>Sends one frame.</summary>
    public Task SendAsync(string text) => Patience.OfAsync(
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default), "room to send in", () => Report);

    /// <summary>Sends one frame of these fields.</summary>
    public Task SendAsync(string type, params (string Name, JsonNode? Value)[] fields)
    {
        var json = new JsonObject { ["type"] = type };
        foreach (var (name, value) in fields)
            json[name] = value;
        return SendAsync(json.ToJsonString());
    }

    /// <summary>Waits for the next frame that fits, passing over others.</summary>
    public Task<Frame> ExpectAsync(Func<Frame, bool> isIt, string awaited) => LookAsync(
        () =>
        {
            while (_next < _frames.Count)
            {
                if (isIt(_frames[_next++]))
                    return _frames[_next - 1];
            }
            return null;
        },
        awaited);

    /// <summary>Waits for a frame that fits, be it one that was looked at before.</summary>
    public Task<Frame> EverAsync(Func<Frame, bool> isIt, string awaited) => LookAsync(() => _frames.Find(frame => isIt(frame)), awaited);

    private async Task<Frame> LookAsync(Func<Frame?> find, string awaited)
    {
        return await Patience.OfAsync(Look(), awaited, () => Report);

        async Task<Frame> Look()
        {
            while (true)
            {
                Task changed;
                lock (_frames)
                {
                    if (find() is { } found)
                        return found;
                    changed = _changed.Task;
                }
                if (_reading.IsFaulted)
                    await _reading;
                if (_reading.IsCompleted && !changed.IsCompleted)
                    throw new XunitException($"The connection ended before {awaited} came.\n{Report}");
                await Task.WhenAny(changed, _reading);
            }
        }
    }

    /// <summary>Waits for the next frame of a type, passing over others.</summary>
    public Task<Frame> ExpectAsync(string type) => ExpectAsync(frame => frame.Type == type, $"a frame of type {type}");

    /// <summary>Waits for what answers a request.</summary>
    public Task<Frame> AnswerAsync(string id) => ExpectAsync(frame => frame.Id == id && frame.Type != "message", $"the answer to {id}");

    /// <summary>Waits for the refusal of a request, and fails where it is another one.</summary>
    public async Task<Frame> RefusalAsync(string id, string code)
    {
        var answer = await AnswerAsync(id);
        return answer.Type == "error" && answer["code"] == code && answer["message"] is { Length: > 10 }
            ? answer
            : throw new XunitException($"Expected the error {code} for {id}, got {answer}\n{Report}");
    }

    /// <summary>The very next frame.</summary>
    public Task<Frame> NextAsync() => ExpectAsync(_ => true, "another frame");

    /// <summary>The very next frame, however long it takes; null where the connection ended.</summary>
    public async Task<Frame?> NextOrEndAsync()
    {
        while (true)
        {
            Task changed;
            lock (_frames)
            {
                if (_next < _frames.Count)
                    return _frames[_next++];
                changed = _changed.Task;
            }
            if (_reading.IsFaulted)
                await _reading;
            if (_reading.IsCompleted && !changed.IsCompleted)
                return null;
            await Task.WhenAny(changed, _reading);
        }
    }

    /// <summary>Waits for the server's close frame; gives its code, null where the connection was lost without one.</summary>
    public async Task<int?> ClosedAsync()
    {
        await Patience.OfAsync(_reading, "the close", () => Report);
        return (int?)_socket.CloseStatus;
    }

    /// <summary>Closes with a code, as a page that is left does with 1001.</summary>
    public async Task CloseAsync(WebSocketCloseStatus code)
    {
        await Patience.OfAsync(_socket.CloseOutputAsync(code, null, default), "room for the close frame", () => Report);
        await Patience.OfAsync(_reading, "the answer to the close", () => Report);
    }

    /// <summary>Loses the connection: no close frame.</summary>
    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        var text = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), default);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
                    return;
                }
                text.Write(buffer.AsSpan(0, part.Count));
                if (!part.EndOfMessage)
                    continue;
                Add(new Frame(Encoding.UTF8.GetString(text.GetBuffer().AsSpan(0, (int)text.Length))));
                text.SetLength(0);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The end of the connection is for the test to judge.
        }
    }

    private void Add(Frame frame)
    {
        TaskCompletionSource changed;
        lock (_frames)
        {
            _frames.Add(frame);
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.TrySetResult();
    }
}
