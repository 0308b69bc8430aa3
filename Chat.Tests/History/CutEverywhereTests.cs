using Chat.Actors.History;
using Xunit;

namespace Chat.Tests.History;

/// <summary>A log of three records in its last segment, cut at every byte, with anything behind.</summary>
public class CutEverywhereTests
{
    private const int Records = 3;

    private static readonly FileHistoryOptions Options = new() { SegmentBytes = 400 };

    public enum Behind
    {
        Nothing,
        OneZero,
        ManyZeros,
        Garbage,
        LinesOfGarbage,
    }

    [Theory]
    [InlineData(1, Behind.Nothing)]
    [InlineData(1, Behind.OneZero)]
    [InlineData(1, Behind.ManyZeros)]
    [InlineData(1, Behind.Garbage)]
    [InlineData(2, Behind.Nothing)]
    [InlineData(2, Behind.OneZero)]
    [InlineData(2, Behind.ManyZeros)]
    [InlineData(2, Behind.Garbage)]
    public void Should_keep_all_up_to_the_last_whole_record_and_the_rest_aside(int segments, Behind behind)
    {
        ForEveryByte(segments, behind, (log, placed, kept, cut) =>
        {
            using var opened = log.Open(out var state, Options);

            var last = (segments - 1) * Records + kept.Count((byte)'\n');
            Assert.Equal((1, last), (state.First, state.Last));
            Assert.Equal(kept, log[log.Segments[^1]]);
            if (cut > 0)
            {
                var copy = Assert.Single(log.Cuts);
                Assert.Equal(placed[kept.Length..], log[copy]);
                Assert.Contains(log.Warnings, warning => warning.File == log.Segments[^1] && warning.Offset == kept.Length
                    && warning.Problem.Contains($"{cut} bytes was cut off") && warning.Problem.Contains(copy));
            }
            else
            {
                // But for a line feed that is put back, and told.
                Assert.Empty(log.Cuts);
                Assert.Equal(kept.Length - placed.Length, log.Warnings.Count);
            }
            // What isn't plainly the start of a record may have been records that somebody has seen.
            Assert.Equal(behind == Behind.Nothing, state.Epoch == log.Epoch);
            ShouldGoOn(log, opened, last);
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Should_lose_nothing_in_silence_when_garbage_with_line_feeds_follows(int segments)
    {
        ForEveryByte(segments, Behind.LinesOfGarbage, (log, placed, kept, _) =>
        {
            var newest = log.Segments[^1];
            using var opened = log.Open(out var state, Options);

            // Nothing that was placed is gone or changed.
            var left = log[newest];
            Assert.Equal(kept, left[..kept.Length]);
            byte[] all = [.. left, .. log.Cuts.SelectMany(copy => log[copy])];
            Assert.Equal(placed, all);
            // An unfinished line that garbage happens to finish can't be told from a finished one that rotted: it counts as that.
            var whole = (segments - 1) * Records + kept.Count((byte)'\n');
            Assert.InRange(state.Last, whole, whole + 1);
            opened.Append(DataFolder.Entries(state.Last + 1, state.Last + 1));
            var page = opened.Read(DataFolder.Oldest(1, state.Last + 1));
            page.ShouldSpeakOfAll();
            page.ShouldBeAsWritten();
            Assert.Equal([.. DataFolder.Seqs(1, whole), state.Last + 1], page.Entries.Seqs());
            Assert.Equal(left, log[newest][..left.Length]);
            Assert.NotEmpty(log.Warnings);
        });
    }

    private static void ShouldGoOn(SimulatedLog log, IRoomLog opened, long last)
    {
        opened.Append(DataFolder.Entries(last + 1, last + 2));
        var page = opened.Read(DataFolder.Oldest(1, last + 2));
        Assert.Equal(DataFolder.Seqs(1, last + 2), page.Entries.Seqs());
        page.ShouldBeAsWritten();
        log.Warnings.Clear();
        log.Open(out var state, Options);
        Assert.Equal(last + 2, state.Last);
        Assert.Empty(log.Warnings);
    }

    // What is placed, what of it is to be kept, and how many bytes are to be cut off.
    private static void ForEveryByte(int segments, Behind behind, Action<SimulatedLog, byte[], byte[], int> check)
    {
        var random = new Random(1);
        for (var length = 0; ; length++)
        {
            var log = new SimulatedLog(segments * Records, Options);
            Assert.Equal(segments, log.Segments.Length);
            var older = log.Segments[..^1].Select(path => log[path]).ToArray();
            var whole = log[log.Segments[^1]];
            if (length > whole.Length)
                return;
            byte[] placed = [.. whole[..length], .. Bytes(behind, random)];
            var lacksLineFeed = behind == Behind.Nothing && length < whole.Length && whole[length] == '\n';
            var kept = lacksLineFeed ? whole[..(length + 1)] : whole[..(whole.AsSpan(0, length).LastIndexOf((byte)'\n') + 1)];
            log[log.Segments[^1]] = placed;
            try
            {
                check(log, placed, kept, Math.Max(0, placed.Length - kept.Length));
                Assert.Equal(older, log.Segments[..(segments - 1)].Select(path => log[path]));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Cut at byte {length}: {e.Message}", e);
            }
        }
    }

    private static byte[] Bytes(Behind behind, Random random)
    {
        if (behind <= Behind.ManyZeros)
            return new byte[behind switch { Behind.Nothing => 0, Behind.OneZero => 1, _ => 5_000 }];
        var garbage = new byte[random.Next(500, 5_000)];
        random.NextBytes(garbage);
        garbage[0] = 0;
        if (behind == Behind.Garbage)
            garbage.AsSpan().Replace((byte)'\n', (byte)'x');
        else
            garbage[random.Next(1, garbage.Length)] = (byte)'\n';
        return garbage;
    }
}
