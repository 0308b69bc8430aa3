using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Chat.Bench.Sockets;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Bench.Crowds;

/// <summary>A user whose requests are few: each answer is timed, and read in full.</summary>
public sealed class Caller : IDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(2);

    private readonly RawClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(ServerEvent Answer, long At)>> _asked = new();

    private Caller(RawClient client) => _client = client;

    /// <summary>Connects and logs in. Throws what that failed with, or a <see cref="BenchException"/> where the server refused it.</summary>
    public static async Task<Caller> EnterAsync(Uri server, string user, CancellationToken cancellation)
    {
        var caller = new Caller(await RawClient.ConnectAsync(server, cancellation));
        try
        {
            _ = caller.ReadAsync();
            await caller.AskAsync("login", $$"""{"type":"login","id":"login","username":"{{user}}"}""", cancellation);
            return caller;
        }
        catch
        {
            caller.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Sends a request, and gives the first answer to its id, with the milliseconds from just before the send until it was there. Throws a
    /// <see cref="BenchException"/> where it is refused, or not answered in time.
    /// </summary>
    public async Task<(ServerEvent Answer, double Milliseconds)> AskAsync(string id, string request, CancellationToken cancellation)
    {
        var asked = _asked[id] = new TaskCompletionSource<(ServerEvent Answer, long At)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var bytes = Encoding.UTF8.GetBytes(request);
        var sentAt = Stopwatch.GetTimestamp();
        try
        {
            _client.SendText(bytes);
            var (answer, at) = await asked.Task.WaitAsync(AnswerTime, cancellation);
            return answer is ServerEvent.Error error
                ? throw new BenchException($"The server refused {request}: {error.Code}.")
                : (answer, Stopwatch.GetElapsedTime(sentAt, at).TotalMilliseconds);
        }
        catch (TimeoutException)
        {
            throw new BenchException($"No answer within {AnswerTime.TotalSeconds} s to {request}.");
        }
        catch (SocketException e)
        {
            throw new BenchException($"{request} can't be sent: {e.Message}");
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Close();
        _end.Cancel();
        _client.Dispose();
    }

    private async Task ReadAsync()
    {
        var why = "the server closed it";
        try
        {
            await _client.ReadAsync(Take, _end.Token);
        }
        catch (Exception e) when (e is InvalidDataException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            why = e.Message;
        }
        foreach (var asked in _asked.Values)
            asked.TrySetException(new BenchException($"The connection ended before an answer: {why}"));
    }

    private void Take(ReadOnlySpan<byte> text, long receivedAt)
    {
        var e = EventCodec.Decode(text.ToArray()) ?? throw new InvalidDataException("The server sent an event that can't be read.");
        // A message has the id of the publish that it came from, which its ack answers.
        if (e is not ServerEvent.Message && e.Id is { } id && _asked.TryGetValue(id, out var asked))
            asked.TrySetResult((e, receivedAt));
    }
}
