using System.Text;
using System.Text.Json;
using Chat.Tests.EndToEnd.Support;

namespace Chat.Tests.EndToEnd.Terminal.Support;

/// <summary>
/// A gateway that can be killed and comes back at the same port with the same data, so that who was connected finds it again.
/// </summary>
public sealed class SteadyGateway : IAsyncDisposable
{
    // Below the ports that systems give to whoever asks for any: nobody takes it while the gateway is down.
    private const int FirstPort = 20_000;
    private const int LastPort = 32_000;

    private readonly TempFolder _data = new();
    private readonly List<string> _earlier = [];
    private GatewayProcess? _process;

    private SteadyGateway() { }

    /// <summary>The port that it has in all its lives.</summary>
    public int Port { get; private set; }

    /// <summary>What a failed test should show of it.</summary>
    public string Report => string.Join('\n', [.. _earlier, _process?.Report ?? "--- the gateway is down"]);

    public static async Task<SteadyGateway> StartAsync()
    {
        var gateway = new SteadyGateway();
        for (var attempt = 1; ; attempt++)
        {
            gateway.Port = Random.Shared.Next(FirstPort, LastPort);
            try
            {
                await gateway.StartAgainAsync();
                return gateway;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
                // Somebody else has the port.
            }
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        await using var process = _process!;
        _process = null;
        await process.KillAsync();
        _earlier.Add(process.Report);
    }

    /// <summary>Lets it end in order (SIGTERM).</summary>
    public async Task TerminateAsync()
    {
        await using var process = _process!;
        _process = null;
        process.Terminate();
        await process.ExitAsync();
        _earlier.Add(process.Report);
    }

    /// <summary>Starts it where it was.</summary>
    public async Task StartAgainAsync() => _process = await GatewayProcess.StartAsync(
        new GatewaySetup(["--port", $"{Port}", "--data", _data.Path, "--publish-rate", "0", "--frame-rate", "0"]));

    /// <summary>Somebody else, without a name.</summary>
    public Task<RawChat> ConnectAsync() => RawChat.ConnectAsync(_process!);

    /// <summary>Somebody else, in the rooms.</summary>
    public async Task<RawChat> EnterAsync(string name, params string[] rooms)
    {
        var client = await ConnectAsync();
        await client.LoginAsync(name);
        foreach (var room in rooms)
            await client.JoinAsync(room);
        return client;
    }

    /// <summary>The whole lines of a room's log, as they are on disk.</summary>
    public string[] Log(string room)
    {
        if (!Directory.Exists(_data.In(room)))
            return [];
        var text = new StringBuilder();
        foreach (var path in Directory.GetFiles(_data.In(room), "*.jsonl").Order(StringComparer.Ordinal))
        {
            using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            text.Append(file.ReadToEnd());
        }
        return text.ToString().Split('\n')[..^1];
    }

    /// <summary>The texts in a room's log.</summary>
    public string[] Texts(string room) => [.. Log(room).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!)];

    /// <summary>Waits until a room's log has so many lines.</summary>
    public Task<string[]> LoggedAsync(string room, int lines) => Watch.UntilAsync(
        () => Task.FromResult(Log(room)), log => log.Length >= lines, $"{lines} lines in the log of {room}", log => $"It has {log.Length}.\n{Report}");

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
            await process.DisposeAsync();
        _data.Dispose();
    }
}
