using System.Globalization;

namespace Chat.Tests;

/// <summary>
/// Which mutated frames, requests and handshakes are tried: <c>CHAT_FRAMES</c> says how many, <c>CHAT_FIRST_FRAME</c> the seed of the first. Each
/// has a seed of its own, so that one that fails can be tried alone.
/// </summary>
internal static class MutationSeeds
{
    /// <summary>How many are tried; a test's own number unless told.</summary>
    public static int Count(int preset) => Number("CHAT_FRAMES") ?? preset;

    /// <summary>The first; any unless told.</summary>
    public static int First() => Number("CHAT_FIRST_FRAME") ?? Random.Shared.Next(1 << 30);

    /// <summary>The first; a test's own unless told.</summary>
    public static int First(int preset) => Number("CHAT_FIRST_FRAME") ?? preset;

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
