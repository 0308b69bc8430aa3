namespace Chat.Tests;

/// <summary>Whether what a test needs and isn't there is a reason to skip it: not with <c>CHAT_TEST_REQUIRE_ALL=1</c>, which has it fail.</summary>
internal static class Required
{
    /// <summary>Nothing is skipped.</summary>
    public static bool IsAll { get; } = Environment.GetEnvironmentVariable("CHAT_TEST_REQUIRE_ALL") == "1";

    /// <summary>Why the test is skipped; null where it is run.</summary>
    public static string? OrSkip(bool isThere, string why) => isThere || IsAll ? null : why;
}
