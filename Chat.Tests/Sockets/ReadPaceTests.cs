using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Gateway.Sockets;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Chat.Tests.Sockets;

public sealed class ReadPaceTests
{
    private readonly FakeTimeProvider _time = new();

    private ChatOptions Options(double rate, int burst) => new() { Time = _time, FrameRate = rate, FrameBurst = burst, AddressFactor = 2 };

    private ReadPace Pace(double rate = 2, int burst = 4, int readsOfFrame = 1) => new(Options(rate, burst), readsOfFrame);

    [Fact]
    public async Task Should_read_a_burst_at_once_and_then_so_many_a_second()
    {
        var pace = Pace();
        for (var i = 0; i < 4; i++)
            Assert.True(pace.NextAsync(default).IsCompletedSuccessfully);
        var next = pace.NextAsync(default);
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(101));
        await next;
    }

    [Fact]
    public void Should_read_as_many_times_as_a_frame_takes()
    {
        var pace = Pace(readsOfFrame: 2);
        for (var i = 0; i < 8; i++)
            Assert.True(pace.NextAsync(default).IsCompletedSuccessfully);
        Assert.False(pace.NextAsync(default).IsCompleted);
    }

    [Fact]
    public void Should_read_no_more_of_all_of_an_address_than_that_may_send()
    {
        var options = Options(2, 4);
        var address = new AddressBudget("192.0.2.1", options);
        for (var i = 0; i < 8; i++)
            Assert.True(new ReadPace(options, 1, address).NextAsync(default).IsCompletedSuccessfully);
        Assert.False(new ReadPace(options, 1, address).NextAsync(default).IsCompleted);
        Assert.True(new ReadPace(options, 1, new AddressBudget("192.0.2.2", options)).NextAsync(default).IsCompletedSuccessfully);
    }

    [Fact]
    public void Should_hold_nobody_back_when_there_is_no_limit()
    {
        var pace = Pace(rate: 0);
        for (var i = 0; i < 1_000; i++)
            Assert.True(pace.NextAsync(default).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Should_wait_no_longer_when_the_connection_has_ended()
    {
        var pace = Pace(rate: 0.001, burst: 1);
        await pace.NextAsync(default);
        using var ended = new CancellationTokenSource();
        var next = pace.NextAsync(ended.Token);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }
}
