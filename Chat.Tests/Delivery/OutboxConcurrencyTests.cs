using System.Collections.Concurrent;
using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Delivery;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Delivery;

/// <summary>Several threads at once: what was accepted comes out whole, once, and in each one's order.</summary>
public sealed class OutboxConcurrencyTests
{
    private const int Threads = 4;
    private const int Frames = 400;

    // Every other write isn't done at once, so that both ways of going on are taken.
    private sealed class Taking(RecordingWriter inner) : IFrameWriter
    {
        private int _writes;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            if (Interlocked.Increment(ref _writes) % 2 == 0)
                await Task.Yield();
            await inner.WriteAsync(bytes);
        }

        public void CloseSent() => inner.CloseSent();

        public void Abort() => inner.Abort();
    }

    [Theory]
    [InlineData(Outbox.DefaultBound)]
    [InlineData(2_000)]
    public async Task Should_lose_and_mix_nothing_when_several_threads_write(int bound)
    {
        var writer = new RecordingWriter();
        var answered = 0;
        var outbox = new Outbox(new Taking(writer), count => Interlocked.Add(ref answered, count), TimeProvider.System, bound);
        var feeds = Enumerable.Range(0, Threads)
            .Select(thread => new Feed(RoomName.Trusted($"room{thread}"), new SessionId(1), outbox, ActorRefs.Nobody)).ToArray();
        var answers = new ConcurrentBag<string>();
        var events = feeds.Select(_ => new SortedSet<int>()).ToArray();
        using var start = new Barrier(Threads);

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < Frames; i++)
            {
                var name = $"{thread}:{i}";
                var frame = WireFrame.Text(EventCodec.Encode(new ServerEvent.Notice(null, name.PadRight(1 + i * 7 % 900, '.'), null)));
                switch (i % 4)
                {
                    case 0:
                        outbox.Answer(frame);
                        answers.Add(name);
                        break;
                    case 1:
                        outbox.Control(WireFrame.Ping);
                        break;
                    default:
                        if (outbox.Offer(feeds[thread], frame, new Passage("e", i)) == Offer.Accepted)
                            events[thread].Add(i);
                        else
                            TakeUp(thread);
                        break;
                }
            }
        }, TaskCreationOptions.LongRunning)));
        for (var thread = 0; thread < Threads; thread++)
            TakeUp(thread);
        outbox.Close(1000, "bye");
        while (!writer.IsCloseSent)
            await Task.Yield();

        var names = writer.Frames.OfType<ServerEvent.Notice>().Select(notice => notice.Sentence.TrimEnd('.')).ToArray();
        var expected = answers.Concat(events.SelectMany((numbers, thread) => numbers.Select(i => $"{thread}:{i}")));
        Assert.Equal(expected.Order(), names.Order());
        foreach (var thread in names.GroupBy(name => name.Split(':')[0]))
        {
            var numbers = thread.Select(name => int.Parse(name.Split(':')[1])).ToArray();
            Assert.Equal(numbers.Order(), numbers);
        }
        Assert.Equal(Threads * Frames / 4, answered);
        // Control frames overtake, and only the latest few may wait.
        Assert.InRange(writer.Frames.Count(frame => frame is OtherFrame.Ping), 1, Threads * Frames / 4);
        Assert.IsType<OtherFrame.Closed>(writer.Frames[^1]);
        Assert.False(writer.HasOverlapped);
        Assert.Equal(0, outbox.Waiting);

        // What was taken out doesn't come, and nothing of the feed behind it.
        void TakeUp(int thread)
        {
            if (outbox.TakeLost(feeds[thread])?.From is { } from)
                events[thread].RemoveWhere(i => i >= from);
            outbox.EndTurn(feeds[thread]);
        }
    }
}
