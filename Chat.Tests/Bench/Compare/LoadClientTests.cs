using System.Net;
using System.Net.Sockets;
using System.Text;
using Chat.Bench;
using Chat.Bench.Gateways;
using Chat.Bench.Limit;
using Chat.Bench.Load;
using Chat.Bench.Load.Dialects;
using Chat.Bench.Sockets;
using Xunit;

namespace Chat.Tests.Bench.Compare;

public sealed class LoadClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [LinuxFact(Linux.Epoll)]
    public async Task Should_get_all_of_what_is_cut_and_of_what_the_system_does_not_take_at_once()
    {
        var port = LoopbackPort.Free();
        using var end = new CancellationTokenSource();
        using var server = new LimitServer(port);
        var serving = Task.Factory.StartNew(() => server.Run(end.Token), TaskCreationOptions.LongRunning);
        using (var crowd = new LoadCrowd(new LimitDialect(), port, count: 2, rooms: 1, CancellationToken.None))
        {
            crowd.Enter(crowd.Clients, atOnce: 2, Patience);
            var numbers = new List<long>();
            crowd.Clients[1].Heard = (_, message) => numbers.Add(message.Length < 60_000 ? -1 : NumberedRequest.Number(message));
            var request = new NumberedRequest(new LimitDialect().Publish("m0", "room0", NumberedRequest.Text(60_000)));
            // 18 MB, more than the system takes for clients that aren't run yet: the server has to keep some.
            for (var number = 0; number < 300; number++)
                crowd.Clients[0].Send(request.Numbered(number));
            Assert.True(crowd.RunUntil(() => crowd.Clients.All(client => client.Delivered == 300), Patience));
            Assert.Equal(Enumerable.Range(0, 300).Select(number => (long)number), numbers);
            Assert.Empty(crowd.Faults());
        }
        await end.CancelAsync();
        await serving;
    }

    [LinuxFact(Linux.Epoll)]
    public async Task Should_put_a_message_together_when_it_comes_in_fragments_with_a_ping_between()
    {
        byte[] frames = [0x01, 2, (byte)'b', (byte)'-', 0x89, 0, 0x00, 11, .. "00000000000"u8, 0x80, 1, (byte)'7', 0x81, 1, (byte)'x'];
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptSocketAsync();
            var request = new byte[4_096];
            var head = Encoding.ASCII.GetString(request, 0, await client.ReceiveAsync(request));
            var key = head.Split("Sec-WebSocket-Key: ")[1].Split('\r')[0];
            await client.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {Handshake.Accept(key)}\r\n\r\n"));
            await client.SendAsync(frames);
            // The pong: two bytes, and four of mask.
            return await client.ReceiveAsync(request);
        });
        using var crowd = new LoadCrowd(new BareDialect(), ((IPEndPoint)listener.LocalEndpoint).Port, count: 1, rooms: 1, CancellationToken.None);
        var numbers = new List<long>();
        crowd.Clients[0].Heard = (_, message) => numbers.Add(NumberedRequest.Number(message));
        crowd.Enter(crowd.Clients, atOnce: 1, Patience);
        Assert.True(crowd.RunUntil(() => numbers.Count == 2, Patience));
        Assert.Equal([7, -1], numbers);
        Assert.Equal(6, await serving);
    }

    [LinuxFact(Linux.Epoll)]
    public void Should_say_that_nobody_listens_when_nobody_does()
    {
        using var crowd = new LoadCrowd(new BareDialect(), LoopbackPort.Free(), count: 1, rooms: 1, CancellationToken.None);
        var e = Assert.Throws<BenchException>(() => crowd.Enter(crowd.Clients, atOnce: 1, Patience));
        Assert.Equal("1 of 1 clients are not in: Connection refused", e.Message);
    }

    [LinuxTheory(Linux.Epoll)]
    [InlineData("HTTP/1.1 404 Not Found\r\n\r\n", "The server didn't accept the WebSocket: HTTP/1.1 404 Not Found")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: wrong\r\n\r\n", "The server didn't accept the WebSocket: HTTP/1.1 101")]
    [InlineData("", "the connection was closed")]
    public async Task Should_say_what_the_server_answered_when_it_is_no_WebSocket(string answer, string expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = Task.Run(async () =>
        {
            using var client = await listener.AcceptSocketAsync();
            await client.ReceiveAsync(new byte[4_096]);
            await client.SendAsync(Encoding.ASCII.GetBytes(answer));
        });
        using var crowd = new LoadCrowd(new BareDialect(), ((IPEndPoint)listener.LocalEndpoint).Port, count: 1, rooms: 1, CancellationToken.None);
        var e = Assert.Throws<BenchException>(() => crowd.Enter(crowd.Clients, atOnce: 1, Patience));
        Assert.Contains(expected, e.Message);
        await answering;
    }

    [LinuxFact(Linux.Epoll)]
    public void Should_end_what_it_runs_when_it_is_cancelled()
    {
        using var end = new CancellationTokenSource();
        using var crowd = new LoadCrowd(new BareDialect(), LoopbackPort.Free(), count: 0, rooms: 1, end.Token);
        end.Cancel();
        Assert.Throws<OperationCanceledException>(() => crowd.Run(Patience));
    }
}
