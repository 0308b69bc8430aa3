using Microsoft.Win32.SafeHandles;

namespace Chat.Cli.Verbs;

/// <summary>
/// Standard output without the framework's kindness: <c>Console.Out</c> takes a closed pipe for success, so that
/// <c>chat listen | head -1</c> would go on for ever. Here the write fails.
/// </summary>
internal static class StandardOutput
{
    public static Stream Open() => OperatingSystem.IsWindows()
        ? Console.OpenStandardOutput()
        : new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
}
