using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Akka.Actor;
using Chat.Actors;
using Chat.Actors.Nodes;
using Chat.Actors.Nodes.Wire;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Nodes;

/// <summary>Two nodes over TCP, and a network between them that doesn't keep its promises.</summary>
public sealed class LinksActorSpecs : IAsyncLifetime
{
    private static readonly RoomName Room = RoomName.Trusted("general");

    private readonly LinkedNode _here = new();
    private readonly LinkedNode _there = new();

    public async Task InitializeAsync()
    {
        await _here.Join(_here);
        await _there.Join(_here);
    }

    public async Task DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    [Fact]
    public async Task Should_bring_all_once_in_order_when_connections_break()
    {
        const int Count = 20_000, Breaks = 10;
        var sent = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == ChatMeter.Name && instrument.Name.StartsWith("chat.cluster.", StringComparison.Ordinal))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) => sent.AddOrUpdate($"{instrument.Name} {tags[0].Value}", count, (_, before) => before + count));
        listener.Start();

        var (toThere, toHere) = (_here.Far(_there, _there.Taker), _there.Far(_here, _here.Taker));
        for (var i = 0; i < Count; i++)
        {
            _here.Tell(toThere, new RoomReplies.Done(Room, i));
            _there.Tell(toHere, new RoomReplies.Done(Room, i));
            if (i % (Count / Breaks) == Count / Breaks / 2)
            {
                // Some got through since the last one, and some are under way.
                await LinkedNode.Until(() => _there.Taken.Reader.Count > i / 2);
                _here.Proxy.Break();
                _there.Proxy.Break();
            }
            else if (i % 100 == 0)
            {
                await Task.Delay(1);
            }
        }
        foreach (var node in (LinkedNode[])[_here, _there])
        {
            for (var i = 0; i < Count; i++)
                Assert.Equal(new RoomReplies.Done(Room, i), await Next(node.Taken));
            Assert.False(node.Broken.Reader.TryRead(out _));
        }
        Assert.Equal(2 * Count, sent["chat.cluster.sent Done"]);
        Assert.InRange(sent["chat.cluster.sent.again Done"], 1, 2 * Count);
        Assert.Equal(0, _here.Taken.Reader.Count + _there.Taken.Reader.Count);
    }

    [Fact]
    public async Task Should_tell_of_a_broken_link_when_the_other_node_started_anew_at_its_address()
    {
        await ExchangeAsync(100);
        var former = _here.Far(_there, _there.Taker);
        await _there.Restart();
        _here.Tell(former, new RoomReplies.Done(Room, -1));
        await _there.Join(_here);
        await ExchangeAsync(100);
        Assert.Equal(new LinkBroken(_there.Address), await Next(_here.Broken));
        await ExchangeAsync(100);
        Assert.Equal(0, _here.Taken.Reader.Count + _there.Taken.Reader.Count);
    }

    [Fact]
    public async Task Should_begin_anew_and_tell_both_when_more_waits_than_is_kept()
    {
        await ExchangeAsync(1);
        _there.Proxy.Hold();
        _here.Proxy.Hold();
        // The last of them is too much.
        const int Notices = 256;
        var large = new byte[LinkOut.MostBytes / Notices];
        var far = _here.Far(_there, _there.Taker);
        for (var i = 0; i < Notices; i++)
            _here.Tell(far, new RoomReplies.Notice(Room, large, null, i, 0, 0));
        Assert.Equal(new LinkBroken(_there.Address), await Next(_here.Broken));
        _there.Proxy.Release();
        _here.Proxy.Release();
        // Without anything more being said.
        Assert.Equal(new LinkBroken(_here.Address), await Next(_there.Broken));
        _here.Tell(far, new RoomReplies.Done(Room, 7));
        var notices = new List<int>();
        while (await Next(_there.Taken) is RoomReplies.Notice notice)
            notices.Add(notice.Joined);
        Assert.Equal(notices.Order().Distinct(), notices);
        await ExchangeAsync(10);
    }

    [Fact]
    public async Task Should_name_it_and_go_on_when_a_message_cannot_be_sent()
    {
        var far = _here.Far(_there, _there.Taker);
        _here.Tell(far, new RoomReplies.StorageIs(1, true));
        _here.Tell(far, new RoomReplies.Notice(Room, new byte[LinkedNode.Frame], null, 0, 0, 0));
        _here.Tell(far, new RoomReplies.Notice(Room, new byte[LinkedNode.Frame - 2048], null, 0, 0, 0));
        await ExchangeAsync(0);
        Assert.IsType<RoomReplies.Notice>(await Next(_there.Taken));
        var errors = new[] { (await Next(_here.Errors)).ToString()!, (await Next(_here.Errors)).ToString()! };
        Assert.Contains("StorageIs", errors[0], StringComparison.Ordinal);
        Assert.Contains("Notice", errors[1], StringComparison.Ordinal);
        await ExchangeAsync(10);
    }

    [Fact]
    public async Task Should_name_it_and_go_on_when_a_message_cannot_be_read()
    {
        var newer = _here.Far(_there, _there.Links);
        _here.Links.Tell(new LinkMessages.Parcel(5, 1, _here.Taker, newer, new Unreadable("zz9", "\"zz9\" is unknown.")), newer);
        _here.Links.Tell(new LinkMessages.Parcel(5, 2, _here.Taker, newer, new RoomReplies.Done(Room, 1)), newer);
        Assert.Equal(new RoomReplies.Done(Room, 1), await Next(_here.Taken));
        Assert.Contains("zz9", (await Next(_here.Errors)).ToString(), StringComparison.Ordinal);
    }

    private async Task ExchangeAsync(int count)
    {
        var (toThere, toHere) = (_here.Far(_there, _there.Taker), _there.Far(_here, _here.Taker));
        for (var i = 0; i < count; i++)
        {
            _here.Tell(toThere, new RoomReplies.Done(Room, i));
            _there.Tell(toHere, new RoomReplies.Done(Room, i));
        }
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(new RoomReplies.Done(Room, i), await Next(_there.Taken));
            Assert.Equal(new RoomReplies.Done(Room, i), await Next(_here.Taken));
        }
    }

    private static async Task<object> Next(Channel<object> told)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await told.Reader.ReadAsync(late.Token);
    }
}
