namespace Chat.Gateway.Hosting;

/// <summary>Whether the server is about to go away: then it isn't ready, takes nobody in and no publishes.</summary>
public sealed class Draining : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private volatile bool _hasBegun;

    /// <summary>It is.</summary>
    public bool HasBegun => _hasBegun;

    /// <summary>Everybody is sent away now.</summary>
    public CancellationToken Leaving => _leaving.Token;

    /// <summary>From now on.</summary>
    public void Begin() => _hasBegun = true;

    /// <summary>Sends away those who listen.</summary>
    public Task SendAwayAsync() => _leaving.CancelAsync();

    /// <inheritdoc/>
    public void Dispose() => _leaving.Dispose();
}
