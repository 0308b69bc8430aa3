using System.Diagnostics;
using Xunit;

namespace Chat.Tests.EndToEnd.Terminal.Support;

/// <summary>A fact that needs tmux, which is its terminal; skipped without it, unless <c>CHAT_TEST_REQUIRE_ALL=1</c> has it fail.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TmuxFactAttribute : FactAttribute
{
    public TmuxFactAttribute() => Skip = Tmux.WhyNot;
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TmuxTheoryAttribute : TheoryAttribute
{
    public TmuxTheoryAttribute() => Skip = Tmux.WhyNot;
}

/// <summary>Whether there is a tmux.</summary>
internal static class Tmux
{
    private static readonly Lazy<bool> IsThere = new(Look);

    /// <summary>Why a test of a terminal is skipped; null where it runs.</summary>
    public static string? WhyNot => Required.OrSkip(IsThere.Value, "tmux is missing (Debian: tmux).");

    private static bool Look()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("tmux", ["-V"]) { RedirectStandardOutput = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
