using Chat.Actors;
using Chat.Actors.Rooms;
using CsCheck;
using Xunit;

namespace Chat.Tests.Rooms;

public sealed class IdWindowTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private static SeenId Seen(long seq, double seconds = 0) => new(seq, Start.AddSeconds(seconds), TextDigest.Of($"text {seq}"));

    [Fact]
    public void Should_find_an_id_of_its_user_alone_when_it_was_added()
    {
        var window = new IdWindow(TimeSpan.FromMinutes(10), 10, 100);
        window.Add("ana", "m1", Seen(1));
        Assert.Equal(Seen(1), window.Find("ana", "m1"));
        Assert.Null(window.Find("bob", "m1"));
        Assert.Null(window.Find("ana", "m2"));
    }

    [Fact]
    public void Should_forget_only_what_is_both_old_and_not_among_the_last_when_more_come()
    {
        var window = new IdWindow(TimeSpan.FromSeconds(10), 3, 100);
        foreach (var (seq, seconds) in new[] { (1, 0), (2, 0), (3, 1), (4, 10), (5, 10) })
            window.Add("ana", $"m{seq}", Seen(seq, seconds));
        Assert.Equal(5, window.Count);
        window.Add("ana", "m6", Seen(6, 10.5));
        Assert.Equal([false, false, true, true, true, true], Known(window, 6));
        window.Add("ana", "m7", Seen(7, 100));
        Assert.Equal([false, false, false, false, true, true, true], Known(window, 7));
    }

    [Fact]
    public void Should_never_hold_more_than_its_bound_when_all_are_young()
    {
        var window = new IdWindow(TimeSpan.FromMinutes(10), 2, 4);
        for (var seq = 1; seq <= 9; seq++)
            window.Add("ana", $"m{seq}", Seen(seq));
        Assert.Equal(4, window.Count);
        Assert.Equal([false, false, false, false, false, true, true, true, true], Known(window, 9));
    }

    [Fact]
    public void Should_forget_what_was_not_stored_when_it_is_reverted()
    {
        var window = new IdWindow(TimeSpan.FromMinutes(10), 10, 100);
        for (var seq = 1; seq <= 4; seq++)
            window.Add("ana", $"m{seq}", Seen(seq));
        window.RevertTo(2);
        Assert.Equal([true, true, false, false], Known(window, 4));
        window.Add("ana", "m3", Seen(3, 1));
        Assert.Equal(Seen(3, 1), window.Find("ana", "m3"));
        window.RevertTo(0);
        Assert.Equal(0, window.Count);
    }

    [Fact]
    public void Should_keep_the_later_one_when_an_id_was_forgotten_and_used_again()
    {
        var window = new IdWindow(TimeSpan.FromSeconds(1), 1, 2);
        window.Add("ana", "m", Seen(1));
        window.Add("ana", "x", Seen(2));
        window.Add("ana", "y", Seen(3));
        window.Add("ana", "m", Seen(4));
        Assert.Equal(Seen(4), window.Find("ana", "m"));
        window.Add("ana", "z", Seen(5));
        Assert.Equal(Seen(4), window.Find("ana", "m"));
    }

    [Fact]
    public void Should_hold_what_the_promise_says_whatever_came() =>
        Gen.Select(Gen.Int[0, 5].Array[0, 40], Gen.Int[0, 30], Gen.Int[1, 6], Gen.Int[1, 12]).Sample((steps, seconds, atLeast, more) =>
        {
            var (time, atMost) = (TimeSpan.FromSeconds(seconds), atLeast + more);
            var window = new IdWindow(time, atLeast, atMost);
            var all = new List<SeenId>();
            var at = 0.0;
            foreach (var step in steps)
            {
                at += step;
                all.Add(Seen(all.Count + 1, at));
                window.Add("ana", $"m{all.Count}", all[^1]);
            }
            for (var i = 0; i < all.Count; i++)
            {
                var age = all.Count - i;
                var isOwed = age <= atMost && (age <= atLeast || all[^1].Timestamp - all[i].Timestamp <= time);
                Assert.Equal(isOwed ? all[i] : null, window.Find("ana", $"m{i + 1}"));
            }
        });

    [Fact]
    public void Should_tell_texts_apart_and_know_the_same_one()
    {
        Assert.Equal(TextDigest.Of("hello"), TextDigest.Of(new string("hello".ToCharArray())));
        Assert.NotEqual(TextDigest.Of("hello"), TextDigest.Of("hello "));
        Assert.NotEqual(TextDigest.Of("\u00e9"), TextDigest.Of("e\u0301"));
    }

    private static IEnumerable<bool> Known(IdWindow window, int through) =>
        Enumerable.Range(1, through).Select(seq => window.Find("ana", $"m{seq}") is not null);
}
