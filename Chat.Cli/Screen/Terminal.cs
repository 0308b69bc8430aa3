using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Chat.Cli.Verbs;
using Microsoft.Win32.SafeHandles;

namespace Chat.Cli.Screen;

/// <summary>
/// The terminal as a full screen of cells. Only rows that changed are written, all in one write, and none while nothing
/// changes. Nothing is asked of the terminal, so that one that answers nothing does as well.
/// </summary>
internal sealed class Terminal : IDisposable
{
    // The other screen, pastes in one piece, no wrapping at the edge.
    private const string Enter = "\e[?1049h\e[?2004h\e[?7l\e[2J";
    private const string Exit = "\e[?7h\e[?2004l\e[0m\e[?25h\e[?1049l";

    // Terminals that know synchronised updates show a frame at once; the others ignore it.
    private const string BeginFrame = "\e[?2026h\e[?25l";
    private const string EndFrame = "\e[?25h\e[?2026l";

    private readonly TerminalMode _mode;
    private readonly Stream _output = StandardOutput.Open();
    private readonly Palette _palette;
    private readonly PosixSignalRegistration? _resized;
    private string[] _shown = [];
    private (int X, int Y) _caret;
    private (int Width, int Height) _size;

    /// <summary>Takes the terminal.</summary>
    /// <param name="palette">The colours that it has.</param>
    /// <param name="resized">Called when its size changes, on any thread.</param>
    public Terminal(Palette palette, Action resized)
    {
        _palette = palette;
        _size = Size;
        _mode = TerminalMode.Raw();
        _resized = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => resized());
        Write(Enter);
    }

    /// <summary>Its size now.</summary>
    public static (int Width, int Height) Size => (Math.Max(20, Console.WindowWidth), Math.Max(6, Console.WindowHeight));

    /// <summary>Shows a picture.</summary>
    public void Show(Canvas canvas, (int X, int Y) caret, bool redraw)
    {
        var frame = new StringBuilder();
        if (redraw || _size != (canvas.Width, canvas.Height) || _shown.Length != canvas.Height)
        {
            (_size, _shown) = ((canvas.Width, canvas.Height), new string[canvas.Height]);
            frame.Append("\e[0m\e[2J");
        }
        for (var y = 0; y < canvas.Height; y++)
        {
            var row = canvas.Row(y, _palette);
            if (row == _shown[y])
                continue;
            _shown[y] = row;
            frame.Append(row);
        }
        if (frame.Length == 0 && caret == _caret)
            return;
        _caret = caret;
        Write($"{BeginFrame}{frame}{string.Create(CultureInfo.InvariantCulture, $"\e[{caret.Y + 1};{caret.X + 1}H")}{EndFrame}");
    }

    /// <summary>Gives on what is typed, in pieces, until the terminal is gone. Never returns before.</summary>
    public static void ReadInput(Action<byte[]> received)
    {
        using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        var buffer = new byte[4096];
        try
        {
            while (input.Read(buffer) is var read and > 0)
                received(buffer[..read]);
        }
        catch (IOException)
        {
            // As good as an end.
        }
        received([]);
    }

    public void Dispose()
    {
        _resized?.Dispose();
        try
        {
            Write(Exit);
        }
        catch (IOException)
        {
            // The terminal is gone.
        }
        _mode.Dispose();
    }

    private void Write(string text) => _output.Write(Encoding.UTF8.GetBytes(text));
}
