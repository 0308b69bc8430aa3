using Chat.Bench.Crash;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class OutboxTests
{
    private readonly Outbox _outbox = new();

    [Fact]
    public void Should_send_again_in_order_what_was_not_acked()
    {
        Add("a", "b", "c", "d");
        _outbox.Acked("b");
        _outbox.Acked("of another writer");
        Assert.Equal(3, _outbox.Count);
        Assert.Equal(["a", "c", "d"], Return(strikesOff: true, struck: 0));
        Assert.Equal(3, _outbox.Count);
    }

    [Fact]
    public void Should_strike_off_what_was_seen_when_told_to()
    {
        Add("a", "b", "c");
        _outbox.Seen("a");
        _outbox.Seen("c");
        _outbox.Seen("of another writer");
        Assert.Equal(["b"], Return(strikesOff: true, struck: 2));
        Assert.Equal(1, _outbox.Count);
        Assert.Equal(["b"], Return(strikesOff: true, struck: 0));
    }

    [Fact]
    public void Should_send_again_what_was_seen_and_the_last_that_was_acked_when_told_not_to_strike_off()
    {
        Add("a", "b", "c");
        _outbox.Acked("a");
        _outbox.Seen("b");
        Assert.Equal(["a", "b", "c"], Return(strikesOff: false, struck: 0));
        Assert.Equal(2, _outbox.Count);
        _outbox.Acked("a");
        _outbox.Acked("b");
        _outbox.Acked("c");
        Assert.Equal(0, _outbox.Count);
    }

    private void Add(params string[] ids)
    {
        foreach (var id in ids)
            _outbox.Add(new Draft("general", id, id));
    }

    private string[] Return(bool strikesOff, int struck)
    {
        var drafts = _outbox.Return(strikesOff, out var actual);
        Assert.Equal(struck, actual);
        return [.. drafts.Select(draft => draft.Id)];
    }
}
