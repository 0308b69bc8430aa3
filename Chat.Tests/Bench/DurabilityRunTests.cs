using Chat.Bench.Gateways;
using Chat.Bench.Runs;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class DurabilityRunTests
{
    private static readonly string Gateway = Path.Combine(AppContext.BaseDirectory, "Chat.Gateway.dll");

    [Theory]
    [InlineData(1, 3, new[] { 0 }, new[] { 0 }, new[] { 0 })]
    [InlineData(2, 3, new[] { 0 }, new[] { 1 }, new[] { 0 })]
    [InlineData(3, 3, new[] { 0 }, new[] { 1 }, new[] { 2 })]
    [InlineData(7, 3, new[] { 0, 3, 6 }, new[] { 1, 4 }, new[] { 2, 5 })]
    public void Should_spread_rooms_over_writers(int rooms, int writers, params int[][] expected) =>
        Assert.Equal(expected, Enumerable.Range(0, writers).Select(writer => DurabilityRun.RoomsOf(writer, rooms, writers)));

    [Fact]
    public async Task Should_have_every_publish_acked_and_delivered_once_in_a_real_gateway()
    {
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        var cells = await DurabilityRun.RunAsync(
            new TargetChoice(null, Gateway, null, "always"),
            new DurabilitySettings(Rooms: [1, 5], Writers: 2, InFlight: 20, Characters: 20, Warmup: 0, Seconds: 1, Repeats: 1),
            TextWriter.Null, time.Token);
        Assert.Equal([("always", 1), ("never", 1), ("always", 5), ("never", 5)], cells.Select(cell => (cell.Durability, cell.Rooms)));
        Assert.All(cells.Select(cell => Assert.Single(cell.Samples)), sample =>
        {
            Assert.Empty(sample.Errors);
            Assert.Equal(0, sample.Unfinished);
            Assert.True(sample is { PerSecond: > 0, P50: > 0 } && sample.P50 <= sample.P99);
        });
    }
}
