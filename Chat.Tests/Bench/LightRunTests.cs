using Chat.Bench.Gateways;
using Chat.Bench.Runs;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class LightRunTests
{
    private static readonly string Gateway = Path.Combine(AppContext.BaseDirectory, "Chat.Gateway.dll");

    [Fact]
    public async Task Should_see_every_message_once_when_three_members_talk_in_a_real_gateway()
    {
        var time = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var target = await Target.OpenAsync(new TargetChoice(null, Gateway, null, "always"), TextWriter.Null, time.Token);
        var result = await LightRun.RunAsync(target, new LightSettings(Members: 3, Rate: 30, Seconds: 1, Warmup: 1, Characters: 20), time.Token);
        Assert.Equal((30, 30, 180), (result.Sent, result.Latency.Count, result.Delivered));
        Assert.Equal((0, 0), (result.Holes, result.Duplicates));
        Assert.Empty(result.Errors);
        Assert.NotNull(result.ServerCpu);
    }
}
