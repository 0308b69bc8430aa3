using Xunit;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>
/// One gateway for the tests of a class, each of which takes names of its own. Without a limit to publishes, as that has its own
/// tests.
/// </summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    private readonly TempFolder _data = new();
    private int _names;

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway { get; private set; } = null!;

    /// <summary>The data folder.</summary>
    public string Data => _data.Path;

    /// <summary>A name that no other test uses.</summary>
    public string Name(string start) => $"{start}-{Interlocked.Increment(ref _names)}";

    /// <summary>A connection that hasn't logged in.</summary>
    public Task<RawChat> ConnectAsync(string path = "/ws") => RawChat.ConnectAsync(Gateway, path);

    /// <summary>A client with a name of its own, in the rooms.</summary>
    public async Task<RawChat> EnterAsync(string start, params string[] rooms)
    {
        var client = await ConnectAsync();
        await client.LoginAsync(Name(start));
        foreach (var room in rooms)
            await client.JoinAsync(room);
        return client;
    }

    public async Task InitializeAsync() => Gateway = await GatewayProcess.StartAsync(_data.Path, "--publish-rate", "0", "--frame-rate", "0");

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _data.Dispose();
    }
}
