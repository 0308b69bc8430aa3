using Xunit;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>A chat for many tests, each of which takes names of its own: one gateway, or several that are one. Without a limit to publishes, as that has its own tests.</summary>
public abstract class ChatFixture : IAsyncLifetime
{
    private int _names;

    /// <summary>How long a session outlives its connection.</summary>
    public abstract TimeSpan Grace { get; }

    /// <summary>A name that no other test uses.</summary>
    public string Name(string start) => $"{start}-{Interlocked.Increment(ref _names)}";

    /// <summary>The gateway that the next connection goes to.</summary>
    public abstract GatewayProcess Next();

    /// <summary>Whether anything was stored of a room.</summary>
    public abstract Task<bool> HasLogAsync(string room);

    /// <summary>A connection that hasn't logged in.</summary>
    public Task<RawChat> ConnectAsync(string path = "/ws") => RawChat.ConnectAsync(Next(), path);

    /// <summary>A client with a name of its own, in the rooms.</summary>
    public async Task<RawChat> EnterAsync(string start, params string[] rooms)
    {
        var client = await ConnectAsync();
        await client.LoginAsync(Name(start));
        foreach (var room in rooms)
            await client.JoinAsync(room);
        return client;
    }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();
}
