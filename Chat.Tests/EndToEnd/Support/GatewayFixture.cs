using Chat.Protocol;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>One gateway.</summary>
public sealed class GatewayFixture : ChatFixture
{
    private readonly TempFolder _data = new();

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway { get; private set; } = null!;

    /// <summary>The data folder.</summary>
    public string Data => _data.Path;

    public override TimeSpan Grace => new Limits().Grace;

    public override GatewayProcess Next() => Gateway;

    public override Task<bool> HasLogAsync(string room) => Task.FromResult(Directory.Exists(_data.In(room)));

    public override async Task InitializeAsync() => Gateway = await GatewayProcess.StartAsync(_data.Path, "--publish-rate", "0", "--frame-rate", "0");

    public override async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _data.Dispose();
    }
}
