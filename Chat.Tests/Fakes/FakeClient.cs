using Akka.Actor;
using Chat.Actors.Connections;
using Chat.Actors.Delivery;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Fakes;

/// <summary>A client without a socket: an outbox whose frames are read back, and a connection to send requests to.</summary>
internal sealed class FakeClient
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(30);

    private int _answered;

    public FakeClient(TimeProvider time, int bound = Outbox.DefaultBound)
    {
        Outbox = new Outbox(Writer, count => Interlocked.Add(ref _answered, count), time, bound);
    }

    public RecordingWriter Writer { get; } = new();

    public Outbox Outbox { get; }

    public IActorRef Connection { get; set; } = ActorRefs.Nobody;

    /// <summary>How many requests were answered, those without an event included.</summary>
    public int Answered => Volatile.Read(ref _answered);

    public FakeClient Send(params Request[] requests)
    {
        foreach (var request in requests)
            Connection.Tell(new ConnectionInputs.Received(request));
        return this;
    }

    /// <summary>The next frame, which has to be a <typeparamref name="T"/>.</summary>
    public async Task<T> Expect<T>()
    {
        using var late = new CancellationTokenSource(AtMost);
        try
        {
            return Assert.IsType<T>(await Writer.Arrivals.ReadAsync(late.Token));
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No {typeof(T).Name} came. What did: {string.Join("\n", Writer.Frames)}");
        }
    }

    /// <summary>Passes over all frames before the next <typeparamref name="T"/>.</summary>
    public async Task<T> Fish<T>(Func<T, bool>? which = null)
    {
        using var late = new CancellationTokenSource(AtMost);
        try
        {
            while (true)
            {
                if (await Writer.Arrivals.ReadAsync(late.Token) is T found && which?.Invoke(found) != false)
                    return found;
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No {typeof(T).Name} came. What did: {string.Join("\n", Writer.Frames)}");
        }
    }

    /// <summary>So many requests are answered, and no more: an answer is counted when its bytes are out.</summary>
    public async Task ExpectAnswered(int count)
    {
        using var late = new CancellationTokenSource(AtMost);
        while (Answered < count && !late.IsCancellationRequested)
            await Task.Delay(1, CancellationToken.None);
        Assert.Equal(count, Answered);
    }

    /// <summary>All frames up to the answer of a <c>ping</c> sent now, without it.</summary>
    public async Task<IReadOnlyList<object>> UntilPong()
    {
        Send(new Request.Ping { Id = "until" });
        var frames = new List<object>();
        while (true)
        {
            var frame = await Next();
            if (frame is ServerEvent.Pong { Id: "until" })
                return frames;
            frames.Add(frame);
        }
    }

    /// <summary>The next frame, whatever it is.</summary>
    public async Task<object> Next()
    {
        using var late = new CancellationTokenSource(AtMost);
        return await Writer.Arrivals.ReadAsync(late.Token);
    }
}
