using System.Buffers;
using System.IO.Pipelines;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.Delivery;

namespace Chat.Gateway.Sockets;

/// <summary>
/// A connection's bytes as the framework's WebSocket sees them: it reads from the wire, and what it writes by itself (pongs, and the
/// close frame of a broken protocol) goes through the outbox like all else, so that frames never mix.
/// </summary>
internal sealed class OutboxStream(PipeReader wire, ChatOptions chat, CancellationToken ended) : Stream
{
    private const byte OpcodeMask = 0x0F;
    private const byte CloseOpcode = 0x8;

    // The framework reads a frame's beginning into a buffer of its own, and the rest in pieces of up to 4 KiB.
    private const int ReadsOfFrame = 2;

    // Reads that find bytes there before others have their turn.
    private const int Turn = 8;

    private ReadPace? _pace;
    private long _lastRead = chat.Time.GetTimestamp();
    private int _atOnce;

    private Outbox? _outbox;

    /// <summary>Before the first read.</summary>
    public void Start(Outbox outbox, AddressBudget? address) => (_outbox, _pace) = (outbox, new ReadPace(chat, ReadsOfFrame, address));

    /// <summary>How long no byte came: each that comes brings the next read about.</summary>
    public TimeSpan SinceReceived => chat.Time.GetElapsedTime(Interlocked.Read(ref _lastRead));

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Interlocked.Exchange(ref _lastRead, chat.Time.GetTimestamp());
        // A read into nothing only waits: there a quiet connection is.
        return buffer.Length == 0 ? WaitAsync(cancellationToken) : ReadSomeAsync(buffer, cancellationToken);
    }

    private async ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        var reading = wire.ReadAsync(cancellationToken);
        if (!reading.IsCompleted)
            _atOnce = 0;
        wire.AdvanceTo((await reading.ConfigureAwait(false)).Buffer.Start);
        return 0;
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // Of what the framework doesn't give on (pings, pongs) and gives on in pieces, many frames may be in what is read at once.
        await _pace!.NextAsync(ended).ConfigureAwait(false);
        var reading = wire.ReadAsync(cancellationToken);
        // Who sends without end (pings, fragments) is always ready to be read: others have their turn in between.
        if (reading.IsCompleted && ++_atOnce % Turn == 0)
            await Task.Yield();
        var result = await reading.ConfigureAwait(false);
        // HTTP may have meant its own read, which was over by then.
        while (result.IsCanceled)
        {
            wire.AdvanceTo(result.Buffer.Start);
            result = await wire.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        var read = result.Buffer;
        // What was read is no one's to look at any more behind AdvanceTo, its length included.
        var count = (int)Math.Min(read.Length, buffer.Length);
        var some = read.Slice(0, count);
        some.CopyTo(buffer.Span);
        wire.AdvanceTo(some.End);
        return count;
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Each write of the framework's is one whole control frame, in a buffer of its own that it uses again.
        var frame = buffer.ToArray();
        if ((frame[0] & OpcodeMask) == CloseOpcode)
        {
            // What the peer sent broke the protocol.
            ChatMeter.Refused("protocol-error");
            _outbox?.Close(frame, atOnce: true);
        }
        else
            _outbox?.Control(frame);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Asynchronous only.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Asynchronous only.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
