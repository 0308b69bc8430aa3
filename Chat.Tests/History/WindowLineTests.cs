using Chat.Actors;
using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.History;

/// <summary>What a window reads of a line in one pass is what each property says by itself.</summary>
public sealed class WindowLineTests
{
    private static readonly DateTime Time = new(2026, 11, 29, 12, 0, 0, DateTimeKind.Utc);

    private static byte[] Line => LogLine.Encode(RoomName.Parse("général", out _)!.Value, 7, "id \"1\"", "Ána", "a \\ \u2028 text", Time);

    [Fact]
    public void Should_read_all_that_a_window_needs() =>
        Assert.Equal(new WindowLine("message", "id \"1\"", "Ána", TextDigest.Of("a \\ \u2028 text"), Time), WindowLine.Of(Line));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"type\":7,\"id\":{\"id\":\"inner\"},\"user\":null,\"message\":[\"a\"],\"timestamp\":\"soon\"}")]
    [InlineData("{\"inner\":{\"type\":\"message\"},\"type\":\"notice\"}")]
    [InlineData("{\"i\\u0064\":\"escaped\",\"id\":\"plain\"}")]
    [InlineData("{\"id\":\"\\ud800\",\"user\":\"ana\"}")]
    public void Should_read_what_there_is_of_other_lines(string line) => AssertSame(System.Text.Encoding.UTF8.GetBytes(line));

    [Fact]
    public void Should_read_of_broken_bytes_what_each_property_says_by_itself()
    {
        var random = new Random(2_024);
        for (var run = 0; run < 5_000; run++)
        {
            var broken = Line;
            for (var change = random.Next(1, 4); change > 0; change--)
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            AssertSame(broken[..random.Next(broken.Length / 2, broken.Length + 1)]);
        }
    }

    private static void AssertSame(byte[] line) => Assert.Equal(
        new WindowLine(
            TopLevel.Text(line, "type"u8), TopLevel.Text(line, "id"u8), TopLevel.Text(line, "user"u8),
            TopLevel.Text(line, "message"u8) is { } text ? TextDigest.Of(text) : null, StoredLine.Time(line)),
        WindowLine.Of(line));
}
