using Chat.Actors;
using Chat.Actors.History;
using Chat.Actors.Rooms;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class PendingPostsTests
{
    private static PendingPost Post(long seq, int length = 10, long session = 1) => new(
        new LogEntry(seq, new byte[length]), $"m{seq}", new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc), new SessionId(session));

    private static IEnumerable<long> Seqs(IEnumerable<LogEntry> entries) => entries.Select(entry => entry.Seq);

    [Fact]
    public void Should_give_one_batch_at_a_time_with_all_that_gathered()
    {
        var pending = new PendingPosts(1_000);
        Assert.True(pending.IsEmpty);
        Assert.Empty(pending.TakeBatch());
        pending.Add(Post(1));
        Assert.Equal([1], Seqs(pending.TakeBatch()));
        pending.Add(Post(2));
        pending.Add(Post(3));
        Assert.Empty(pending.TakeBatch());
        Assert.Equal([1L], pending.Stored().Select(post => post.Entry.Seq));
        Assert.Equal([2, 3], Seqs(pending.TakeBatch()));
        Assert.False(pending.IsEmpty);
        pending.Stored();
        Assert.True(pending.IsEmpty);
        Assert.Equal(0, pending.Bytes);
    }

    [Fact]
    public void Should_bound_a_batch_but_always_give_one()
    {
        var pending = new PendingPosts(25);
        foreach (var post in new[] { Post(1, 40), Post(2), Post(3), Post(4), Post(5, 26) })
            pending.Add(post);
        var batches = new List<IEnumerable<long>>();
        while (pending.TakeBatch() is { Count: > 0 } batch)
        {
            batches.Add(Seqs(batch));
            pending.Stored();
        }
        Assert.Equal([[1], [2, 3], [4], [5]], batches);
    }

    [Fact]
    public void Should_find_what_is_written_and_what_gathered()
    {
        var pending = new PendingPosts(1_000);
        pending.Add(Post(1));
        pending.TakeBatch();
        pending.Add(Post(2));
        Assert.Equal("m1", pending.Find(1)!.Id);
        Assert.Equal("m2", pending.Find(2)!.Id);
        Assert.Null(pending.Find(3));
        pending.Stored();
        Assert.Null(pending.Find(1));
    }

    [Fact]
    public void Should_know_whose_messages_wait()
    {
        var pending = new PendingPosts(1_000);
        pending.Add(Post(1, session: 1));
        pending.TakeBatch();
        pending.Add(Post(2, session: 2));
        Assert.Equal([true, true, false], new[] { 1, 2, 3 }.Select(session => pending.HasAnyOf(new SessionId(session))));
        pending.Stored();
        Assert.Equal([false, true, false], new[] { 1, 2, 3 }.Select(session => pending.HasAnyOf(new SessionId(session))));
    }

    [Fact]
    public void Should_count_bytes_until_they_are_stored()
    {
        var pending = new PendingPosts(1_000);
        pending.Add(Post(1, 30));
        pending.Add(Post(2, 5));
        pending.TakeBatch();
        pending.Add(Post(3, 7));
        Assert.Equal(42, pending.Bytes);
        pending.Stored();
        Assert.Equal(7, pending.Bytes);
    }

    [Fact]
    public void Should_give_back_everything_in_order_when_it_is_lost()
    {
        var pending = new PendingPosts(15);
        foreach (var post in new[] { Post(1), Post(2), Post(3) })
            pending.Add(post);
        pending.TakeBatch();
        Assert.Equal([1L, 2, 3], pending.Lost().Select(post => post.Entry.Seq));
        Assert.True(pending.IsEmpty);
        Assert.Equal(0, pending.Bytes);
        pending.Add(Post(1));
        Assert.Equal([1], Seqs(pending.TakeBatch()));
    }

    [Fact]
    public void Should_know_whose_posts_wait_until_the_last_is_stored_or_lost()
    {
        var posts = new PendingPosts(batchBytes: 15);
        posts.Add(Post(1, session: 1));
        posts.Add(Post(2, session: 2));
        posts.TakeBatch();
        Assert.True(posts.HasAnyOf(new SessionId(1)));
        posts.Stored();
        Assert.False(posts.HasAnyOf(new SessionId(1)));
        Assert.True(posts.HasAnyOf(new SessionId(2)));
        posts.Lost();
        Assert.False(posts.HasAnyOf(new SessionId(2)));
    }
}
