using System.Text;
using CsCheck;

namespace Chat.Tests.Protocol;

/// <summary>Texts for properties: well-formed Unicode, rich in what JSON, UTF-8 or a terminal could stumble over.</summary>
internal static class AnyText
{
    private const string Awkward = "\"\\/\n\t\r\0\b\f\u001B\u007F\u0085\u2028\u2029\uFEFF\uFFFD\uFFFF";

    public static Gen<string> WellFormed { get; } = Gen.Frequency(
            (6, Gen.Int[0x20, 0x7E]),
            (2, Gen.Int[0, Awkward.Length - 1].Select(i => (int)Awkward[i])),
            (2, Gen.Int[0x80, 0xD7FF]),
            (1, Gen.Int[0xE000, 0xFFFF]),
            (2, Gen.Int[0x10000, 0x10FFFF]))
        .Array[0, 24]
        .Select(runes => string.Concat(runes.Select(value => new Rune(value).ToString())));
}
