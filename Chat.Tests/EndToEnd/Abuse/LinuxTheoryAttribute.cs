using Xunit;

namespace Chat.Tests.EndToEnd.Abuse;

/// <summary>A theory that needs Linux's <c>/proc</c>; skipped elsewhere, unless <c>CHAT_TEST_REQUIRE_ALL=1</c>.</summary>
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("CHAT_TEST_REQUIRE_ALL") != "1")
            Skip = "Needs /proc to see how much memory the gateway has.";
    }
}
