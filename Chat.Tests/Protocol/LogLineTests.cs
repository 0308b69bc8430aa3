using System.Globalization;
using System.Text;
using Chat.Protocol;
using Chat.Protocol.Codec;
using CsCheck;
using Xunit;

namespace Chat.Tests.Protocol;

public sealed class LogLineTests
{
    private static readonly DateTime Time = new(2024, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    [Fact]
    public void Should_write_these_very_bytes() =>
        Assert.Equal(
            """{"type":"message","room":"general","seq":7,"id":"m1","user":"Ana","message":"hi","timestamp":"2024-01-02T03:04:05.678Z","crc":"9bcda219"}""",
            Encoding.UTF8.GetString(LogLine.Encode(RoomName.Trusted("general"), 7, "m1", "Ana", "hi", Time)));

    [Fact]
    public void Should_escape_what_would_break_the_line() =>
        Assert.Equal(
            """{"type":"message","room":"café","seq":9007199254740991,"id":"m\"1","user":"José","message":"a\nb\r\t\"\\\u0000\u0085\u2028\u2029/😀","timestamp":"2024-01-02T03:04:05.678Z","crc":"67b3884f"}""",
            Encoding.UTF8.GetString(LogLine.Encode(
                RoomName.Trusted("café"), (1L << 53) - 1, "m\"1", "José", "a\nb\r\t\"\\\0\u0085\u2028\u2029/😀", Time)));

    [Fact]
    public void Should_write_a_replacement_and_not_throw_when_the_text_holds_half_a_surrogate_pair()
    {
        var line = LogLine.Encode(RoomName.Trusted("r"), 1, "i", "u", "a\uD83Db\uDE00", Time);
        Assert.Equal("a\uFFFDb\uFFFD", LogLine.Decode(line)?.Text);
    }

    [Fact]
    public void Should_give_one_whole_line_that_reads_back_when_the_message_is_any() =>
        Gen.Select(AnyText.WellFormed, Gen.Long[1, (1L << 53) - 1], AnyText.WellFormed, AnyText.WellFormed, AnyText.WellFormed).Sample(
            t =>
            {
                var line = LogLine.Encode(RoomName.Trusted(t.Item1), t.Item2, t.Item3, t.Item4, t.Item5, Time);
                Assert.DoesNotContain((byte)'\n', line);
                Assert.DoesNotContain((byte)'\r', line);
                Assert.True(LogLine.IsWhole(line));
                Assert.Equal(t.Item2, LogLine.Seq(line));
                var crc = Encoding.ASCII.GetString(line[^10..^2]);
                Assert.Equal(Crc32C.Of(line.AsSpan(..^LogLineTail)).ToString("x8", CultureInfo.InvariantCulture), crc);
                Assert.Equal(
                    new ServerEvent.Message(t.Item1, t.Item2, t.Item4, t.Item5, Time, crc) { Id = t.Item3 },
                    LogLine.Decode(line));
            },
            iter: 5_000, threads: 1);

    // ,"crc":"xxxxxxxx"}
    private const int LogLineTail = 18;

    [Fact]
    public void Should_find_it_damaged_when_any_bit_is_flipped_or_any_end_is_cut()
    {
        var line = LogLine.Encode(RoomName.Trusted("general"), 7, "m1", "Ana", "hé", Time);
        for (var bit = 0; bit < line.Length * 8; bit++)
        {
            line[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(LogLine.IsWhole(line));
            Assert.Null(LogLine.Decode(line));
            LogLine.Seq(line);
            line[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (var length = 0; length < line.Length; length++)
        {
            Assert.False(LogLine.IsWhole(line.AsSpan(0, length)));
            Assert.Null(LogLine.Decode(line.AsMemory(0, length)));
            LogLine.Seq(line.AsSpan(0, length));
        }
        Assert.True(LogLine.IsWhole(line));
    }

    [Theory]
    [InlineData("""{"type":"edit","of":{"seq":3,"x":[{"seq":4}]},"seq":8}""", 8L)]
    [InlineData("""{"\ud800":1,"s\udc00q":2,"seq":8}""", 8L)]
    [InlineData("""{"seq":8,"more":[[""", 8L)]
    [InlineData("""{"seq":0}""", null)]
    [InlineData("""{"seq":-8}""", null)]
    [InlineData("""{"seq":8.0}""", null)]
    [InlineData("""{"seq":"8"}""", null)]
    [InlineData("""{"seq":9223372036854775808}""", null)]
    [InlineData("""{"seq":null}""", null)]
    [InlineData("""{"of":{"seq":3}}""", null)]
    [InlineData("""[{"seq":3}]""", null)]
    [InlineData("""{"seq":""", null)]
    [InlineData("""{"seq""", null)]
    [InlineData("", null)]
    [InlineData("\0\0\0\0", null)]
    public void Should_give_the_seq_of_a_line_of_any_type(string line, long? seq) => Assert.Equal(seq, LogLine.Seq(Encoding.UTF8.GetBytes(line)));

    // A line is encoded from a builder of several chunks, and a pair may be split over two of them; a thread's first line starts
    // with a small one.
    [Fact]
    public void Should_keep_every_surrogate_pair_when_the_text_is_long()
    {
        foreach (var pad in new[] { 0, 1 })
        {
            var text = new string('x', pad) + string.Concat(Enumerable.Repeat("😀", 40_000));
            byte[]? line = null;
            var thread = new Thread(() => line = LogLine.Encode(RoomName.Trusted("r"), 1, "i", "u", text, Time));
            thread.Start();
            thread.Join();
            Assert.Equal(text, LogLine.Decode(line)?.Text);
        }
    }

    [Fact]
    public void Should_write_the_next_line_right_when_one_has_failed()
    {
        var expected = LogLine.Encode(RoomName.Trusted("r"), 1, "i", "u", "text", Time);
        Assert.Throws<NullReferenceException>(() => EventCodec.Encode(new ServerEvent.Who("r", null!, 1)));
        Assert.Equal(expected, LogLine.Encode(RoomName.Trusted("r"), 1, "i", "u", "text", Time));
    }

    [Fact]
    public void Should_write_both_right_when_one_is_written_within_another()
    {
        var inner = new List<byte[]>();
        var names = new Names(() => inner.Add(EventCodec.Encode(new ServerEvent.Pong())));
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(
                """{"type":"who","room":"r","members":["a","b"],"online":2}""",
                Encoding.UTF8.GetString(EventCodec.Encode(new ServerEvent.Who("r", names, 2))));
        }
        Assert.Equal(6, inner.Count);
        Assert.All(inner, pong => Assert.Equal("""{"type":"pong"}""", Encoding.UTF8.GetString(pong)));
    }

    [Fact]
    public void Should_write_the_same_when_many_threads_write()
    {
        var expected = LogLine.Encode(RoomName.Trusted("r"), 1, "i", "u", "text 😀", Time);
        Parallel.For(0, 2_000, _ => Assert.Equal(expected, LogLine.Encode(RoomName.Trusted("r"), 1, "i", "u", "text 😀", Time)));
    }

    private sealed class Names(Action onEach) : IReadOnlyList<string>
    {
        public int Count => 2;

        public string this[int index] => index == 0 ? "a" : "b";

        public IEnumerator<string> GetEnumerator()
        {
            for (var i = 0; i < Count; i++)
            {
                onEach();
                yield return this[i];
            }
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
