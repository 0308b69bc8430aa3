using System.Collections.Concurrent;
using Chat.Protocol;
using Chat.Protocol.Client;
using Chat.Protocol.Codec;

namespace Chat.Cli.Verbs;

/// <summary>Keeps the frames in which a server answers, so that an answer can be printed byte for byte.</summary>
internal sealed class FramesById : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<ReadOnlyMemory<byte>>> _frames = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _disposed = new();
    private readonly Task _reading;

    public FramesById(ChatClient client) => _reading = ReadAsync(client);

    /// <summary>The bytes of an answer.</summary>
    public async Task<ReadOnlyMemory<byte>> OfAsync(ServerEvent answer)
    {
        if (answer.Id is not { } id)
            return EventCodec.Encode(answer);
        try
        {
            return await Frame(id).Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            return EventCodec.Encode(answer);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await _reading;
        _disposed.Dispose();
    }

    private async Task ReadAsync(ChatClient client)
    {
        try
        {
            await foreach (var happening in client.Events(_disposed.Token))
            {
                if (happening is ClientEvent.Received { Event.Id: { } id } received)
                    Frame(id).TrySetResult(received.Json);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private TaskCompletionSource<ReadOnlyMemory<byte>> Frame(string id) =>
        _frames.GetOrAdd(id, static _ => new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously));
}
