using System.Diagnostics;

namespace Chat.Bench.Crowds;

/// <summary>When each message was sent, and when its sender saw it come back.</summary>
public sealed class EchoBook
{
    private readonly int _members;
    private readonly long[] _sentAt;
    private readonly long[] _seenAt;

    /// <param name="messages">How many are to be sent, numbered from 0.</param>
    /// <param name="members">Message n is sent by member n modulo this.</param>
    public EchoBook(int messages, int members) => (_members, _sentAt, _seenAt) = (members, new long[messages], new long[messages]);

    /// <summary>Called just before the send.</summary>
    public void Sent(int number) => Volatile.Write(ref _sentAt[number], Stopwatch.GetTimestamp());

    /// <summary>A member saw a message; that of another sender is nothing to it.</summary>
    public void Seen(int member, ReadOnlySpan<byte> id, long at)
    {
        if (PublishText.Number(id) is { } number && number < _seenAt.Length && number % _members == member)
            Interlocked.CompareExchange(ref _seenAt[number], at, 0);
    }

    /// <summary>Milliseconds from send to echo, of the messages from this number on that came back.</summary>
    public IEnumerable<double> Latencies(int from) => Latencies(from, _sentAt.Length - from);

    /// <summary>The same, of <paramref name="count"/> messages.</summary>
    public IEnumerable<double> Latencies(int from, int count) => Enumerable.Range(from, count)
        .Where(number => _seenAt[number] != 0)
        .Select(number => Stopwatch.GetElapsedTime(_sentAt[number], _seenAt[number]).TotalMilliseconds);
}
