using Xunit;

namespace Chat.Tests.History;

/// <summary>A fact that needs Linux's <c>/proc</c>; skipped elsewhere, unless <c>CHAT_TEST_REQUIRE_ALL=1</c>.</summary>
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("CHAT_TEST_REQUIRE_ALL") != "1")
            Skip = "Needs /proc to see which files are open.";
    }
}
