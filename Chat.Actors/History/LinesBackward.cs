using System.Buffers;

namespace Chat.Actors.History;

/// <summary>Reads a file's lines from the end to the start, in chunks, so that the newest cost the same in a log of any size.</summary>
internal sealed class LinesBackward : IDisposable
{
    private const int Chunk = 16 * 1024;

    private readonly IDiskFile _file;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(2 * Chunk);

    // What is held is _buffer[_from.._to], which is the file from _fileAt on; it grows to the left.
    private long _fileAt;
    private int _from;
    private int _to;
    private int _lineStart;
    private int _lineLength;

    /// <param name="file">Where to read.</param>
    /// <param name="end">The byte before which to start; the first line given may lack its line feed.</param>
    public LinesBackward(IDiskFile file, long end)
    {
        _file = file;
        _fileAt = Offset = end;
        _from = _to = _buffer.Length;
    }

    /// <summary>Where the current line starts in the file.</summary>
    public long Offset { get; private set; }

    /// <summary>Where the current line ends in the file, its line feed included.</summary>
    public long End { get; private set; }

    /// <summary>Whether a line feed ends the current line; only the file's last may lack it.</summary>
    public bool Terminated { get; private set; }

    /// <summary>The current line without its line feed, until the next call; empty where it is longer than any of ours.</summary>
    public ReadOnlyMemory<byte> Line => _buffer.AsMemory(_lineStart, _lineLength);

    /// <summary>Goes to the line before; false at the start of the file.</summary>
    public bool Next()
    {
        End = Offset;
        if (End == 0 || (_from == _to && !Prepend()))
            return false;
        Terminated = _buffer[_to - 1] == '\n';
        if (Terminated)
            _to--;
        var searched = 0;
        var tooLong = false;
        while (true)
        {
            var feed = _buffer.AsSpan(_from, _to - _from - searched).LastIndexOf((byte)'\n');
            if (feed >= 0)
                return Found(_from + feed + 1, tooLong);
            searched = _to - _from;
            if (searched > LinesForward.LongestLine)
            {
                tooLong = true;
                _to = _from;
                searched = 0;
            }
            if (!Prepend())
                return Found(_from, tooLong);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private bool Found(int start, bool tooLong)
    {
        (_lineStart, _lineLength) = (start, tooLong ? 0 : _to - start);
        Offset = _fileAt + (start - _from);
        _to = start;
        return true;
    }

    private bool Prepend()
    {
        var wanted = (int)Math.Min(Chunk, _fileAt);
        if (wanted == 0)
            return false;
        if (_from < wanted)
            MoveToTheRight();
        var target = _buffer.AsSpan(_from - wanted, wanted);
        var read = 0;
        while (read < wanted)
        {
            var more = _file.Read(target[read..], _fileAt - wanted + read);
            if (more == 0)
                throw new IOException("The file became shorter while it was read.");
            read += more;
        }
        _from -= wanted;
        _fileAt -= wanted;
        return true;
    }

    private void MoveToTheRight()
    {
        var held = _buffer.AsSpan(_from, _to - _from);
        var buffer = held.Length + Chunk <= _buffer.Length ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        held.CopyTo(buffer.AsSpan(buffer.Length - held.Length));
        (_from, _to) = (buffer.Length - held.Length, buffer.Length);
        if (buffer == _buffer)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = buffer;
    }
}
