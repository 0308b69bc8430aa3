namespace Chat.Tests.Fakes;

/// <summary>
/// A file of a <see cref="SimulatedDisk"/>: what its readers see, what is on the platter, and which bytes the system still
/// means to write. Bytes that a failed sync passed over are none of these: they differ, and nobody will write them.
/// </summary>
internal sealed class SimulatedFile
{
    private byte[] _seen = [];
    private byte[] _stored = [];
    private bool[] _dirty = [];
    private int _storedLength;
    private bool _hasFailed;

    // The file was this short since its length was last synced: what was stored behind is of blocks that were given back.
    private int _shortest;

    public int Length { get; private set; }

    /// <summary>Tells it from every other.</summary>
    public required string Birth { get; set; }

    public byte[] Bytes => _seen[..Length];

    /// <summary>Which process has it for itself; null where none has.</summary>
    public object? Owner { get; set; }

    /// <summary>The bytes as they are on the disk, whatever is in memory.</summary>
    public byte[] Stored => _stored[.._storedLength];

    /// <summary>Puts bytes in the file's place, synced.</summary>
    public void Put(byte[] bytes)
    {
        SetLength(0);
        Write(bytes, 0);
        Sync();
    }

    public int Read(Span<byte> bytes, long offset)
    {
        var count = (int)Math.Clamp(Length - offset, 0, bytes.Length);
        _seen.AsSpan((int)Math.Min(offset, Length), count).CopyTo(bytes);
        return count;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        var (from, to) = ((int)offset, (int)offset + bytes.Length);
        Hold(to);
        bytes.CopyTo(_seen.AsSpan(from));
        _dirty.AsSpan(from, bytes.Length).Fill(true);
        Length = Math.Max(Length, to);
    }

    public void SetLength(long length)
    {
        Hold((int)length);
        if (length < Length)
        {
            _seen.AsSpan((int)length, Length - (int)length).Clear();
            _dirty.AsSpan((int)length, Length - (int)length).Clear();
            _shortest = Math.Min(_shortest, (int)length);
        }
        Length = (int)length;
    }

    /// <summary>Throws where writes failed in a sync of the whole volume, once.</summary>
    public void ThrowIfFailed(string path)
    {
        if (!_hasFailed)
            return;
        _hasFailed = false;
        throw new IOException($"Input/output error : '{path}'", 5);
    }

    public void Sync()
    {
        if (_shortest < _storedLength)
            _stored.AsSpan(_shortest).Clear();
        StoreWhere(_ => true);
        (_storedLength, _shortest) = (Length, Length);
    }

    /// <summary>Writes an arbitrary part of what waits for it; the rest still waits.</summary>
    public void SyncPart(Random random) => StoreWhere(AnyPart(random));

    /// <summary>
    /// The same, but the rest is forgotten. The length isn't: it is no page, but stands in the file system's journal.
    /// </summary>
    public void FailSync(Random random)
    {
        if (random.Next(2) == 0)
            SyncPart(random);
        _dirty.AsSpan().Clear();
    }

    /// <summary>The same within a sync of the whole volume: the file's own next sync tells of it too.</summary>
    public void FailVolumeSync(Random random)
    {
        _hasFailed |= _dirty.AsSpan().Contains(true);
        FailSync(random);
    }

    /// <summary>Leaves what was synced, and an arbitrary part of the rest.</summary>
    public void LosePower(Random random)
    {
        StoreWhere(AnyPart(random));
        if (_storedLength != Length || _shortest < _storedLength)
            _storedLength = AnyLength(random);
        _stored.AsSpan(_storedLength).Clear();
        _seen = [.. _stored];
        _dirty.AsSpan().Clear();
        (Length, _shortest, Owner) = (_storedLength, _storedLength, null);
    }

    private int AnyLength(Random random)
    {
        var (low, high) = (Math.Min(Length, _storedLength), Math.Max(Length, _storedLength));
        return random.Next(3) switch
        {
            0 => _storedLength,
            1 => Length,
            _ => random.Next(low, high + 1),
        };
    }

    // None, all, all up to a byte, or each block or not: a write may be torn anywhere, and blocks are written in any order.
    private Func<int, bool> AnyPart(Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                return _ => false;
            case 1:
                return _ => true;
            case 2:
                var first = Math.Max(0, _dirty.AsSpan().IndexOf(true));
                var torn = random.Next(first, Math.Max(first, _dirty.AsSpan().LastIndexOf(true)) + 2);
                return at => at < torn;
            default:
                var block = 1 << random.Next(10);
                var written = new bool[_dirty.Length / block + 1];
                for (var i = 0; i < written.Length; i++)
                    written[i] = random.Next(2) == 0;
                return at => written[at / block];
        }
    }

    private void StoreWhere(Func<int, bool> reaches)
    {
        var first = _dirty.AsSpan().IndexOf(true);
        for (var at = first; at >= 0 && at < _dirty.Length; at++)
        {
            if (!_dirty[at] || !reaches(at))
                continue;
            _stored[at] = _seen[at];
            _dirty[at] = false;
        }
    }

    private void Hold(int length)
    {
        if (length <= _seen.Length)
            return;
        var capacity = Math.Max(length, Math.Max(256, 2 * _seen.Length));
        Array.Resize(ref _seen, capacity);
        Array.Resize(ref _stored, capacity);
        Array.Resize(ref _dirty, capacity);
    }
}
