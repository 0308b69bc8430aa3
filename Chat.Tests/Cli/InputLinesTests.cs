using System.Text;
using Chat.Cli.Verbs;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class InputLinesTests
{
    private static async Task<List<InputLine>> Read(byte[] bytes, int piece = int.MaxValue)
    {
        var lines = new List<InputLine>();
        await foreach (var line in InputLines.ReadAsync(new PiecewiseStream(bytes, piece)))
            lines.Add(line);
        return lines;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Should_part_lines_wherever_the_reads_end(int piece)
    {
        var lines = await Read(Encoding.UTF8.GetBytes("\uFEFFone\r\n\ntwo 日本\nlast"), piece);
        Assert.Equal([new InputLine(1, "one"), new InputLine(2, ""), new InputLine(3, "two 日本"), new InputLine(4, "last")], lines);
    }

    [Fact]
    public async Task Should_have_no_line_after_the_last_line_feed() => Assert.Equal([new InputLine(1, "a")], await Read("a\n"u8.ToArray()));

    [Fact]
    public async Task Should_have_none_when_there_is_nothing() => Assert.Empty(await Read([]));

    [Fact]
    public async Task Should_name_a_line_that_is_no_UTF8_and_go_on()
    {
        var lines = await Read([.. "ok\n"u8, 0xC3, 0x28, .. "\nok"u8]);
        Assert.Equal([null, "The line is not UTF-8.", null], lines.Select(line => line.Problem));
    }

    [Fact]
    public async Task Should_name_a_line_that_is_too_long_without_holding_it()
    {
        var lines = await Read([.. new string('x', 10 * InputLines.LongestLine).Select(c => (byte)c), .. "\nok"u8], 8192);
        Assert.Equal(2, lines.Count);
        Assert.NotNull(lines[0].Problem);
        Assert.Equal(new InputLine(2, "ok"), lines[1]);
    }

    private sealed class PiecewiseStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));
    }
}
