using Chat.Tests.Build;
using Xunit;

namespace Chat.Tests.EndToEnd.Browser.Support;

/// <summary>A fact that needs Chromium; skipped without it, unless <c>CHAT_TEST_REQUIRE_ALL=1</c> has it fail.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Chromium.WhyNot;
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Chromium.WhyNot;
}

/// <summary>A theory that needs axe-core as well.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AxeTheoryAttribute : TheoryAttribute
{
    public AxeTheoryAttribute() => Skip = Chromium.WhyNot ?? Axe.WhyNot;
}

/// <summary>The browser of the tests: the system's own.</summary>
internal static class Chromium
{
    public const string Path = "/usr/bin/chromium";

    /// <summary>Why a test in a browser is skipped; null where it runs.</summary>
    public static string? WhyNot => Required.OrSkip(File.Exists(Path), $"{Path} is missing (Debian: chromium).");
}

/// <summary>The checker of what the page is to those who don't see it or don't use a mouse.</summary>
internal static class Axe
{
    private static readonly string File = System.IO.Path.Combine(
        DotnetCommand.Root, "Chat.Tests", "EndToEnd", "Browser", "node_modules", "axe-core", "axe.min.js");

    public static string? WhyNot => Required.OrSkip(System.IO.File.Exists(File), "axe-core is missing (npm ci --prefix Chat.Tests/EndToEnd/Browser).");

    public static string Source => System.IO.File.ReadAllText(File);
}
