using System.Text;
using Chat.Cli.Text;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain ASCII: ~!@#$%^&*()_+{}|\"<>?`-=[]\\;',./", "plain ASCII: ~!@#$%^&*()_+{}|\"<>?`-=[]\\;',./")]
    [InlineData("grüße, Ελλάδα, Привет, שלום, العربية, हिन्दी, 日本語, 한국어, ไทย", "grüße, Ελλάδα, Привет, שלום, العربية, हिन्दी, 日本語, 한국어, ไทย")]
    [InlineData("cafe\u0301", "cafe\u0301")]
    [InlineData("👍🏽 👨‍👩‍👧 🏳️‍🌈 ❤️‍🔥 1️⃣ 🇦🇹", "👍🏽 👨‍👩‍👧 🏳️‍🌈 ❤️‍🔥 1️⃣ 🇦🇹")]
    [InlineData("می‌خواهم क्‍ष", "می‌خواهم क्‍ष")]
    public void Should_be_left_as_it_is_when_it_is_harmless(string text, string shown) => Assert.Equal(shown, SafeText.Line(text));

    [Theory]
    [InlineData("\e[31mred\e[0m", "␛[31mred␛[0m")]
    [InlineData("\e]0;title\a", "␛]0;title␇")]
    [InlineData("\e]52;c;aGk=\e\\", "␛]52;c;aGk=␛\\")]
    [InlineData("\eP1;2|x\e\\", "␛P1;2|x␛\\")]
    [InlineData("\0\b\t\n\v\f\r\x0E\x0F\x7F", "␀␈␉␊␋␌␍␎␏␡")]
    [InlineData("a\r\nb", "a␍␊b")]
    [InlineData("\u009B31m", "<U+009B>31m")]
    [InlineData("\u009D0;title\u009C", "<U+009D>0;title<U+009C>")]
    [InlineData("\u0085next", "<U+0085>next")]
    public void Should_be_shown_when_it_would_drive_the_terminal(string text, string shown) => Assert.Equal(shown, SafeText.Line(text));

    [Theory]
    [InlineData("\u202Egnp.exe", "<U+202E>gnp.exe")]
    [InlineData("\u202A\u202B\u202C\u202D\u202E", "<U+202A><U+202B><U+202C><U+202D><U+202E>")]
    [InlineData("\u2066\u2067\u2068\u2069", "<U+2066><U+2067><U+2068><U+2069>")]
    [InlineData("\u200E\u200F\u061C", "<U+200E><U+200F><U+061C>")]
    [InlineData("a\u2028b\u2029c", "a<U+2028>b<U+2029>c")]
    public void Should_be_shown_when_it_would_reorder_or_break_the_line(string text, string shown) => Assert.Equal(shown, SafeText.Line(text));

    [Theory]
    [InlineData("ad\u200Bmin", "ad<U+200B>min")]
    [InlineData("ad\u200Cmin\u200D", "ad<U+200C>min<U+200D>")]
    [InlineData("\uFEFFa\u2060b\u00ADc", "<U+FEFF>a<U+2060>b<U+00AD>c")]
    [InlineData("a\u034Fb\u115Fc\u1160d\u3164e\uFFA0", "a<U+034F>b<U+115F>c<U+1160>d<U+3164>e<U+FFA0>")]
    [InlineData("a\u180E\u17B4", "a<U+180E><U+17B4>")]
    [InlineData("a\uFE0Fb\uFE00", "a<U+FE0F>b<U+FE00>")]
    [InlineData("1\uFE0F", "1<U+FE0F>")]
    [InlineData("a\u200D👧", "a<U+200D>👧")]
    [InlineData("x\U000E0041\U000E0100\U0001D173", "x<U+E0041><U+E0100><U+1D173>")]
    [InlineData("\uFFF9\uFFFB", "<U+FFF9><U+FFFB>")]
    public void Should_be_shown_when_it_would_not_be_seen(string text, string shown) => Assert.Equal(shown, SafeText.Line(text));

    [Fact]
    public void Should_be_shown_when_it_is_no_text()
    {
        Assert.Equal("a<U+D83D>b<U+DE00>", SafeText.Line("a\uD83Db\uDE00"));
        Assert.Equal("<U+FFFE><U+FFFF><U+FDD0><U+1FFFE>", SafeText.Line("\uFFFE\uFFFF\uFDD0\U0001FFFE"));
    }

    [Fact]
    public void Should_keep_a_mark_on_its_own_text()
    {
        Assert.Equal("\u25CC\u0301a", SafeText.Line("\u0301a"));
        Assert.Equal("a" + new string('\u0301', 8) + "<U+0301><U+0301>b", SafeText.Line("a" + new string('\u0301', 10) + "b"));
    }

    [Fact]
    public void Should_know_the_flags_that_are_spelt_in_tags()
    {
        const string Scotland = "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F";
        Assert.Equal(Scotland + "!", SafeText.Line(Scotland + "!"));
        Assert.Equal("\U0001F3F4<U+E0068><U+E0069>", SafeText.Line("\U0001F3F4\U000E0068\U000E0069"));
    }

    [Fact]
    public void Should_part_lines_and_make_tabs_spaces() =>
        Assert.Equal(["one", "    two", "␛three"], SafeText.Lines("one\n\ttwo\n\ethree"));

    [Fact]
    public void Should_leave_nothing_that_drives_a_terminal_of_any_code_point()
    {
        for (var value = 0; value <= 0x10FFFF; value++)
        {
            if (!Rune.TryCreate(value, out var rune))
                continue;
            var shown = SafeText.Line("a" + rune + "b");
            Assert.DoesNotContain(shown.EnumerateRunes(), CodePoints.IsDriving);
            Assert.StartsWith("a", shown, StringComparison.Ordinal);
            Assert.EndsWith("b", shown, StringComparison.Ordinal);
        }
    }
}
