using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Chat.Tests.EndToEnd.Support;

namespace Chat.Tests.EndToEnd.Terminal.Support;

/// <summary>The <c>chat</c> that was built with these tests, and the surroundings that it is run in.</summary>
internal static class ChatProgram
{
    private const int SignalTerm = 15;

    /// <summary>The login name of its user.</summary>
    public const string LoginName = "login.name";

    /// <summary>The command that runs it.</summary>
    public static string[] Command { get; } = [GatewayBinary.Host, Path.Combine(AppContext.BaseDirectory, "chat.dll")];

    /// <summary>How to start a program that is, or starts, a chat with this server.</summary>
    public static ProcessStartInfo Start(string server, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
        };
        // Settings of whoever runs the tests are none of theirs, nor is a tmux that they run in.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("CHAT_", StringComparison.Ordinal) || name is "TMUX" or "TMUX_PANE" or "NO_COLOR").ToArray())
            start.Environment.Remove(name);
        start.Environment["CHAT_SERVER"] = server;
        start.Environment["USER"] = LoginName;
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["TZ"] = "UTC";
        return start;
    }

    /// <summary>Asks a process to end (SIGTERM).</summary>
    public static void Terminate(int process) => _ = Kill(process, SignalTerm);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
