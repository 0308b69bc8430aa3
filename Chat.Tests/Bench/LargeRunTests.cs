using Chat.Bench.Gateways;
using Chat.Bench.Runs;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class LargeRunTests
{
    private static readonly string Gateway = Path.Combine(AppContext.BaseDirectory, "Chat.Gateway.dll");

    [Fact]
    public async Task Should_measure_starts_with_an_empty_a_small_and_a_larger_room_in_a_real_gateway()
    {
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        var rooms = await LargeRun.RunAsync(
            new TargetChoice(null, null, null, "always"), Gateway, new LargeSettings(Messages: 3_000, Recent: 200, Characters: 20, Runs: 1, Pages: 25), time.Token);
        Assert.Equal([0, 200, 3_000], rooms.Select(room => room.Messages));
        Assert.All(rooms, room => Assert.Equal(25, Assert.Single(room.Starts).Pages.Count));
        Assert.True(rooms[2].Bytes > 10 * rooms[1].Bytes);
    }
}
