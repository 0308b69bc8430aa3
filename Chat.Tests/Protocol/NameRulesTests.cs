using System.Diagnostics;
using System.Text;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Protocol;

public sealed class NameRulesTests
{
    [Theory]
    [InlineData("ana")]
    [InlineData("a")]
    [InlineData("7")]
    [InlineData("Ana_Maria.2-x")]
    [InlineData("0._-")]
    [InlineData("José")]
    [InlineData("Jose\u0301")]
    [InlineData("Đặng")]
    [InlineData("Łukasz")]
    [InlineData("Ægir")]
    [InlineData("Ελένη")]
    [InlineData("Владимир")]
    [InlineData("Їжак")]
    [InlineData("დავით")]
    [InlineData("Արամ")]
    [InlineData("שלום")]
    [InlineData("מֹשֶׁה")]
    [InlineData("محمد")]
    [InlineData("عَلِيّ")]
    [InlineData("नमस्ते")]
    [InlineData("தமிழ்")]
    [InlineData("ไทยที่")]
    [InlineData("田中さくら")]
    [InlineData("ユーザー")]
    [InlineData("小明")]
    [InlineData("한글")]
    [InlineData("ᏣᎳᎩ")]
    [InlineData("አማርኛ")]
    [InlineData("𐐔𐐯𐑅")]
    [InlineData("𠜎𠜱")]
    [InlineData("Tokyo東京")]
    [InlineData("пример日本")]
    [InlineData("٣٤٥")]
    [InlineData("a\u0301\u0323b")]
    public void Should_take_a_name_when_it_keeps_the_rules(string name)
    {
        Assert.NotNull(UserName.Parse(name, out var problem));
        Assert.Equal("", problem);
        Assert.NotNull(RoomName.Parse(name, out problem));
        Assert.Equal("", problem);
    }

