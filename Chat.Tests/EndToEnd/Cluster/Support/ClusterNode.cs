using Chat.Tests.EndToEnd.Support;
using Chat.Tests.EndToEnd.Web;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Cluster.Support;

/// <summary>A node's place in a cluster: a gateway that can be ended in any way, and started again there.</summary>
internal sealed class ClusterNode(string address, GatewaySetup setup) : IAsyncDisposable
{
    private GatewayProcess? _gateway;
    private WebClient? _web;
    private bool _isLeftOut;

    /// <summary>How the others reach it, as in <c>127.0.0.1:4053</c>.</summary>
    public string Address => address;

    /// <summary>Whether it takes clients: it was started, and not ended by the tests.</summary>
    public bool IsRunning => _gateway is { HasEnded: false } && !_isLeftOut;

    /// <summary>The process that was started last.</summary>
    public GatewayProcess Gateway => _gateway ?? throw new InvalidOperationException($"{address} wasn't started.");

    /// <summary>Starts it; it listens, and may not be in the cluster yet.</summary>
    public async Task StartAsync()
    {
        await EndProcessAsync();
        _gateway = await GatewayProcess.StartAsync(setup);
        _web = new WebClient(_gateway);
        _isLeftOut = false;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _isLeftOut = true;
        await Gateway.KillAsync();
    }

    /// <summary>SIGTERM; gives the exit code.</summary>
    public async Task<int> EndAsync()
    {
        _isLeftOut = true;
        Gateway.Terminate();
        return await Gateway.ExitAsync();
    }

    /// <summary>It will end by itself: no client goes there any more.</summary>
    public void LeaveOut() => _isLeftOut = true;

    /// <summary>Asks it over HTTP.</summary>
    public async Task<WebAnswer> GetAsync(string path)
    {
        try
        {
            return await _web!.GetAsync(path);
        }
        catch (HttpRequestException e)
        {
            throw new XunitException($"{address} doesn't answer: {e.Message}\n{Gateway.Report}");
        }
    }

    /// <summary>Whether it would have clients sent to it.</summary>
    public async Task<bool> IsReadyAsync() => (await GetAsync("/health/ready")).Status == 200;

    /// <summary>The cluster as it sees it.</summary>
    public async Task<ClusterView> LookAsync() => ClusterView.Of((await GetAsync("/api/cluster")).Json);

    public ValueTask DisposeAsync() => EndProcessAsync();

    private async ValueTask EndProcessAsync()
    {
        _isLeftOut = true;
        _web?.Dispose();
        if (_gateway is { } gateway)
            await gateway.DisposeAsync();
    }
}
