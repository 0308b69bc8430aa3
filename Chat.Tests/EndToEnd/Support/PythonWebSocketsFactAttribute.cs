using System.Diagnostics;
using Xunit;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>
/// A test that needs Python's <c>websockets</c>: skipped where it is missing, unless <c>CHAT_TEST_REQUIRE_ALL=1</c> has it fail
/// there.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Chat.Tests.History.Contract.StoreFactDiscoverer", "Chat.Tests")]
public sealed class PythonWebSocketsFactAttribute : FactAttribute
{
    // Debian's package is for the system's own Python.
    private static readonly string[] Candidates = ["/usr/bin/python3", "python3"];

    private static readonly Lazy<string?> Found = new(() => Array.Find(Candidates, HasWebSockets));

    public PythonWebSocketsFactAttribute() =>
        Skip = Required.OrSkip(Found.Value is not null, "Python's websockets is missing (Debian: python3-websockets).");

    /// <summary>The Python that has it.</summary>
    public static string Python => Found.Value ?? Candidates[0];

    private static bool HasWebSockets(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import websockets"]) { RedirectStandardError = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