    [Theory]
    // Empty, and the first character.
    [InlineData("", "can't be empty")]
    [InlineData(".a", "begin with U+002E")]
    [InlineData("_a", "begin with U+005F")]
    [InlineData("-a", "begin with U+002D")]
    [InlineData("..", "begin with U+002E")]
    [InlineData("\u0301a", "begin with U+0301")]
    // What is no letter, mark, digit, dot, underscore or hyphen.
    [InlineData(" ", "U+0020")]
    [InlineData("a b", "U+0020")]
    [InlineData("a\u00A0b", "U+00A0")]
    [InlineData("a/b", "U+002F")]
    [InlineData("a\\b", "U+005C")]
    [InlineData("a%2fb", "U+0025")]
    [InlineData("a@b", "U+0040")]
    [InlineData("a:b", "U+003A")]
    [InlineData("<script>", "U+003C")]
    [InlineData("a\u0000b", "U+0000")]
    [InlineData("a\nb", "U+000A")]
    [InlineData("a\u001b[31m", "U+001B")]
    [InlineData("a\u0085", "U+0085")]
    [InlineData("😀", "U+1F600")]
    [InlineData("a♥", "U+2665")]
    [InlineData("a\u2028", "U+2028")]
    [InlineData("a\u2800", "U+2800")]
    [InlineData("a\uE000", "U+E000")]
    [InlineData("a’b", "U+2019")]
    [InlineData("a·b", "U+00B7")]
    [InlineData("a‐b", "U+2010")]
    [InlineData("a．b", "U+FF0E")]
    [InlineData("Ⅷ", "U+2167")]
    [InlineData("x²", "U+00B2")]
    [InlineData("①", "U+2460")]
    [InlineData("½", "U+00BD")]
    [InlineData("〇", "U+3007")]
    // What can't be seen.
    [InlineData("a\u200Bb", "U+200B, which can't be seen")]
    [InlineData("a\u200D", "U+200D, which can't be seen")]
    [InlineData("a\u202Eb", "U+202E, which can't be seen")]
    [InlineData("a\u2066b", "U+2066, which can't be seen")]
    [InlineData("a\u00AD", "U+00AD, which can't be seen")]
    [InlineData("a\uFEFF", "U+FEFF, which can't be seen")]
    [InlineData("\u3164", "U+3164, which can't be seen")]
    [InlineData("\uFFA0", "U+FFA0, which can't be seen")]
    [InlineData("\u115F", "U+115F, which can't be seen")]
    [InlineData("a\u034F", "U+034F, which can't be seen")]
    [InlineData("a\uFE0F", "U+FE0F, which can't be seen")]
    [InlineData("a\U000E0061", "U+E0061, which can't be seen")]
    [InlineData("a\U000E0100", "U+E0100, which can't be seen")]
    // What isn't assigned, or came later than Unicode 14.0.
    [InlineData("a\u0378", "U+0378, which Unicode 14.0 doesn't have")]
    [InlineData("a\uFFFE", "U+FFFE, which Unicode 14.0 doesn't have")]
    [InlineData("a\uFDD0", "U+FDD0, which Unicode 14.0 doesn't have")]
    [InlineData("a\U0010FFFF", "U+10FFFF, which Unicode 14.0 doesn't have")]
    [InlineData("\u1C89", "U+1C89, which Unicode 14.0 doesn't have")]
    [InlineData("\U00031350", "U+31350, which Unicode 14.0 doesn't have")]
    // Marks.
    [InlineData("a\u0316\u0317\u0318", "U+0318 is one more")]
    [InlineData("z\u0301\u0302\u0303\u0304\u0305", "marks in a row")]
    [InlineData("İ\u0316\u0317", "marks in a row")]
    // Two scripts that look alike.
    [InlineData("pаypal", "mix Latin and Cyrillic letters, and U+0430 is Cyrillic")]
    [InlineData("αa", "mix Greek and Latin letters, and U+0061 is Latin")]
    [InlineData("aα", "mix Latin and Greek")]
    [InlineData("яω", "mix Cyrillic and Greek")]
    [InlineData("日aя", "mix Latin and Cyrillic")]
    [InlineData("µTorrent", "mix Greek and Latin")]
    [InlineData("𝐀Ω", "mix Latin and Greek")]
    // Good letters that stand for what isn't allowed.
    [InlineData("\uFDFA", "U+FDFA, as it stands for U+0020")]
    [InlineData("a\u037A", "U+037A, as it stands for U+0020")]
    [InlineData("\u0E33\uFE70", "U+FE70, as it stands for U+0020")]
    public void Should_refuse_a_name_and_say_which_rule_when_it_breaks_one(string name, string rule)
    {
        Assert.Null(UserName.Parse(name, out var problem));
        Assert.Contains(rule, problem, StringComparison.Ordinal);
        Assert.StartsWith("A username ", problem, StringComparison.Ordinal);
        Assert.Null(RoomName.Parse(name, out problem));
        Assert.Contains(rule, problem, StringComparison.Ordinal);
        Assert.StartsWith("A room's name ", problem, StringComparison.Ordinal);
        Assert.All(problem, c => Assert.True(char.IsAscii(c) && !char.IsControl(c)));
    }

