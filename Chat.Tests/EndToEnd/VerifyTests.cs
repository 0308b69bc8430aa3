using Chat.Gateway.Configuration;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd;

public sealed class VerifyTests : IDisposable
{
    private readonly TempFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Should_find_nothing_off_beside_the_gateway_that_writes_and_after_its_kill_and_its_end()
    {
        await using (var gateway = await GatewayProcess.StartAsync(_data.Path, "--publish-rate", "0", "--frame-rate", "0"))
        {
            await using var ana = await EnterAsync(gateway);
            await ana.PublishAsync("lobby", "hello");
            var publishing = PublishUntilClosedAsync(ana);
            await VerifyAsync(ExitCodes.Ok);
            await VerifyAsync(ExitCodes.Ok);
            await gateway.KillAsync();
            await publishing;
        }
        var rooms = await VerifyAsync(ExitCodes.Ok);
        Assert.StartsWith("general: ", rooms[0]);
        var lobby = Assert.Single(rooms, line => line.StartsWith("lobby: ", StringComparison.Ordinal));
        Assert.Matches("^lobby: 1 message, 1 segment, [0-9]+ bytes, seq 1 to 1: ok$", lobby);
        Assert.Matches("^2 rooms, [0-9]+ messages, [0-9]+ bytes: ok$", rooms[^1]);

        await using (var gateway = await GatewayProcess.StartAsync(_data.Path))
        {
            await using var ana = await EnterAsync(gateway);
            gateway.Terminate();
            Assert.Equal(ExitCodes.Ok, await gateway.ExitAsync());
        }
        await VerifyAsync(ExitCodes.Ok);
    }

    [Fact]
    public async Task Should_name_what_is_off_and_leave_every_file_as_it_was()
    {
        string file;
        await using (var gateway = await GatewayProcess.StartAsync(_data.Path))
        {
            await using var ana = await EnterAsync(gateway);
            for (var i = 1; i <= 3; i++)
                await ana.PublishAsync("general", $"message {i}");
            await ana.PublishAsync("lobby", "hello");
            file = Directory.GetFiles(_data.In("general"), "*.jsonl").Single();
        }
        var bytes = await File.ReadAllBytesAsync(file);
        var second = bytes.AsSpan().IndexOf((byte)'\n') + 1;
        bytes[second + 60] ^= 1;
        await File.WriteAllBytesAsync(file, [.. bytes, .. "{\"type\":\"mess"u8]);
        var before = Picture();

        var lines = await VerifyAsync(ExitCodes.Failed);

        Assert.Matches("^general: 2 messages, 1 segment, [0-9]+ bytes, seq 1 to 3: 1 fault$", lines[0]);
        Assert.StartsWith($"  {file}, byte {second}: A damaged line. Seq 2 can't be read. ", lines[1]);
        Assert.StartsWith($"  (no fault) {file}, byte {bytes.Length}: An unfinished write of 13 bytes. ", lines[2]);
        Assert.StartsWith("lobby: ", lines[3]);
        Assert.EndsWith(": 1 off", lines[4]);
        Assert.Equal(before, Picture());
    }

    [Theory]
    [InlineData("--data: there is no folder /nowhere/history.", "verify", "--data", "/nowhere/history")]
    [InlineData("--data: \"\" is not allowed", "verify", "--data", "")]
    [InlineData("--port: verify has no use for it.", "--port", "1", "verify")]
    public async Task Should_refuse_what_can_not_be_verified(string expected, params string[] arguments)
    {
        var (code, gateway) = await GatewayProcess.RunAsync(new GatewaySetup(arguments));
        await using var _ = gateway;
        Assert.Equal(ExitCodes.Usage, code);
        Assert.StartsWith(expected, Assert.Single(gateway.Errors));
    }

    [Fact]
    public async Task Should_take_the_folder_from_the_environment_and_no_other_setting()
    {
        var setup = new GatewaySetup("verify")
        {
            Environment = new Dictionary<string, string> { ["CHAT_DATA"] = _data.Path, ["CHAT_PORT"] = "none of its business" },
        };
        var (code, gateway) = await GatewayProcess.RunAsync(setup);
        await using var _ = gateway;
        Assert.Equal(ExitCodes.Ok, code);
        Assert.Equal("0 rooms, 0 messages, 0 bytes: ok", gateway.Output.Trim());
    }

    [Fact]
    public async Task Should_say_how_it_is_used()
    {
        var (code, gateway) = await GatewayProcess.RunAsync(new GatewaySetup("verify", "--help"));
        await using var _ = gateway;
        Assert.Equal(ExitCodes.Ok, code);
        Assert.Contains("--data", gateway.Output);
        Assert.DoesNotContain("--port", gateway.Output);
    }

    private async Task<string[]> VerifyAsync(int expected)
    {
        var (code, gateway) = await GatewayProcess.RunAsync(new GatewaySetup("verify", "--data", _data.Path));
        await using var _ = gateway;
        Assert.True(code == expected, gateway.Report);
        Assert.Empty(gateway.Errors);
        return gateway.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<RawChat> EnterAsync(GatewayProcess gateway)
    {
        var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await ana.JoinAsync("general");
        await ana.JoinAsync("lobby");
        return ana;
    }

    private static async Task PublishUntilClosedAsync(RawChat ana)
    {
        try
        {
            while (true)
                await ana.SendAsync("publish", ("room", "general"), ("message", new string('x', 300)));
        }
        catch (Exception e) when (e is System.Net.WebSockets.WebSocketException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            // Killed, as it is meant to be.
        }
    }

    private (string, DateTime, long)[] Picture() =>
    [
        .. Directory.EnumerateFiles(_data.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (path, File.GetLastWriteTimeUtc(path), new FileInfo(path).Length)),
    ];
}
