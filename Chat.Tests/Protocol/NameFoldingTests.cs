using System.Security.Cryptography;
using System.Text;
using Chat.Protocol;
using CsCheck;
using Xunit;

namespace Chat.Tests.Protocol;

public sealed class NameFoldingTests
{
    [Theory]
    [InlineData("GENERAL", "general")]
    [InlineData("Straße", "strasse")]
    [InlineData("STRASSE", "strasse")]
    [InlineData("STRAẞE", "strasse")]
    [InlineData("İzmir", "i\u0307zmir")]
    [InlineData("I\u0307zmir", "i\u0307zmir")]
    [InlineData("ısı", "ısı")]
    [InlineData("ΟΔΥΣΣΕΥΣ", "οδυσσευσ")]
    [InlineData("Οδυσσεύς", "οδυσσεύσ")]
    [InlineData("ᾼ", "αι")]
    [InlineData("ᾂ", "ἂι")]
    [InlineData("ῇ", "ῆι")]
    [InlineData("ΰ", "ΰ")]
    [InlineData("ϐ", "β")]
    [InlineData("ꮳꮃꭹ", "ᏣᎳᎩ")]
    [InlineData("ᏣᎳᎩ", "ᏣᎳᎩ")]
    [InlineData("ᏸ", "Ᏸ")]
    [InlineData("ﬁn", "fin")]
    [InlineData("ſtar", "star")]
    [InlineData("ﬅ", "st")]
    [InlineData("ŉ", "ʼn")]
    [InlineData("ǅ", "dž")]
    [InlineData("Ａｎａ９", "ana9")]
    [InlineData("ｶﾞ", "ガ")]
    [InlineData("\u212Aelvin", "kelvin")]
    [InlineData("\u212Bngström", "ångström")]
    [InlineData("\u2126", "ω")]
    [InlineData("\u00B5", "μ")]
    [InlineData("𝐀𝓃𝕒", "ana")]
    [InlineData("ª", "a")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글")]
    [InlineData("ﾡ", "ᄀ")]
    [InlineData("é", "é")]
    [InlineData("E\u0301", "é")]
    [InlineData("q\u0323\u0307", "q\u0323\u0307")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("𐐀", "𐐨")]
    [InlineData("Ა", "ა")]
    [InlineData("Ⴀ", "ⴀ")]
    [InlineData("ﷲ", "الله")]
    [InlineData("豈", "豈")]
    [InlineData("٣", "٣")]
    public void Should_fold_a_rooms_name(string typed, string folded)
    {
        Assert.Equal(folded, RoomName.Parse(typed, out var problem)?.Value);
        Assert.Equal("", problem);
    }

    // Made with Python 3.11 (Unicode 14.0) and Perl 5.36 (the same), which share no code with what is tested here: for each
    // code point c of which "0" + c keeps the rules, the line "<c in hex> <NFC(casefold(NFKC("0" + c)))>".
    [Fact]
    public void Should_take_and_fold_every_character_as_Unicode_says()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var taken = 0;
        for (var c = 0; c <= 0x10FFFF; c++)
        {
            if (!Rune.IsValid(c) || RoomName.Parse("0" + new Rune(c), out _) is not { } name)
                continue;
            taken++;
            hash.AppendData(Encoding.UTF8.GetBytes($"{c:X} {name.Value}\n"));
        }
        Assert.Equal(134_539, taken);
        Assert.Equal("5892cee733cc7ab8318a7b7129503266abcc7b0bc7f1b69547f011fc9405ed44", Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public void Should_give_the_folded_name_again_when_it_is_folded_again()
    {
        var character = Gen.OneOf(
            Gen.Int[0x20, 0x7E], Gen.Int[0xC0, 0x24F], Gen.Int[0x300, 0x345], Gen.Int[0x370, 0x52F], Gen.Int[0x5D0, 0x6FF], Gen.Int[0x1100, 0x13FD],
            Gen.Int[0x1E00, 0x1FFC], Gen.Int[0x2C00, 0x2DFF], Gen.Int[0xA640, 0xABBF], Gen.Int[0xF900, 0xFFFD], Gen.Int[0x10400, 0x10FFF], Gen.Int[0x1D400, 0x1D7FF]);
        character.Array[1, 6].Sample(
            characters =>
            {
                var typed = string.Concat(characters.Select(c => new Rune(c).ToString()));
                if (RoomName.Parse(typed, out _) is { } room && RoomName.Parse(room.Value, out _)?.Value != room.Value)
                    return false;
                if (UserName.Parse(typed, out _) is not { } user)
                    return true;
                return UserName.Parse(user.Value, out _)?.Value == user.Value && UserName.Parse(user.Folded, out _)?.Folded == user.Folded
                    && user.Value.Normalize() == user.Value;
            },
            iter: 50_000, threads: 1);
    }

    [Fact]
    public void Should_not_throw_when_the_name_is_any_text() =>
        Gen.Char.Array[0, 40].Sample(
            characters =>
            {
                var isUser = UserName.Parse(new string(characters), out var problem) is not null;
                return isUser == (problem.Length == 0);
            },
            iter: 50_000, threads: 1);

    [Fact]
    public void Should_give_the_same_string_back_when_it_is_folded_already()
    {
        const string name = "general";
        Assert.Same(name, RoomName.Parse(name, out _)?.Value);
    }
}
