using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd;

public sealed class LogTests
{
    [Fact]
    public async Task Should_write_no_text_of_users_to_its_log_and_nothing_for_each_message()
    {
        const string Marker = "xyzzy";
        using var data = new TempFolder();
        await using var gateway = await GatewayProcess.StartAsync(data.Path, "--publish-rate", "0", "--frame-rate", "0");
        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await ana.JoinAsync("general");
        for (var i = 0; i < 50; i++)
            await ana.PublishAsync("general", $"{Marker} {i}");
        foreach (var frame in new[]
        {
            $$"""{"type":"publish","room":"general","message":"{{Marker}}\u0000"}""",
            $$"""{"type":"publish","room":"general","message":"{{Marker}}{{new string('x', 4000)}}"}""",
            $$"""{"type":"publish","room":"{{Marker}} !","message":"x"}""",
            $$"""{"type":"{{Marker}}"}""",
            $$"""{"{{Marker}}""",
            Marker,
        })
            await ana.SendAsync(frame);
        await ana.PongAsync();
        using (var broken = await RawWire.UpgradeAsync(gateway))
        {
            await broken.SendAsync(RawWire.Text, (byte[])[.. "xyzzy"u8, 0xFF]);
            await broken.ClosedAsync();
        }
        using (var none = await RawWire.UpgradeAsync(gateway, $"/{Marker}"))
            Assert.Equal(404, none.Status);
        ana.Abort();
        gateway.Terminate();
        Assert.Equal(0, await gateway.ExitAsync());
        Assert.DoesNotContain(Marker, gateway.Output);
        Assert.InRange(gateway.Output.Split('\n').Length, 1, 10);
    }
}
