using Chat.Bench;
using Chat.Bench.Crowds;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Client;
using Xunit;

namespace Chat.Tests.Bench;

/// <summary>What the load's members and writers find in a server that breaks its promises.</summary>
public sealed class CountingTests : IDisposable
{
    private readonly ScriptedServer _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Should_count_what_a_member_got_and_what_it_missed_and_what_came_twice()
    {
        var (member, connection) = await EnterAsync();
        using var entered = member;
        foreach (var seq in new[] { 6, 7, 9, 9, 8, 10 })
            await connection.SendAsync(Line(seq));
        await connection.SendAsync(Page(last: 13, isLive: true, hasGap: false, 10, 12, 13));
        await connection.CloseAsync(1001);
        await member.LeaveAsync(Patience.Long);
        Assert.Equal((13, 6, 2, 3), (member.Last, member.Delivered, member.Holes, member.Duplicates));
    }

    [Fact]
    public async Task Should_report_a_gap_that_a_member_is_told_of()
    {
        var (member, connection) = await EnterAsync();
        using var entered = member;
        await connection.SendAsync(Page(last: 6, isLive: true, hasGap: true, 6));
        await connection.CloseAsync(1001);
        await member.LeaveAsync(Patience.Long);
        Assert.Contains("a history page with a gap", member.Errors);
    }

    [Fact]
    public async Task Should_publish_the_next_when_one_is_acked_and_has_come_back_in_either_order()
    {
        var (writer, connection) = await StartWriterAsync();
        using var writing = writer;
        foreach (var (seq, isAckFirst) in new[] { (3, true), (4, false), (5, true) })
        {
            var publish = await connection.ReceiveAsync<Request.Publish>();
            Assert.Equal(PublishText.Number(System.Text.Encoding.UTF8.GetBytes(publish.Id!)), (4 * (seq - 3)) + 2);
            if (seq == 5)
                writer.Stop();
            byte[][] events = [Ack(seq, publish.Id), Line(seq, publish.Id)];
            foreach (var e in isAckFirst ? events : events.Reverse())
                await connection.SendAsync(e);
        }
        await UntilAsync(() => writer.Unfinished == 0);
        Assert.True(writer.HasReachedAll);
        Assert.Equal(3, writer.Latencies(0, long.MaxValue).Length);
        Assert.Empty(writer.Latencies(0, 1));
        Assert.Empty(writer.Errors());
    }

    [Theory]
    [InlineData("a hole", "message 4")]
    [InlineData("a duplicate", "message 3", "message 3")]
    [InlineData("an ack with another seq than the message", "message 3", "ack 4")]
    [InlineData("an ack that nothing waits for", "ack 3", "ack 3")]
    [InlineData("busy", "error busy")]
    [InlineData("closed with 1011", "close 1011")]
    public async Task Should_find_what_is_wrong_with_what_a_writer_is_told(string expected, params string[] told)
    {
        var (writer, connection) = await StartWriterAsync();
        using var writing = writer;
        var publish = await connection.ReceiveAsync<Request.Publish>();
        foreach (var what in told.Select(what => what.Split(' ')))
        {
            await (what[0] switch
            {
                "message" => connection.SendAsync(Line(int.Parse(what[1]), publish.Id)),
                "ack" => connection.SendAsync(Ack(int.Parse(what[1]), publish.Id)),
                "error" => connection.SendAsync(new ServerEvent.Error(what[1], "", "bench-7") { Id = publish.Id }),
                _ => connection.CloseAsync(int.Parse(what[1])),
            });
        }
        await UntilAsync(() => writer.Errors().Length > 0);
        Assert.Equal([expected], writer.Errors());
    }

    [Fact]
    public async Task Should_not_let_a_writer_in_when_its_join_is_refused()
    {
        var entering = Writer.EnterAsync(_server.Address, 2, 4, [7], 10, CancellationToken.None);
        var connection = await _server.WelcomeAsync();
        await connection.SendAsync(new ServerEvent.Error("too_many_rooms", "", "bench-7"));
        var refused = await Assert.ThrowsAsync<BenchException>(() => Patience.For(entering));
        Assert.Contains("too_many_rooms", refused.Message);
    }

    private async Task<(Member Member, ScriptedConnection Connection)> EnterAsync()
    {
        var entering = Member.EnterAsync(_server.Address, 0, "ana", "bench-7", null, CancellationToken.None);
        var connection = await _server.WelcomeAsync();
        await connection.ReceiveAsync<Request.Join>();
        // Messages that were stored while it joined are nothing to it.
        await connection.SendAsync(Page(last: 5, isLive: true, hasGap: false, 4, 5));
        return (await Patience.For(entering), connection);
    }

    private async Task<(Writer Writer, ScriptedConnection Connection)> StartWriterAsync()
    {
        var entering = Writer.EnterAsync(_server.Address, 2, 4, [7], 10, CancellationToken.None);
        var connection = await _server.WelcomeAsync();
        await connection.ReceiveAsync<Request.Join>();
        await connection.SendAsync(Page(last: 2, isLive: true, hasGap: false, 1, 2));
        var writer = await Patience.For(entering);
        writer.Start(1);
        return (writer, connection);
    }

    private static byte[] Line(long seq, string? id = null) =>
        LogLine.Encode(RoomName.Trusted("bench-7"), seq, id ?? $"b-{seq:D8}", "ana", "text", DateTime.UnixEpoch);

    private static byte[] Ack(long seq, string? id) => EventCodec.Encode(new ServerEvent.Ack("bench-7", seq, DateTime.UnixEpoch, false) { Id = id });

    private static byte[] Page(long last, bool isLive, bool hasGap, params long[] seqs) => EventCodec.EncodeHistory(
        new ServerEvent.History("bench-7", "e", [], last, More: true, isLive, hasGap, [], 0), [.. seqs.Select(seq => (ReadOnlyMemory<byte>)Line(seq))]);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var time = new CancellationTokenSource(Patience.Long);
        while (!condition())
            await Task.Delay(5, time.Token);
    }
}
