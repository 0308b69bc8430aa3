using Xunit;

namespace Chat.Tests;

/// <summary>Skips elsewhere what Linux alone has, unless <c>CHAT_TEST_REQUIRE_ALL=1</c> has it fail there.</summary>
internal static class Linux
{
    public const string ProcFolder = "/proc, to see which files are open";
    public const string ProcMemory = "/proc, to see how much memory the gateway has";
    public const string Epoll = "epoll, which the load and the limit are made with";

    /// <summary>Why a test that needs this is skipped; null where it is run.</summary>
    public static string? Missing(string need) => Required.OrSkip(OperatingSystem.IsLinux(), $"Needs Linux's {need}.");
}

/// <summary>A fact that needs something of <see cref="Linux"/>.</summary>
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(string need) => Skip = Linux.Missing(need);
}

/// <summary>A theory that needs something of <see cref="Linux"/>.</summary>
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute(string need) => Skip = Linux.Missing(need);
}
