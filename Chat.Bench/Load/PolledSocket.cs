namespace Chat.Bench.Load;

/// <summary>
/// A TCP connection that never blocks, on its <see cref="Poller"/>'s thread. What comes is read where it was received; only what is
/// cut, or what the system doesn't take at once, is kept.
/// </summary>
public abstract class PolledSocket : IDisposable
{
    private const int Closed = -1;

    private readonly Poller _poller;
    private int _descriptor = Closed;
    private bool _isConnecting;
    private byte[] _cut = [];
    private int _cutLength;
    private byte[] _unsent = [];
    private int _unsentStart;
    private int _unsentEnd;

    private protected PolledSocket(Poller poller) => _poller = poller;

    /// <summary>Whether it has a connection, or is getting one.</summary>
    public bool IsOpen => _descriptor != Closed;

    /// <summary>Bytes that the system hasn't taken yet.</summary>
    public int Unsent => _unsentEnd - _unsentStart;

    /// <summary>Closes it in order.</summary>
    public void Dispose()
    {
        if (Release() is { } descriptor)
            Libc.Close(descriptor);
    }

    /// <summary>Closes it as a network that is lost.</summary>
    public void Drop()
    {
        if (Release() is { } descriptor)
            Libc.Reset(descriptor);
    }

    /// <summary>Takes a connection that was accepted, or starts to connect.</summary>
    private protected void Open(int descriptor, bool isConnecting)
    {
        (_descriptor, _isConnecting) = (descriptor, isConnecting);
        _poller.Watch(this, descriptor, whenWritable: isConnecting);
    }

    /// <summary>Connects to a port of the loopback address.</summary>
    private protected void Connect(int port)
    {
        var descriptor = Libc.NewSocket();
        var error = Libc.Connect(descriptor, port);
        if (error is not (0 or Libc.InProgress))
        {
            Libc.Close(descriptor);
            Ended(Libc.Describe(error));
            return;
        }
        Open(descriptor, isConnecting: true);
    }

    /// <summary>Sends, now or as soon as the system takes it.</summary>
    private protected void Write(ReadOnlySpan<byte> bytes)
    {
        if (!IsOpen)
            return;
        if (Unsent == 0)
        {
            var sent = Libc.Send(_descriptor, bytes);
            if (sent == bytes.Length)
                return;
            if (sent < 0 && Libc.Error is not (Libc.Again or Libc.Interrupted))
            {
                End(Libc.Describe(Libc.Error));
                return;
            }
            bytes = bytes[Math.Max(sent, 0)..];
            _poller.Watch(this, _descriptor, whenWritable: true);
        }
        KeepUnsent(bytes);
    }

    /// <summary>The connection is there.</summary>
    private protected virtual void Connected()
    {
    }

    /// <summary>Takes what came, and gives how much of it was whole; the rest comes again with more behind it.</summary>
    private protected abstract int Received(ReadOnlySpan<byte> bytes);

    /// <summary>It ended, and not from here.</summary>
    private protected abstract void Ended(string why);

    /// <summary>Closes it for a reason.</summary>
    private protected void End(string why)
    {
        Dispose();
        Ended(why);
    }

    internal virtual void Serve(bool isWritable)
    {
        if (isWritable && !TryFinishConnect())
            return;
        if (isWritable && Unsent > 0)
            Flush();
        if (IsOpen && !_isConnecting)
            Receive();
    }

    private bool TryFinishConnect()
    {
        if (!_isConnecting)
            return true;
        if (Libc.ConnectError(_descriptor) is not 0 and var error)
        {
            End(Libc.Describe(error));
            return false;
        }
        _isConnecting = false;
        _poller.Watch(this, _descriptor, whenWritable: false);
        Connected();
        return IsOpen;
    }

    private void Receive()
    {
        var buffer = _poller.Buffer;
        _cut.AsSpan(0, _cutLength).CopyTo(buffer);
        var count = Libc.Receive(_descriptor, buffer.AsSpan(_cutLength));
        if (count < 0)
        {
            if (Libc.Error is not (Libc.Again or Libc.Interrupted))
                End(Libc.Describe(Libc.Error));
            return;
        }
        if (count == 0)
        {
            End("the connection was closed");
            return;
        }
        var all = _cutLength + count;
        var used = Received(buffer.AsSpan(0, all));
        if (!IsOpen)
            return;
        if (all - used == buffer.Length)
            End("a frame is larger than the load's buffer");
        else
            KeepCut(buffer.AsSpan(used, all - used));
    }

    private void KeepCut(ReadOnlySpan<byte> rest)
    {
        if (_cut.Length < rest.Length)
            _cut = new byte[Math.Max(rest.Length, 256)];
        rest.CopyTo(_cut);
        _cutLength = rest.Length;
    }

    private void KeepUnsent(ReadOnlySpan<byte> bytes)
    {
        if (_unsent.Length - _unsentEnd < bytes.Length)
        {
            var larger = new byte[Math.Max(_unsent.Length, Unsent + bytes.Length) * 2];
            _unsent.AsSpan(_unsentStart, Unsent).CopyTo(larger);
            (_unsent, _unsentStart, _unsentEnd) = (larger, 0, Unsent);
        }
        bytes.CopyTo(_unsent.AsSpan(_unsentEnd));
        _unsentEnd += bytes.Length;
    }

    private void Flush()
    {
        var sent = Libc.Send(_descriptor, _unsent.AsSpan(_unsentStart, Unsent));
        if (sent < 0)
        {
            if (Libc.Error is not (Libc.Again or Libc.Interrupted))
                End(Libc.Describe(Libc.Error));
            return;
        }
        _unsentStart += sent;
        if (Unsent > 0)
            return;
        (_unsentStart, _unsentEnd) = (0, 0);
        _poller.Watch(this, _descriptor, whenWritable: false);
    }

    private int? Release()
    {
        if (!IsOpen)
            return null;
        var descriptor = _descriptor;
        _poller.Forget(descriptor);
        (_descriptor, _isConnecting, _cutLength, _unsentStart, _unsentEnd) = (Closed, false, 0, 0, 0);
        return descriptor;
    }
}