    // Not in the table above: an attribute's text is kept as UTF-8, which has no half pairs. .NET's Normalize throws on them.
    [Fact]
    public void Should_refuse_a_name_when_it_holds_half_a_surrogate_pair()
    {
        (string Name, string Half)[] names =
        [
            ("\uD800", "U+D800"), ("a\uDC00b", "U+DC00"), ("é\uD83D", "U+D83D"), ("a\uDE00\uD83D", "U+DE00"), ("\uD83D\uD83D\uDE00", "U+D83D"),
        ];
        foreach (var (name, half) in names)
        {
            Assert.Null(UserName.Parse(name, out var problem));
            Assert.Contains($"{half}, which is half of a surrogate pair", problem, StringComparison.Ordinal);
            Assert.Null(RoomName.Parse(name, out problem));
            Assert.Contains($"{half}, which is half of a surrogate pair", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Should_refuse_null_when_no_name_is_given()
    {
        Assert.Null(UserName.Parse(null, out var problem));
        Assert.Contains("can't be empty", problem, StringComparison.Ordinal);
        Assert.Null(RoomName.Parse(null, out problem));
        Assert.Contains("can't be empty", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", 32, true)]
    [InlineData("a", 33, false)]
    [InlineData("é", 32, true)]
    [InlineData("e\u0301", 32, true)]
    [InlineData("é", 33, false)]
    [InlineData("𐐔", 32, true)]
    [InlineData("𐐔", 33, false)]
    [InlineData("한", 32, true)]
    [InlineData("\u1112\u1161\u11AB", 32, true)]
    [InlineData("\u1112\u1161\u11AB", 33, false)]
    // Four characters that are one when composed.
    [InlineData("α\u0313\u0300\u0345", 16, true)]
    // Two characters when folded, and the limit is for both forms.
    [InlineData("ß", 16, true)]
    [InlineData("ß", 17, false)]
    [InlineData("㎏", 1, false)]
    public void Should_count_a_usernames_scalars_both_as_typed_and_folded(string unit, int times, bool isGood)
    {
        var name = UserName.Parse(string.Concat(Enumerable.Repeat(unit, times)), out var problem);
        Assert.Equal(isGood, name is not null);
        Assert.Equal(isGood, problem.Length == 0);
    }

    [Theory]
    [InlineData("a", 64, true)]
    [InlineData("a", 65, false)]
    [InlineData("é", 32, true)]
    [InlineData("é", 33, false)]
    [InlineData("한", 21, true)]
    [InlineData("한", 22, false)]
    [InlineData("𐐔", 16, true)]
    [InlineData("𐐔", 17, false)]
    [InlineData("ß", 32, true)]
    [InlineData("ß", 33, false)]
    // Four bytes each as typed, one when folded.
    [InlineData("𝐀", 64, true)]
    [InlineData("𝐀", 65, false)]
    // Each letter four characters as typed, and eight times three bytes and two when folded.
    [InlineData("α\u0313\u0300\u0345", 12, true)]
    [InlineData("α\u0313\u0300\u0345", 13, false)]
    public void Should_count_a_rooms_bytes_of_UTF8_when_folded(string unit, int times, bool isGood)
    {
        var name = RoomName.Parse(string.Concat(Enumerable.Repeat(unit, times)), out var problem);
        Assert.Equal(isGood, name is not null);
        Assert.Equal(isGood, problem.Length == 0);
    }

    [Fact]
    public void Should_refuse_at_no_cost_when_the_name_is_very_long()
    {
        string[] names = [new('a', 65_536), new('\uFDFA', 65_536), string.Concat(Enumerable.Repeat("e\u0301\u0316", 21_845)), new('\uD800', 65_536)];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        foreach (var name in names)
        {
            Assert.Null(UserName.Parse(name, out var problem));
            Assert.Contains("at most 32 characters", problem, StringComparison.Ordinal);
            Assert.Null(RoomName.Parse(name, out problem));
            Assert.Contains("at most 64 bytes", problem, StringComparison.Ordinal);
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 64 * 1024);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
    }

    [Fact]
    public void Should_show_a_username_as_typed_in_NFC_and_compare_it_folded()
    {
        var typed = UserName.Parse("Jose\u0301", out _)!.Value;
        var other = UserName.Parse("JOSÉ", out _)!.Value;
        Assert.Equal("José", typed.Value);
        Assert.Equal("José", typed.ToString());
        Assert.Equal("josé", typed.Folded);
        Assert.Equal("JOSÉ", other.Value);
        Assert.Equal(typed, other);
        Assert.Equal(typed.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(typed, UserName.Parse("Jose", out _)!.Value);
    }

    [Fact]
    public void Should_be_empty_and_not_null_when_a_name_was_never_parsed()
    {
        Assert.Equal("", default(UserName).Value);
        Assert.Equal("", default(UserName).Folded);
        Assert.Equal(default, default(UserName));
        Assert.Equal(0, default(UserName).GetHashCode() - "".GetHashCode(StringComparison.Ordinal));
        Assert.Equal("", default(RoomName).Value);
    }

    [Fact]
    public void Should_hold_nothing_forbidden_when_a_username_is_shown()
    {
        foreach (var rune in Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(value => new Rune(value)))
        {
            if (UserName.Parse("0" + rune, out _) is not { } name)
                continue;
            Assert.Equal(("0" + rune).Normalize(), name.Value);
            // What is shown may be typed again. (CJK ideographs and Hangul syllables are many, and no two differ in this.)
            if (rune.Value is >= 0x3400 and <= 0xD7A3 or >= 0x17000 and <= 0x18CD5 or >= 0x20000)
                continue;
            Assert.Equal(name.Value, UserName.Parse(name.Value, out _)?.Value);
            Assert.Equal(name.Folded, UserName.Parse(name.Folded, out _)?.Folded);
        }
    }
}
