using Chat.Bench.Crash;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class CrashPlanTests
{
    [Fact]
    public void Should_follow_from_the_seed_alone()
    {
        var lives = new CrashPlan(7).Lives(100, 3_000, mix: true).ToArray();
        Assert.Equal(lives, new CrashPlan(7).Lives(100, 3_000, mix: true));
        Assert.NotEqual(lives, new CrashPlan(8).Lives(100, 3_000, mix: true));
        Assert.Equal(Drafts(7, "ana"), Drafts(7, "ana"));
        Assert.NotEqual(Drafts(7, "ana").Select(draft => draft.Text.Length), Drafts(7, "ben").Select(draft => draft.Text.Length));

        static Draft[] Drafts(int seed, string user)
        {
            var writing = new Writing(user, ["a", "b"], new CrashPlan(seed).For(user));
            return [.. Enumerable.Range(0, 50).Select(_ => writing.Next())];
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Should_kill_as_often_as_it_is_told(bool mix)
    {
        var lives = new CrashPlan(1).Lives(200, 3_000, mix).ToArray();
        Assert.Equal(200, lives.Count(life => life.End == End.Kill));
        Assert.Equal(End.Kill, lives[^1].End);
        Assert.Equal(mix, lives.Any(life => life.End == End.Terminate));
        Assert.Equal(mix, lives.Any(life => life.Frozen > TimeSpan.Zero));
        Assert.Equal(mix, lives.Any(life => life.Torn is not null));
        Assert.Contains(lives, life => life.Acks is null);
        Assert.All(lives, life => Assert.InRange(life.Acks ?? 0, 0, 3_000));
    }

    // What the server trims or refuses would count as the server's fault.
    [Fact]
    public void Should_write_what_a_server_takes_as_it_is()
    {
        var writing = new Writing("ana", ["general"], new Random(1));
        var drafts = Enumerable.Range(0, 2_000).Select(_ => writing.Next()).ToArray();
        Assert.All(drafts, draft => Assert.Equal(draft.Text, Chat.Protocol.MessageText.Check(draft.Text, 4_000, out _, out _)));
        Assert.All(drafts, draft => Assert.True(Chat.Protocol.Codec.RequestCodec.IsId(draft.Id)));
        Assert.Equal(drafts.Length, drafts.Select(draft => draft.Id).Distinct().Count());
        Assert.Contains(drafts, draft => draft.Text.Length > 3_000);
    }
}
