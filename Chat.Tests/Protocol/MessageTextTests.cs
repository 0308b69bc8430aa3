using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Protocol;

public sealed class MessageTextTests
{
    private const int Most = 4_000;

    [Theory]
    [InlineData("hello", "hello")]
    [InlineData("  hello  ", "hello")]
    [InlineData("\r\n\thello\r\n", "hello")]
    [InlineData("two\nlines\tand a tab", "two\nlines\tand a tab")]
    [InlineData("\u0085\u00A0\u1680\u2000\u200A\u2028\u2029\u202F\u205F\u3000x\u3000\u000B\u000C", "x")]
    [InlineData("\u200Bx\u200B", "\u200Bx\u200B")]
    [InlineData("\u180Ex\u2060\uFEFF", "\u180Ex\u2060\uFEFF")]
    [InlineData("a\u2028b", "a\u2028b")]
    [InlineData("👩‍👩‍👧", "👩‍👩‍👧")]
    [InlineData("\"\\/</script>", "\"\\/</script>")]
    public void Should_give_the_text_trimmed_of_white_space(string sent, string stored)
    {
        Assert.Equal(stored, MessageText.Check(sent, Most, out var code, out var problem));
        Assert.Equal(("", ""), (code, problem));
    }

    // White_Space of Unicode's PropList.txt; the property has been stable since 6.3.
    [Fact]
    public void Should_trim_exactly_what_Unicode_calls_white_space()
    {
        int[] whiteSpace =
        [
            0x9, 0xA, 0xB, 0xC, 0xD, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008,
            0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
        ];
        var trimmed = Enumerable.Range(0, 0x10000)
            .Where(c => !char.IsSurrogate((char)c) && MessageText.Check((char)c + "x", Most, out _, out _) == "x");
        Assert.Equal(whiteSpace, trimmed);
    }

    [Theory]
    [InlineData("", ErrorCodes.EmptyMessage)]
    [InlineData(" \t\r\n\u3000\u2029", ErrorCodes.EmptyMessage)]
    [InlineData("a\0b", ErrorCodes.BadRequest)]
    [InlineData("\0", ErrorCodes.BadRequest)]
    [InlineData("a\rb", ErrorCodes.BadRequest)]
    [InlineData("a\u001b[2Jb", ErrorCodes.BadRequest)]
    [InlineData("a\u007Fb", ErrorCodes.BadRequest)]
    [InlineData("a\u0085b", ErrorCodes.BadRequest)]
    [InlineData("a\u009Bb", ErrorCodes.BadRequest)]
    public void Should_refuse_a_text_when_it_breaks_a_rule(string sent, string expected)
    {
        Assert.Null(MessageText.Check(sent, Most, out var code, out var problem));
        Assert.Equal(expected, code);
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
        Assert.All(problem, c => Assert.True(char.IsAscii(c) && !char.IsControl(c)));
    }

    [Fact]
    public void Should_refuse_a_text_when_it_holds_half_a_surrogate_pair()
    {
        foreach (var sent in new[] { "\uD83D", "a\uDE00b", "a\uD83D\uD83D\uDE00b", "\uDE00\uD83D", "a\uD83D" })
        {
            Assert.Null(MessageText.Check(sent, Most, out var code, out var problem));
            Assert.Equal(ErrorCodes.BadRequest, code);
            Assert.Contains("half a surrogate pair", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Should_refuse_all_control_characters_but_line_feed_and_tab()
    {
        var taken = Enumerable.Range(0, 0x10000)
            .Where(c => char.IsControl((char)c) && MessageText.Check($"x{(char)c}x", Most, out _, out _) is not null);
        Assert.Equal(['\t', '\n'], taken.Select(c => (char)c));
    }

    [Theory]
    [InlineData("a", 4_000, true)]
    [InlineData("a", 4_001, false)]
    [InlineData("😀", 4_000, true)]
    [InlineData("😀", 4_001, false)]
    [InlineData("e\u0301", 2_000, true)]
    [InlineData("e\u0301", 2_001, false)]
    public void Should_count_Unicode_scalars_after_trimming(string unit, int times, bool isGood)
    {
        var text = string.Concat(Enumerable.Repeat(unit, times));
        Assert.Equal(isGood ? text : null, MessageText.Check($"  {text}\n", Most, out var code, out var problem));
        Assert.Equal(isGood ? "" : ErrorCodes.MessageTooLong, code);
        if (!isGood)
            Assert.Contains("at most 4000", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_give_the_same_string_back_when_nothing_is_to_trim()
    {
        const string text = "nothing to trim";
        Assert.Same(text, MessageText.Check(text, Most, out _, out _));
    }
}
