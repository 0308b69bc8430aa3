namespace Chat.Bench.Sockets;

/// <summary>
/// Takes a server's frames out of the bytes as they come, in whatever pieces. Whole messages are given as slices of the buffer
/// that they were received into, so that reading one costs no copy; only one in several fragments is put together.
/// </summary>
public sealed class FrameReader
{
    private const int FirstBytes = 4 * 1024;
    private const int MaxMessage = 16 * 1024 * 1024;

    private byte[] _buffer = new byte[FirstBytes];
    private int _start;
    private int _end;
    private MemoryStream? _fragments;
    private Opcode _fragmented;

    /// <summary>Where the next bytes are to be received; never empty.</summary>
    public Memory<byte> Free()
    {
        if (_start == _end)
            (_start, _end) = (0, 0);
        if (_end == _buffer.Length)
            MakeRoom();
        return _buffer.AsMemory(_end);
    }

    /// <summary>So many were received.</summary>
    public void Received(int count) => _end += count;

    /// <summary>
    /// The next whole message or control frame, valid until <see cref="Free"/> is called; false where more bytes are needed. Throws an
    /// <see cref="InvalidDataException"/> where the server breaks the protocol.
    /// </summary>
    public bool TryRead(out Opcode opcode, out ReadOnlySpan<byte> payload)
    {
        while (TryReadFrame(out var isLast, out opcode, out payload))
        {
            if (opcode >= Opcode.Close)
            {
                if (!isLast)
                    throw new InvalidDataException("The server sent a control frame in fragments.");
                return true;
            }
            if ((opcode == Opcode.Continuation) != (_fragments is not null))
                throw new InvalidDataException("The server mixed the fragments of two messages.");
            if (isLast && _fragments is null)
                return true;
            if (_fragments is null)
                (_fragments, _fragmented) = (new MemoryStream(), opcode);
            _fragments.Write(payload);
            if (_fragments.Length > MaxMessage)
                throw new InvalidDataException("The server sent a message that is too large.");
            if (!isLast)
                continue;
            opcode = _fragmented;
            payload = _fragments.GetBuffer().AsSpan(0, (int)_fragments.Length);
            _fragments = null;
            return true;
        }
        return false;
    }

    private bool TryReadFrame(out bool isLast, out Opcode opcode, out ReadOnlySpan<byte> payload)
    {
        (isLast, opcode) = (false, default);
        payload = default;
        var bytes = _buffer.AsSpan(_start, _end - _start);
        if (!FrameHeader.TryRead(bytes, out var header))
            return false;
        if (header.IsMasked)
            throw new InvalidDataException("The server sent a frame with a mask.");
        if (bytes.Length < header.FrameLength)
            return false;
        (isLast, opcode) = (header.IsLast, header.Opcode);
        payload = bytes.Slice(header.Length, header.PayloadLength);
        _start += header.FrameLength;
        return true;
    }

    // What is not yet whole moves to the front, and where it fills the buffer, into a larger one.
    private void MakeRoom()
    {
        var waiting = _buffer.AsSpan(_start, _end - _start);
        var target = waiting.Length > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        waiting.CopyTo(target);
        (_buffer, _start, _end) = (target, 0, waiting.Length);
    }
}
