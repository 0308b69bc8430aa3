using System.Runtime.InteropServices;

namespace Chat.Cli.Screen;

/// <summary>Gives every key to the program as it is pressed, unprocessed, until disposed.</summary>
internal sealed class TerminalMode : IDisposable
{
    private readonly Action _restore;

    private TerminalMode(Action restore) => _restore = restore;

    public static TerminalMode Raw() => new(OperatingSystem.IsWindows() ? RawOnWindows() : RawOnUnix());

    public void Dispose() => _restore();

    // A struct termios differs from system to system; the C library alone looks into it.
    private static Action RawOnUnix()
    {
        const int Now = 0;
        var before = new byte[256];
        if (tcgetattr(0, before) != 0)
            return () => { };
        var raw = (byte[])before.Clone();
        cfmakeraw(raw);
        _ = tcsetattr(0, Now, raw);
        return () => _ = tcsetattr(0, Now, before);
    }

    private static Action RawOnWindows()
    {
        const uint VirtualTerminalInput = 0x200;
        const uint ProcessedAndVirtualTerminalOutput = 0x1 | 0x4;
        var (input, output) = (GetStdHandle(-10), GetStdHandle(-11));
        if (!GetConsoleMode(input, out var inputBefore) || !GetConsoleMode(output, out var outputBefore))
            return () => { };
        SetConsoleMode(input, VirtualTerminalInput);
        SetConsoleMode(output, outputBefore | ProcessedAndVirtualTerminalOutput);
        return () =>
        {
            SetConsoleMode(input, inputBefore);
            SetConsoleMode(output, outputBefore);
        };
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int tcgetattr(int descriptor, byte[] termios);

    [DllImport("libc", SetLastError = true)]
    private static extern int tcsetattr(int descriptor, int when, byte[] termios);

    [DllImport("libc")]
    private static extern void cfmakeraw(byte[] termios);

    [DllImport("kernel32.dll", SetLastError = true)]
    private static extern nint GetStdHandle(int which);

    [DllImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool GetConsoleMode(nint handle, out uint mode);

    [DllImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool SetConsoleMode(nint handle, uint mode);
}
