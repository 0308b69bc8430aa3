using System.Text;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Conformance;

/// <summary>Section 8.1: text is UTF-8, as a whole message and however it is cut.</summary>
public sealed class Utf8Tests(GatewayFixture chat) : ConformanceTests(chat)
{
    /// <summary>The first and last of each length of sequence, what stands beside the surrogates, and what is no character.</summary>
    public static TheoryData<string, string> Valid => new()
    {
        { "U+007F", "7F" },
        { "U+0080", "C280" },
        { "U+07FF", "DFBF" },
        { "U+0800", "E0A080" },
        { "U+1000", "E18080" },
        { "U+D7FF, before the surrogates", "ED9FBF" },
        { "U+E000, behind the surrogates", "EE8080" },
        { "U+FEFF, no byte order mark here", "EFBBBF" },
        { "U+FFFD", "EFBFBD" },
        { "U+FFFE, no character", "EFBFBE" },
        { "U+FFFF, no character", "EFBFBF" },
        { "U+10000", "F0908080" },
        { "U+1FFFF, no character", "F09FBFBF" },
        { "U+3FFFF, no character", "F0BFBFBF" },
        { "U+40000", "F1808080" },
        { "U+FFFFF, no character", "F3BFBFBF" },
        { "U+100000", "F4808080" },
        { "U+10FFFF, the last", "F48FBFBF" },
        { "κόσμε", "CEBAE1BDB9CF83CEBCCEB5" },
        { "one of each length", "41C3A9E282ACF09F9880" },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Should_read_a_text_when_it_is_UTF8_however_it_is_cut__8_1(string rule, string hex)
    {
        var text = RequestWith(Convert.FromHexString(hex));
        await ReadsAsync(rule, RawWire.Encode(RawWire.Text, text));
        await ReadsAsync($"{rule}, a fragment for each byte", Fragments(text, 1));
        await ReadsAsync($"{rule}, each byte by itself", Chopped(RawWire.Encode(RawWire.Text, text)));
    }

    /// <summary>What is no UTF-8 (RFC 3629).</summary>
    public static TheoryData<string, string> Invalid => new()
    {
        { "a continuation byte alone", "80" },
        { "the last continuation byte alone", "BF" },
        { "continuation bytes alone", "808182BDBEBF" },
        { "FE", "FE" },
        { "FF", "FF" },
        { "FE FE FF FF", "FEFEFFFF" },
        { "the first of two bytes alone", "C3" },
        { "the first of two bytes before ASCII", "C328" },
        { "two of three bytes", "E282" },
        { "one of three bytes before ASCII", "E22820" },
        { "two of three bytes before ASCII", "E28228" },
        { "three of four bytes", "F09F98" },
        { "one of four bytes before ASCII", "F0289820" },
        { "three of four bytes before ASCII", "F09F9828" },
        { "U+002F in two bytes", "C0AF" },
        { "U+002F in three bytes", "E080AF" },
        { "U+002F in four bytes", "F08080AF" },
        { "U+0000 in two bytes", "C080" },
        { "U+0000 in three bytes", "E08080" },
        { "U+0000 in four bytes", "F0808080" },
        { "U+007F in two bytes", "C1BF" },
        { "U+07FF in three bytes", "E09FBF" },
        { "U+FFFF in four bytes", "F08FBFBF" },
        { "U+D800, the first surrogate", "EDA080" },
        { "U+DBFF", "EDAFBF" },
        { "U+DC00", "EDB080" },
        { "U+DFFF, the last surrogate", "EDBFBF" },
        { "surrogates in a pair", "EDA081EDB080" },
        { "U+110000", "F4908080" },
        { "U+13FFFF", "F4BFBFBF" },
        { "F5", "F5808080" },
        { "five bytes", "F888808080" },
        { "six bytes", "FC8480808080" },
        { "U+7FFFFFFF", "FDBFBFBFBFBF" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Should_close_1007_when_a_text_is_not_UTF8_however_it_is_cut__8_1(string rule, string hex)
    {
        var text = RequestWith(Convert.FromHexString(hex));
        await FailsAsync(rule, 1007, RawWire.Encode(RawWire.Text, text));
        await FailsAsync($"{rule}, a fragment for each byte", 1007, Fragments(text, 1));
        await FailsAsync($"{rule}, each byte by itself", 1007, Chopped(RawWire.Encode(RawWire.Text, text)));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public Task Should_close_1007_when_a_text_is_not_UTF8_from_its_first_byte__8_1(string rule, string hex) =>
        FailsAsync(rule, 1007, RawWire.Encode(RawWire.Text, Convert.FromHexString(hex)));

    // What can't become UTF-8 any more needn't come to its end.
    [Fact]
    public Task Should_close_1007_when_a_fragment_can_not_become_UTF8_any_more__8_1() =>
        FailsAsync("not the last", 1007, RawWire.Encode(RawWire.Text, RequestWith([0xF4, 0x90]), isFinal: false));

    [Theory]
    [InlineData("C3")]
    [InlineData("E282")]
    [InlineData("F09F98")]
    public async Task Should_close_1007_when_the_last_fragment_leaves_a_character_cut__8_1(string hex)
    {
        byte[] text = [.. Encoding.ASCII.GetBytes("cut"), .. Convert.FromHexString(hex)];
        await FailsAsync("in the last", 1007, [.. Fragments(text, 2)]);
        await FailsAsync("before an empty last", 1007, RawWire.Encode(RawWire.Text, text, isFinal: false), RawWire.Encode(RawWire.Continuation, []));
        await FailsAsync("before empty ones", 1007,
            RawWire.Encode(RawWire.Text, text, isFinal: false), RawWire.Encode(RawWire.Continuation, [], isFinal: false), RawWire.Encode(RawWire.Continuation, []));
    }
}
