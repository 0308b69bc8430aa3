using Chat.Actors.History;
using Xunit;

namespace Chat.Tests.History;

public sealed class RetentionTests
{
    private static readonly DateTime Now = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private static readonly FileHistoryOptions None = new() { WindowAtLeast = 0, WindowAtMost = 1_000, WindowTime = TimeSpan.FromMinutes(10) };

    private static readonly FileHistoryOptions TenDays = None with { RetainAge = TimeSpan.FromDays(10) };

    private static readonly FileHistoryOptions Thousand = None with { RetainBytes = 1_000 };

    [Fact]
    public void Should_delete_nothing_when_nothing_is_configured()
    {
        var retention = new Retention(None);

        Assert.False(retention.IsOn);
        Assert.Equal(0, Deletable(retention, [(10, 1_000_000), (10, 0)], daysOld: [9_000]));
        Assert.False(retention.IsTooOld(DateTime.MinValue, Now));
        Assert.False(retention.EndsBefore(DateTime.MinValue, Now));
        Assert.Equal(None.SegmentBytes, retention.SegmentBytes);
    }

    [Theory]
    [InlineData(new double[] { 9, 8, 7 }, 0)]
    [InlineData(new double[] { 11, 8, 7 }, 1)]
    [InlineData(new double[] { 13, 12, 7 }, 2)]
    [InlineData(new double[] { 13, 12, 11 }, 3)]
    [InlineData(new double[] { 10, 10, 10 }, 0)]
    [InlineData(new double[] { 10.001, 9.999, 9 }, 1)]
    public void Should_delete_what_is_older_than_the_age_by_its_newest_message(double[] daysOld, int expected)
    {
        var retention = new Retention(TenDays);

        Assert.Equal(expected, Deletable(retention, [(10, 100), (10, 100), (10, 100), (1, 10)], daysOld));
        for (var i = 0; i < daysOld.Length; i++)
            Assert.Equal(i < expected, retention.IsTooOld(Now.AddDays(-daysOld[i]), Now));
    }

    [Fact]
    public void Should_delete_what_is_too_old_however_few_there_are() =>
        Assert.Equal(2, Deletable(new Retention(TenDays with { WindowAtLeast = 1_000 }), [(2, 100), (2, 100), (2, 100)], [30, 20]));

    [Fact]
    public void Should_delete_nothing_by_age_when_the_time_is_unknown_or_ahead()
    {
        var retention = new Retention(TenDays);

        Assert.False(retention.IsTooOld(null, Now));
        Assert.False(retention.IsTooOld(Now.AddYears(4), Now));
        Assert.Equal(0, retention.Deletable([new(1, 100), new(11, 100)], _ => null, 20, Now));
    }

    [Theory]
    // The last one counts with the hundred bytes that it may come to have.
    [InlineData(new long[] { 100, 100, 100 }, 0)]
    [InlineData(new long[] { 300, 300, 300 }, 0)]
    [InlineData(new long[] { 301, 300, 300 }, 1)]
    [InlineData(new long[] { 1, 300, 301, 300 }, 2)]
    [InlineData(new long[] { 500, 500, 500 }, 2)]
    [InlineData(new long[] { 5_000 }, 1)]
    [InlineData(new long[] { 10, 5_000 }, 2)]
    public void Should_delete_the_oldest_until_the_rest_is_within_its_bytes(long[] closed, int expected)
    {
        var segments = closed.Append(90).Select(bytes => (10L, bytes)).ToArray();

        Assert.Equal(expected, Deletable(new Retention(Thousand), segments, daysOld: [.. closed.Select(_ => 1.0)]));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(5, 4)]
    [InlineData(6, 3)]
    [InlineData(15, 3)]
    [InlineData(16, 2)]
    [InlineData(45, 0)]
    [InlineData(1_000, 0)]
    public void Should_keep_so_many_messages_for_the_ids_seen_however_many_bytes_they_are(int atLeast, int expected)
    {
        var retention = new Retention(Thousand with { WindowAtLeast = atLeast });

        Assert.Equal(expected, Deletable(retention, [(10, 5_000), (10, 5_000), (10, 5_000), (10, 5_000), (5, 50)], [4, 3, 2, 1]));
    }

    [Theory]
    [InlineData(9, 11, 1)]
    [InlineData(9, 9, 0)]
    [InlineData(11, 11, 2)]
    [InlineData(10, 10, 0)]
    public void Should_keep_the_last_minutes_for_the_ids_seen_however_many_bytes_they_are(int minutesOld, int minutesOldBefore, int expected)
    {
        const double Minute = 1.0 / (24 * 60);

        Assert.Equal(expected, Deletable(new Retention(Thousand), [(10, 5_000), (10, 5_000), (1, 1)], [minutesOldBefore * Minute, minutesOld * Minute]));
    }

