using System.Buffers.Text;

namespace Chat.Actors.History;

/// <summary>
/// What damaged bytes still show of the records that they were: how many fixed starts and ends, and the highest seq. No text
/// of a user can look like these, as its quotes are escaped.
/// </summary>
internal readonly record struct RecordTraces(int Starts, int Ends, long HighestSeq)
{
    /// <summary>Bytes of the shortest record, its line feed included.</summary>
    public const int Shortest = 64;

    private const int CrcDigits = 8;

    public RecordTraces(ReadOnlySpan<byte> line)
        : this(CountOf(line, Start), EndsIn(line, out _), HighestSeqIn(line))
    {
    }

    private static ReadOnlySpan<byte> Start => "{\"type\":\""u8;

    private static ReadOnlySpan<byte> CrcField => ",\"crc\":\""u8;

    private static ReadOnlySpan<byte> SeqField => ",\"seq\":"u8;

    public bool Any => Starts > 0 || Ends > 0;

    public RecordTraces And(ReadOnlySpan<byte> line)
    {
        var more = new RecordTraces(line);
        return new(Starts + more.Starts, Ends + more.Ends, Math.Max(HighestSeq, more.HighestSeq));
    }

    /// <summary>How many seqs after <paramref name="before"/> the bytes hold: rather too many than one too few.</summary>
    public long Count(long before, long atMost)
    {
        var records = Math.Max(1, Math.Max(Starts, Ends));
        var named = HighestSeq - before;
        return Starts != Ends && named > records && named <= atMost ? named : records;
    }

    /// <summary>Whether <see cref="Count"/> is what was there, by two traces that agree.</summary>
    public bool CountIsCertain(long before) =>
        Starts == Ends || HighestSeq == before + Math.Max(Starts, Ends);

    /// <summary>Whether these bytes are what a write that stopped within a record leaves.</summary>
    public static bool IsStartOfOne(ReadOnlySpan<byte> bytes)
    {
        var common = Math.Min(bytes.Length, Start.Length);
        if (common == 0 || !bytes[..common].SequenceEqual(Start[..common]) || bytes.IndexOfAnyInRange((byte)0, (byte)31) >= 0)
            return false;
        // A finished record with something behind it is one whose line feed was damaged.
        return EndsIn(bytes, out var endOfLast) == 0 || endOfLast == bytes.Length;
    }

    private static int CountOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> what)
    {
        var count = 0;
        for (int at; (at = bytes.IndexOf(what)) >= 0; bytes = bytes[(at + what.Length)..])
            count++;
        return count;
    }

    private static int EndsIn(ReadOnlySpan<byte> bytes, out int endOfLast)
    {
        var (count, at) = (0, 0);
        endOfLast = 0;
        for (int next; (next = bytes[at..].IndexOf(CrcField)) >= 0;)
        {
            at += next + CrcField.Length;
            var rest = bytes[at..];
            if (rest.Length < CrcDigits + 2 || !rest[CrcDigits..].StartsWith("\"}"u8))
                continue;
            count++;
            endOfLast = at + CrcDigits + 2;
        }
        return count;
    }

    private static long HighestSeqIn(ReadOnlySpan<byte> bytes)
    {
        var highest = 0L;
        for (int at; (at = bytes.IndexOf(SeqField)) >= 0;)
        {
            bytes = bytes[(at + SeqField.Length)..];
            if (Utf8Parser.TryParse(bytes, out long seq, out _))
                highest = Math.Max(highest, seq);
        }
        return highest;
    }
}
