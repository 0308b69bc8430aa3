using Chat.Bench.Sockets;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class ValveTests
{
    private readonly Valve _valve = new(receiveBuffer: 4_096);

    [Fact]
    public async Task Should_let_all_through_until_it_is_narrowed() =>
        Assert.Equal(int.MaxValue, await _valve.AdmitAsync(CancellationToken.None));

    [Fact]
    public async Task Should_let_a_tenth_of_a_seconds_bytes_through_at_a_time_when_it_is_narrow()
    {
        _valve.Narrow(10_000);
        Assert.Equal(1_000, await _valve.AdmitAsync(CancellationToken.None));
        _valve.Narrow(1);
        Assert.Equal(1, await _valve.AdmitAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Should_let_nothing_through_until_it_is_opened_again()
    {
        _valve.Narrow(0);
        var (one, other) = (_valve.AdmitAsync(CancellationToken.None).AsTask(), _valve.AdmitAsync(CancellationToken.None).AsTask());
        _valve.Narrow(0);
        Assert.False(one.IsCompleted || other.IsCompleted);
        _valve.Open();
        var admitted = await Task.WhenAll(one, other).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal([int.MaxValue, int.MaxValue], admitted);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10_000)]
    public async Task Should_end_the_wait_when_it_is_cancelled(int bytesPerSecond)
    {
        _valve.Narrow(bytesPerSecond);
        using var end = new CancellationTokenSource();
        var admitted = _valve.AdmitAsync(end.Token).AsTask();
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => admitted.WaitAsync(TimeSpan.FromSeconds(20)));
    }
}
