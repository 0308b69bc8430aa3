using System.Text;
using Chat.Cli.Text;

namespace Chat.Cli.Verbs;

/// <summary>Where a verb reads from and writes to. Every line is handed on at once.</summary>
internal sealed class ScriptIo(Stream input, Stream output, TextWriter errors, bool isTerminal)
{
    private readonly Lock _writing = new();

    public Stream Input => input;

    /// <summary>Writes a line for people, made safe for a terminal.</summary>
    public void WriteLine(string line) => Write(Encoding.UTF8.GetBytes(SafeText.Line(line)));

    /// <summary>Writes an event as it came; to a terminal with what would drive it escaped.</summary>
    public void WriteJson(ReadOnlyMemory<byte> json) => Write(isTerminal ? SafeJson.ForTerminal(json) : SafeJson.Line(json));

    /// <summary>Says what went wrong, or what is worth knowing, on standard error.</summary>
    public void Say(string sentence)
    {
        lock (_writing)
        {
            errors.WriteLine("chat: " + SafeText.Line(sentence));
            errors.Flush();
        }
    }

    private void Write(ReadOnlyMemory<byte> line)
    {
        var bytes = new byte[line.Length + 1];
        line.Span.CopyTo(bytes);
        bytes[^1] = (byte)'\n';
        try
        {
            lock (_writing)
            {
                output.Write(bytes);
                output.Flush();
            }
        }
        catch (IOException closed)
        {
            throw new OutputClosedException(closed);
        }
    }
}
