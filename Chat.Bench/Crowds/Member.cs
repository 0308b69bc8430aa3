using System.Net.Sockets;
using System.Text;
using Chat.Bench.Sockets;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Bench.Crowds;

/// <summary>
/// One user of the load: connects, logs in, joins one room, and counts what comes. Its counts are written by its reading alone.
/// </summary>
public sealed class Member : IDisposable
{
    private readonly int _number;
    private readonly EchoBook? _echoes;
    private readonly RawClient _client;
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private Task _reading = Task.CompletedTask;
    private long _last;
    private long _delivered;
    private bool _isLeaving;

    private Member(int number, string room, EchoBook? echoes, RawClient client) =>
        (_number, Room, _echoes, _client) = (number, room, echoes, client);

    /// <summary>Where it is.</summary>
    public string Room { get; }

    /// <summary>The newest seq that it has, and with it all before it since it joined.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Messages that it got since it joined.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Seqs that were left out.</summary>
    public long Holes { get; private set; }

    /// <summary>Messages that came a second time, or after a later one.</summary>
    public long Duplicates { get; private set; }

    /// <summary>What went wrong: the codes of error events, an end that it didn't ask for.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Throws what its connecting failed with, or a <see cref="BenchException"/> where the server refused it.</summary>
    public static Task<Member> EnterAsync(Uri server, int number, string user, string room, EchoBook? echoes, CancellationToken cancellation) =>
        EnterAsync(server, number, user, room, echoes, null, cancellation);

    /// <summary>The same, for one that reads only what a valve lets through.</summary>
    public static async Task<Member> EnterAsync(
        Uri server, int number, string user, string room, EchoBook? echoes, Valve? valve, CancellationToken cancellation)
    {
        var member = new Member(number, room, echoes, await RawClient.ConnectAsync(server, valve, cancellation));
        try
        {
            member._reading = member.ReadAsync();
            member._client.SendText(Encoding.UTF8.GetBytes($$"""{"type":"login","username":"{{user}}"}"""));
            member._client.SendText(Encoding.UTF8.GetBytes($$"""{"type":"join","room":"{{room}}","history":0}"""));
            await member._entered.Task.WaitAsync(cancellation);
            return member;
        }
        catch
        {
            member.Dispose();
            throw;
        }
    }

    /// <summary>Sends one request.</summary>
    public void Send(ReadOnlySpan<byte> request) => _client.SendText(request);

    /// <summary>Logs out, and waits until the server has closed.</summary>
    public async Task LeaveAsync(TimeSpan atMost)
    {
        Volatile.Write(ref _isLeaving, true);
        _client.Close();
        await Task.WhenAny(_reading, Task.Delay(atMost));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _isLeaving, true);
        _end.Cancel();
        _client.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            var code = await _client.ReadAsync(Take, _end.Token);
            Ended(code is null ? "the connection was lost" : $"closed with {code}");
        }
        catch (Exception e) when (e is InvalidDataException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Ended(e.Message);
        }
    }

    private void Take(ReadOnlySpan<byte> text, long receivedAt)
    {
        if (Delivery.TryRead(text, out var seq, out var id))
        {
            _echoes?.Seen(_number, id, receivedAt);
            Count(seq);
            return;
        }
        if (text.StartsWith("{\"type\":\"ack\""u8) || text.StartsWith("{\"type\":\"system\""u8) || text.StartsWith("{\"type\":\"rooms\""u8))
            return;
        if (HistoryPage.TryOpen(text, out var page))
        {
            TakePage(page, receivedAt);
            return;
        }
        switch (EventCodec.Decode(text.ToArray()))
        {
            case ServerEvent.Error error:
                Failed(error.Code);
                break;
            case null:
                Failed("an event that can't be read");
                break;
        }
    }

    // The answer to its join, which may have messages that were stored meanwhile; or, where it was too slow, what it is fed from the log.
    private void TakePage(HistoryPage page, long receivedAt)
    {
        var isEntering = !_entered.Task.IsCompleted;
        while (page.TryNext(out var message))
        {
            if (!Delivery.TryRead(message, out var seq, out var id))
                throw new InvalidDataException("A history page has a message that can't be read.");
            if (isEntering)
                continue;
            _echoes?.Seen(_number, id, receivedAt);
            Count(seq);
        }
        if (isEntering)
        {
            Volatile.Write(ref _last, page.Last);
            if (page.IsLive)
                _entered.TrySetResult();
        }
        else if (page.HasGap)
        {
            Failed("a history page with a gap");
        }
    }

    private void Count(long seq)
    {
        if (seq <= _last)
        {
            Duplicates++;
            return;
        }
        Holes += seq - _last - 1;
        Volatile.Write(ref _delivered, _delivered + 1);
        Volatile.Write(ref _last, seq);
    }

    private void Ended(string how)
    {
        if (!Volatile.Read(ref _isLeaving))
            Failed(how);
    }

    private void Failed(string why)
    {
        lock (Errors)
            Errors.Add(why);
        _entered.TrySetException(new BenchException($"The server refused a member: {why}."));
    }
}
