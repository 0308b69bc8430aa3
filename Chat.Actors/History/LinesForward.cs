using System.Buffers;

namespace Chat.Actors.History;

/// <summary>Reads a file's lines one after another, holding little more than one of them in memory.</summary>
internal sealed class LinesForward : IDisposable
{
    /// <summary>Bytes; what is longer can't be a line of ours, and is passed over without being held.</summary>
    public const int LongestLine = 1024 * 1024;

    private const int FirstBuffer = 16 * 1024;

    private readonly IDiskFile _file;
    private readonly long _end;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private long _fileAt;
    private int _from;
    private int _to;
    private int _lineStart;
    private int _lineLength;

    /// <param name="file">Where to read.</param>
    /// <param name="start">The byte at which a line starts.</param>
    /// <param name="end">The byte at which to stop.</param>
    public LinesForward(IDiskFile file, long start, long end)
    {
        _file = file;
        _fileAt = start;
        _end = end;
    }

    /// <summary>Where the current line starts in the file.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether a line feed ends the current line; only the last may lack it.</summary>
    public bool Terminated { get; private set; }

    /// <summary>The current line without its line feed, until the next call; empty where it is longer than any of ours.</summary>
    public ReadOnlySpan<byte> Line => _buffer.AsSpan(_lineStart, _lineLength);

    /// <summary>Goes to the next line; false at the end.</summary>
    public bool Next()
    {
        Offset = _fileAt - (_to - _from);
        var searched = 0;
        var tooLong = false;
        while (true)
        {
            var feed = _buffer.AsSpan(_from + searched, _to - _from - searched).IndexOf((byte)'\n');
            if (feed >= 0)
                return Found(searched + feed, terminated: true, tooLong);
            searched = _to - _from;
            if (searched > LongestLine)
            {
                tooLong = true;
                _from = _to;
                searched = 0;
            }
            if (!Fill())
                return (searched > 0 || tooLong) && Found(searched, terminated: false, tooLong);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private bool Found(int length, bool terminated, bool tooLong)
    {
        (_lineStart, _lineLength) = (_from, tooLong ? 0 : length);
        _from += terminated ? length + 1 : length;
        Terminated = terminated;
        return true;
    }

    private bool Fill()
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            (_from, _to) = (0, _to - _from);
        }
        if (_to == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _to).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        var wanted = (int)Math.Min(_buffer.Length - _to, _end - _fileAt);
        var read = wanted <= 0 ? 0 : _file.Read(_buffer.AsSpan(_to, wanted), _fileAt);
        _to += read;
        _fileAt += read;
        return read > 0;
    }
}
