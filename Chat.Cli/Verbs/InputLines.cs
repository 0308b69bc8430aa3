using System.Runtime.CompilerServices;
using System.Text;

namespace Chat.Cli.Verbs;

/// <summary>One line of the input: its text, or what is wrong with it.</summary>
internal readonly record struct InputLine(long Number, string Text, string? Problem = null);

/// <summary>
/// The lines of a stream, read as they are asked for and never held together. CRLF and a byte order mark are tolerated. A line
/// that is too long for any message, or no UTF-8, is named instead of sent.
/// </summary>
internal static class InputLines
{
    /// <summary>The longest line, in bytes: more than any message can have.</summary>
    public const int LongestLine = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static async IAsyncEnumerable<InputLine> ReadAsync(Stream input, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var buffer = new byte[16 * 1024];
        var line = new MemoryStream();
        var number = 1L;
        var isTooLong = false;
        while (true)
        {
            var read = await ReadSomeAsync(input, buffer, cancellation);
            for (var start = 0; start < read;)
            {
                var end = Array.IndexOf(buffer, (byte)'\n', start, read - start);
                var length = (end < 0 ? read : end) - start;
                isTooLong |= line.Length + length > LongestLine;
                if (!isTooLong)
                    line.Write(buffer, start, length);
                start += length + 1;
                if (end < 0)
                    break;
                yield return Take();
            }
            if (read > 0)
                continue;
            if (line.Length > 0 || isTooLong)
                yield return Take();
            yield break;
        }

        InputLine Take()
        {
            var taken = isTooLong
                ? new InputLine(number, "", $"The line has more than {LongestLine} bytes.")
                : Decode(line.GetBuffer().AsSpan(0, (int)line.Length), number);
            line.SetLength(0);
            isTooLong = false;
            number++;
            return taken;
        }
    }

    // A read from a pipe or a terminal can't be called off, so it is left behind instead.
    private static async Task<int> ReadSomeAsync(Stream input, byte[] buffer, CancellationToken cancellation) =>
        await Task.Run(() => input.Read(buffer), CancellationToken.None).WaitAsync(cancellation);

    private static InputLine Decode(ReadOnlySpan<byte> bytes, long number)
    {
        if (number == 1 && bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        if (bytes.EndsWith("\r"u8))
            bytes = bytes[..^1];
        try
        {
            return new InputLine(number, Strict.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            return new InputLine(number, "", "The line is not UTF-8.");
        }
    }
}
