using System.Text;
using Chat.Actors.History;
using Xunit;

namespace Chat.Tests.History;

public class BitFlipTests
{
    private static readonly FileHistoryOptions ThreeInAFile = new() { SegmentBytes = 400, BootId = "boot-1" };

    [Fact]
    public void Should_never_give_a_wrong_message_whichever_bit_of_a_log_flips()
    {
        ForEveryBit(() => new SimulatedLog(3), log => log.Segments[0], (log, flipped, _) =>
        {
            using var opened = log.Open(out var state);
            opened.Append(DataFolder.Entries(state.Last + 1, state.Last + 1));
            var page = opened.Read(DataFolder.Oldest(1, state.Last + 1));

            page.ShouldBeAsWritten();
            page.ShouldSpeakOfAll();
            Assert.Equal(state.Last + 1, page.Entries[^1].Seq);
            Assert.NotEmpty(log.Warnings);
            var written = DataFolder.Bytes(DataFolder.Entry(state.Last + 1));
            if (state.Last >= 3)
            {
                Assert.NotEmpty(page.Missing);
                Assert.Equal(3, state.Last);
                // Damage stays where it is, and a line feed that is missing or spoiled gets another behind it.
                var kept = log[log.Segments[0]][..^written.Length];
                Assert.Equal(flipped, kept[..flipped.Length]);
            }
            else
            {
                // What was cut may have been seen: clients must not take the next message for one that they have.
                Assert.NotEqual(log.Epoch, state.Epoch);
                var kept = log[log.Segments[0]][..^written.Length];
                byte[] all = [.. kept, .. log[Assert.Single(log.Cuts)]];
                Assert.Equal(flipped, all);
            }
        });
    }

    [Fact]
    public void Should_lose_one_message_or_two_that_became_one_whichever_bit_of_an_older_segment_flips()
    {
        ForEveryBit(() => new SimulatedLog(5, ThreeInAFile), log => log.Segments[0], (log, flipped, _) =>
        {
            using var opened = log.Open(out var state, ThreeInAFile);
            opened.Append(DataFolder.Entries(6, 6));
            var page = opened.Read(DataFolder.Oldest(1, 6));
            var back = opened.Read(DataFolder.Newest(1, 6));

            Assert.Equal((log.Epoch, 5), (state.Epoch, state.Last));
            page.ShouldBeAsWritten();
            page.ShouldSpeakOfAll();
            Assert.Equal((page.From, page.Through), (back.From, back.Through));
            Assert.Equal(page.Entries.Seqs(), back.Entries.Seqs());
            Assert.Equal(page.Missing, back.Missing);
            Assert.Equal([4, 5, 6], page.Entries.Seqs()[^3..]);
            Assert.InRange(page.Missing.Sum(range => range.To - range.From + 1), 1, 2);
            Assert.Contains(log.Warnings, warning => warning.File == log.Segments[0]);
            Assert.Equal(flipped, log[log.Segments[0]]);
            Assert.Empty(log.Cuts);
        });
    }

    [Fact]
    public void Should_never_touch_the_older_segments_whichever_bit_of_the_newest_flips()
    {
        ForEveryBit(() => new SimulatedLog(5, ThreeInAFile), log => log.Segments[^1], (log, flipped, _) =>
        {
            var older = log[log.Segments[0]];

            using var opened = log.Open(out var state, ThreeInAFile);
            opened.Append(DataFolder.Entries(state.Last + 1, state.Last + 1));
            var page = opened.Read(DataFolder.Oldest(1, state.Last + 1));

            page.ShouldBeAsWritten();
            page.ShouldSpeakOfAll();
            Assert.Equal([1, 2, 3], page.Entries.Seqs()[..3]);
            Assert.Equal(state.Last + 1, page.Entries[^1].Seq);
            Assert.InRange(state.Last, 3, 5);
            Assert.True(state.Last == 5 ? page.Missing.Count > 0 : state.Epoch != log.Epoch);
            Assert.NotEmpty(log.Warnings);
            Assert.Equal(DataFolder.Bytes(DataFolder.Entries(1, 3)), older);
            Assert.Equal(older, log[log.Segments[0]]);
        });
    }

    [Theory]
    [InlineData(Durability.Always, true)]
    [InlineData(Durability.Always, false)]
    [InlineData(Durability.Never, true)]
    [InlineData(Durability.Never, false)]
    public void Should_open_with_all_messages_whichever_bit_of_the_room_file_flips(Durability durability, bool cleanly)
    {
        var options = ThreeInAFile with { Durability = durability };
        ForEveryBit(() => new SimulatedLog(5, options, cleanly), log => log.RoomFile, (log, flipped, at) =>
        {
            var segments = log.Segments.Select(path => log[path]).ToArray();

            using var opened = log.Open(out var state, options);
            var page = opened.Read(DataFolder.Oldest(1, 5));

            Assert.Equal((1, 5), (state.First, state.Last));
            Assert.Equal([1, 2, 3, 4, 5], page.Entries.Seqs());
            page.ShouldBeAsWritten();
            Assert.Equal(segments, log.Segments.Select(path => log[path]));
            Assert.Empty(log.Cuts);
            // An epoch that became another can't be told from that other.
            var isOfEpoch = at - Encoding.UTF8.GetString(flipped).IndexOf("\"epoch\":\"", StringComparison.Ordinal) - 9 is >= 0 and < 16;
            if (state.Epoch != log.Epoch && !isOfEpoch)
                Assert.Equal(log.RoomFile, Assert.Single(log.Warnings).File);
            opened.Append(DataFolder.Entries(6, 6));
        });
    }

    private static void ForEveryBit(Func<SimulatedLog> write, Func<SimulatedLog, string> of, Action<SimulatedLog, byte[], int> check)
    {
        var bits = 1;
        for (var bit = 0; bit < bits; bit++)
        {
            var log = write();
            var bytes = log[of(log)];
            bits = 8 * bytes.Length;
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            log[of(log)] = bytes;
            try
            {
                check(log, bytes, bit / 8);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"With bit {bit} flipped: {e.Message}", e);
            }
        }
    }
}