    [Fact]
    public void Should_keep_no_more_for_the_ids_seen_than_are_remembered() =>
        Assert.Equal(2, Deletable(new Retention(Thousand with { WindowAtMost = 11 }), [(10, 5_000), (10, 5_000), (10, 5_000), (1, 1)], [0, 0, 0]));

    [Fact]
    public void Should_never_delete_the_last_segment() =>
        Assert.Equal(0, Deletable(new Retention(TenDays with { RetainBytes = 1 }), [(10, 5_000)], [400]));

    [Fact]
    public void Should_look_at_no_segment_behind_the_first_that_stays()
    {
        var looked = new List<int>();
        var retention = new Retention(TenDays with { RetainBytes = 1_000 });
        retention.Deletable([new(1, 100), new(11, 100), new(21, 100), new(31, 0)], i => { looked.Add(i); return Now.AddDays(i == 0 ? -20 : -1); }, 30, Now);

        Assert.Equal([0, 1], looked);
    }

    [Theory]
    [InlineData(0, 1_000, 1_000)]
    [InlineData(5_000, 1_000, 500)]
    [InlineData(50_000, 1_000, 1_000)]
    [InlineData(5, 1_000, 1)]
    public void Should_make_segments_a_tenth_of_the_bytes_at_most(long retain, long segment, long expected) =>
        Assert.Equal(expected, new Retention(None with { RetainBytes = retain, SegmentBytes = segment }).SegmentBytes);

    [Fact]
    public void Should_make_segments_a_tenth_of_the_age_long()
    {
        var retention = new Retention(TenDays);

        Assert.False(retention.EndsBefore(Now, Now.AddDays(0.99)));
        Assert.True(retention.EndsBefore(Now, Now.AddDays(1)));
        Assert.False(retention.EndsBefore(null, Now));
        Assert.False(retention.EndsBefore(Now, null));
    }

    [Theory]
    [InlineData(900, 0)]
    [InlineData(901, 1)]
    [InlineData(1_000, 1)]
    [InlineData(1_001, 2)]
    [InlineData(5_000, 4)]
    public void Should_delete_single_lines_until_the_rest_is_within_its_bytes_with_room_for_a_tenth(long bytes, int expected) =>
        Assert.Equal(expected, new Retention(Thousand).DeletableLines([.. Lines(4, daysOld: 1)], bytes, last: 10, Now));

    [Fact]
    public void Should_delete_single_lines_that_are_too_old_and_keep_those_that_the_ids_seen_need()
    {
        LineSize[] lines = [.. Lines(2, daysOld: 11), .. Lines(2, daysOld: 9, from: 3)];

        Assert.Equal(2, new Retention(TenDays).DeletableLines(lines, 400, last: 4, Now));
        Assert.Equal(4, new Retention(Thousand).DeletableLines(lines, 5_000, last: 4, Now));
        Assert.Equal(1, new Retention(Thousand with { WindowAtLeast = 3 }).DeletableLines(lines, 5_000, last: 4, Now));
        Assert.Equal(0, new Retention(Thousand with { WindowTime = TimeSpan.FromDays(12) }).DeletableLines(lines, 5_000, last: 4, Now));
        Assert.Equal(0, new Retention(None).DeletableLines(lines, 5_000, last: 4, Now));
    }

    private static IEnumerable<LineSize> Lines(int count, int daysOld, int from = 1) =>
        Enumerable.Range(from, count).Select(seq => new LineSize(seq, 100, Now.AddDays(-daysOld)));

    [Fact]
    public void Should_say_which_option_is_wrong()
    {
        var options = new FileHistoryOptions { RetainAge = TimeSpan.FromMinutes(9), RetainBytes = -1, TrimEvery = TimeSpan.Zero };
        var fault = Assert.Throws<ArgumentException>(options.Validate);
        Assert.All(["RetainAge", "RetainBytes", "TrimEvery"], name => Assert.Contains(name, fault.Message));
    }

    // Segments of so many messages and bytes; ages of all but the last.
    private static int Deletable(Retention retention, (long Messages, long Bytes)[] segments, double[] daysOld)
    {
        var first = 1L;
        var sizes = new List<SegmentSize>();
        foreach (var (messages, bytes) in segments)
        {
            sizes.Add(new SegmentSize(first, bytes));
            first += messages;
        }
        return retention.Deletable(sizes, i => Now.AddDays(-daysOld[i]), first - 1, Now);
    }
}
