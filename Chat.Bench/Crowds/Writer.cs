using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Chat.Bench.Sockets;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Bench.Crowds;

/// <summary>
/// A user who keeps a number of publishes in flight, one room after the other: each that was acked and came back is followed by the next.
/// Sees that each is acked once, with the seq that it comes back with, and that no room's messages have a hole.
/// </summary>
public sealed class Writer : IDisposable
{
    // What waits for its ack, and for its own delivery: they come in either order.
    private sealed class InFlight(int room, long sentAt)
    {
        public int Room => room;

        public long SentAt => sentAt;

        public long? Acked { get; set; }

        public long? Seen { get; set; }
    }

    private readonly Lock _gate = new();
    private readonly RawClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<int, long> _last = [];
    private readonly (int Number, PublishText Text)[] _rooms;
    private readonly Dictionary<int, InFlight> _inFlight = [];
    private readonly List<(long AckedAt, double Milliseconds)> _acks = [];
    private readonly List<string> _errors = [];
    private readonly int _number;
    private readonly int _writers;
    private int _published;
    private bool _isWriting;
    private bool _isLeaving;

    private Writer(int number, int writers, RawClient client, IEnumerable<(int Number, PublishText Text)> rooms) =>
        (_number, _writers, _client, _rooms) = (number, writers, client, [.. rooms]);

    /// <summary>Whether every room of it has had a message.</summary>
    public bool HasReachedAll
    {
        get
        {
            lock (_gate)
                return _last.Values.All(last => last > 0);
        }
    }

    /// <summary>Publishes that aren't done.</summary>
    public int Unfinished
    {
        get
        {
            lock (_gate)
                return _inFlight.Count;
        }
    }

    /// <summary>Connects, logs in, and joins rooms that have no message yet. Throws what that failed with, or a <see cref="BenchException"/>.</summary>
    /// <param name="server">The endpoint.</param>
    /// <param name="number">Which of the writers it is, from 0.</param>
    /// <param name="writers">How many there are: no two use the same id.</param>
    /// <param name="rooms">The numbers of its rooms, at most 50.</param>
    /// <param name="characters">Of each message.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<Writer> EnterAsync(
        Uri server, int number, int writers, IReadOnlyList<int> rooms, int characters, CancellationToken cancellation)
    {
        var names = rooms.Select(room => string.Create(CultureInfo.InvariantCulture, $"bench-{room}")).ToArray();
        var client = await RawClient.ConnectAsync(server, cancellation);
        var writer = new Writer(number, writers, client, rooms.Zip(names, (room, name) => (room, new PublishText(name, characters))));
        try
        {
            _ = writer.ReadAsync();
            client.SendText(Encoding.UTF8.GetBytes($$"""{"type":"login","username":"writer{{number}}"}"""));
            foreach (var name in names)
                client.SendText(Encoding.UTF8.GetBytes($$"""{"type":"join","room":"{{name}}","history":0}"""));
            await writer._entered.Task.WaitAsync(cancellation);
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Starts to write, with so many in flight. Throws a <see cref="SocketException"/>.</summary>
    public void Start(int inFlight)
    {
        lock (_gate)
        {
            _isWriting = true;
            for (var i = 0; i < inFlight; i++)
                PublishNext();
        }
    }

    /// <summary>Publishes nothing more; what is in flight goes on.</summary>
    public void Stop()
    {
        lock (_gate)
            _isWriting = false;
    }

    /// <summary>Milliseconds from publish to ack, of those acked between two times (<see cref="Stopwatch"/>).</summary>
    public double[] Latencies(long from, long to)
    {
        lock (_gate)
            return [.. _acks.Where(ack => ack.AckedAt >= from && ack.AckedAt < to).Select(ack => ack.Milliseconds)];
    }

    /// <summary>What went wrong so far: refusals, holes, duplicates, acks that don't fit, an end that it didn't ask for.</summary>
    public string[] Errors()
    {
        lock (_gate)
            return [.. _errors];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
            (_isLeaving, _isWriting) = (true, false);
        _client.Close();
        _end.Cancel();
        _client.Dispose();
    }

    private async Task ReadAsync()
    {
        var why = "the connection was lost";
        try
        {
            if (await _client.ReadAsync(Take, _end.Token) is { } code)
                why = $"closed with {code}";
        }
        catch (Exception e) when (e is InvalidDataException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            why = e.Message;
        }
        lock (_gate)
        {
            if (!_isLeaving)
                Failed(why);
        }
    }

    private void Take(ReadOnlySpan<byte> text, long receivedAt)
    {
        lock (_gate)
        {
            if (Delivery.TryRead(text, out var seq, out var id))
                Delivered(Delivery.RoomNumber(text), seq, id);
            else if (Delivery.TryReadAck(text, out seq, out id))
                Acked(seq, id, receivedAt);
            else if (HistoryPage.TryOpen(text, out var page))
                TakePage(Delivery.RoomNumber(text), page);
            else if (EventCodec.Decode(text.ToArray()) is ServerEvent.Error error)
                Failed(error.Code);
        }
    }

    // The answer to a join, which may have messages that were stored meanwhile; or, where it was too slow, what it is fed from the log.
    private void TakePage(int room, HistoryPage page)
    {
        var isEntering = !_last.ContainsKey(room);
        while (page.TryNext(out var message))
        {
            if (!isEntering && Delivery.TryRead(message, out var seq, out var id))
                Delivered(room, seq, id);
        }
        if (page.HasGap)
            Failed("a history page with a gap");
        if (page.IsLive && _last.TryAdd(room, page.Last) && _last.Count == _rooms.Length)
            _entered.TrySetResult();
    }

    private void Delivered(int room, long seq, ReadOnlySpan<byte> id)
    {
        if (!_last.TryGetValue(room, out var last) || seq != last + 1)
            Failed(seq <= last ? "a duplicate" : "a hole");
        _last[room] = Math.Max(last, seq);
        if (PublishText.Number(id) is not { } number || !_inFlight.TryGetValue(number, out var mine) || mine.Room != room)
            return;
        mine.Seen = seq;
        Finish(number, mine);
    }

    private void Acked(long seq, ReadOnlySpan<byte> id, long receivedAt)
    {
        if (PublishText.Number(id) is not { } number || !_inFlight.TryGetValue(number, out var mine) || mine.Acked is not null)
        {
            Failed("an ack that nothing waits for");
            return;
        }
        mine.Acked = seq;
        _acks.Add((receivedAt, Stopwatch.GetElapsedTime(mine.SentAt, receivedAt).TotalMilliseconds));
        Finish(number, mine);
    }

    private void Finish(int number, InFlight mine)
    {
        if (mine is not { Acked: { } acked, Seen: { } seen })
            return;
        if (acked != seen)
            Failed("an ack with another seq than the message");
        _inFlight.Remove(number);
        if (_isWriting)
            PublishNext();
    }

    private void PublishNext()
    {
        var (room, text) = _rooms[_published % _rooms.Length];
        var number = (_published++ * _writers) + _number;
        _inFlight[number] = new InFlight(room, Stopwatch.GetTimestamp());
        _client.SendText(text.Numbered(number));
    }

    private void Failed(string why)
    {
        _errors.Add(why);
        _entered.TrySetException(new BenchException($"The server refused a writer: {why}."));
    }
}
