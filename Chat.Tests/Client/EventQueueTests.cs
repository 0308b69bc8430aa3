using Chat.Protocol;
using Chat.Protocol.Client;
using Xunit;

namespace Chat.Tests.Client;

public sealed class EventQueueTests
{
    private static readonly ClientEvent Large = new ClientEvent.Received(new ServerEvent.Pong(), new byte[EventQueue.Bound]);

    private static readonly ClientEvent Small = new ClientEvent.Received(new ServerEvent.Pong(), default);

    [Fact]
    public void Should_keep_nothing_while_nobody_reads()
    {
        var queue = new EventQueue();
        queue.Add(Large);
        Assert.False(queue.IsFull);
    }

    [Fact]
    public async Task Should_hold_up_the_writer_until_the_reader_has_read()
    {
        var queue = new EventQueue();
        await using var reader = queue.Read(default).GetAsyncEnumerator();
        queue.Add(Large);
        Assert.True(queue.IsFull);
        var waiting = queue.WaitAsync(() => EventQueue.Bound, default);
        Assert.False(waiting.IsCompleted);
        Assert.True(await reader.MoveNextAsync());
        Assert.Same(Large, reader.Current);
        await waiting.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Should_let_the_writer_go_on_when_the_bound_is_raised()
    {
        var queue = new EventQueue();
        await using var reader = queue.Read(default).GetAsyncEnumerator();
        queue.Add(Large);
        var bound = EventQueue.Bound;
        var waiting = queue.WaitAsync(() => Interlocked.Read(ref bound), default);
        queue.Ease();
        Assert.False(waiting.IsCompleted);
        Interlocked.Exchange(ref bound, EventQueue.AwaitedBound);
        queue.Ease();
        await waiting.WaitAsync(Patience.Long);
    }

    [Fact]
    public async Task Should_let_the_writer_go_on_and_keep_nothing_when_the_reader_is_gone()
    {
        var queue = new EventQueue();
        var reader = queue.Read(default).GetAsyncEnumerator();
        queue.Add(Small);
        Assert.True(await reader.MoveNextAsync());
        queue.Add(Large);
        var waiting = queue.WaitAsync(() => EventQueue.Bound, default);
        await reader.DisposeAsync();
        await waiting.WaitAsync(Patience.Long);
        Assert.False(queue.IsFull);
    }

    [Fact]
    public async Task Should_have_one_reader_at_a_time_and_end_when_complete()
    {
        var queue = new EventQueue();
        var events = queue.Read(default);
        Assert.Throws<InvalidOperationException>(() => queue.Read(default));
        queue.Add(Small);
        queue.Complete();
        var read = 0;
        await foreach (var _ in events)
            read++;
        Assert.Equal(1, read);
        await foreach (var _ in queue.Read(default))
            read++;
        Assert.Equal(1, read);
    }
}
