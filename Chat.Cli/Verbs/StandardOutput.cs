using System.Runtime.InteropServices;

namespace Chat.Cli.Verbs;

/// <summary>
/// Standard output as <c>write(2)</c> has it. The framework's own takes a closed pipe for success, so that
/// <c>chat listen | head -1</c> would go on for ever; and a FileStream writes to a file at a place of its own, over what others
/// write to the same file.
/// </summary>
internal sealed class StandardOutput : Stream
{
    private const int Interrupted = 4;
    private const int TryAgainOnLinux = 11;
    private const int TryAgainOnBsd = 35;

    private static readonly TimeSpan FullPipeWait = TimeSpan.FromMilliseconds(5);

    private StandardOutput() { }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static Stream Open() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new StandardOutput();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var written = write(1, in MemoryMarshal.GetReference(buffer), buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }
            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case TryAgainOnLinux or TryAgainOnBsd:
                    // Somebody made the pipe non-blocking, and it is full.
                    Thread.Sleep(FullPipeWait);
                    break;
                case var error:
                    throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [DllImport("libc", SetLastError = true)]
    private static extern nint write(int descriptor, in byte bytes, nint count);
}
