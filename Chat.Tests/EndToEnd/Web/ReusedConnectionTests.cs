using System.Net;
using System.Net.Sockets;
using System.Text;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Web;

/// <summary>Connections that were used before they become WebSockets, and what becomes of those whose peer leaves them half closed.</summary>
public sealed class ReusedConnectionTests(GatewayFixture chat) : IClassFixture<GatewayFixture>
{
    private const string Handshake =
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

    [Fact]
    public async Task Should_take_a_handshake_as_a_later_request_of_a_connection_with_frames_right_behind_it()
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            using var tcp = await ConnectAsync();
            var stream = tcp.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes("GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
            Assert.StartsWith("HTTP/1.1 200", await ReadUntilAsync(stream, "{\"status\":\"ok\"}"));
            await stream.WriteAsync(new byte[][] { Encoding.ASCII.GetBytes(Handshake), Masked("{\"type\":\"ping\",\"id\":\"1\"}") }.SelectMany(part => part).ToArray());
            var answer = await ReadUntilAsync(stream, "{\"type\":\"pong\",\"id\":\"1\"}");
            Assert.StartsWith("HTTP/1.1 101", answer[answer.IndexOf("HTTP/1.1", StringComparison.Ordinal)..]);
            Assert.True(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) < answer.IndexOf("pong", StringComparison.Ordinal), answer);
        }
    }

    [Fact]
    public async Task Should_let_go_of_a_peer_that_takes_nothing_and_has_closed_its_side()
    {
        await using var writer = await chat.EnterAsync("writer", "flood");
        for (var i = 0; i < 60; i++)
            await writer.PublishAsync("flood", new string('x', 4_000));
        var before = Descriptors();
        using (var tcp = await ConnectAsync(receiveBuffer: 1_024))
        {
            var stream = tcp.GetStream();
            var name = chat.Name("deaf");
            byte[][] sent =
            [
                Encoding.ASCII.GetBytes(Handshake), Masked($"{{\"type\":\"login\",\"username\":\"{name}\"}}"),
                .. Enumerable.Repeat(Masked("{\"type\":\"join\",\"room\":\"flood\",\"history\":100}"), 1),
                .. Enumerable.Repeat(Masked("{\"type\":\"history\",\"room\":\"flood\",\"limit\":100}"), 50),
            ];
            await stream.WriteAsync(sent.SelectMany(part => part).ToArray());
            await Patience.UntilAsync(() => Task.FromResult(Descriptors() > before), "the connection");
            tcp.Client.Shutdown(SocketShutdown.Send);
            // This side stays open, and takes nothing.
            await Patience.UntilAsync(() => Task.FromResult(Descriptors() <= before), "its end");
        }
    }

    // The sockets that the gateway has.
    private int Descriptors() => new DirectoryInfo($"/proc/{chat.Gateway.Id}/fd").EnumerateFileSystemInfos().Count(file => file.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    private async Task<TcpClient> ConnectAsync(int? receiveBuffer = null)
    {
        var tcp = new TcpClient();
        if (receiveBuffer is { } bytes)
            tcp.ReceiveBufferSize = bytes;
        await tcp.ConnectAsync(IPAddress.Loopback, chat.Gateway.Port);
        return tcp;
    }

    private static byte[] Masked(string text)
    {
        // With a mask of zeros.
        var bytes = Encoding.UTF8.GetBytes(text);
        return [0x81, (byte)(0x80 | bytes.Length), 0, 0, 0, 0, .. bytes];
    }

    private static async Task<string> ReadUntilAsync(NetworkStream stream, string end)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4_096]);
        using var time = new CancellationTokenSource(Patience.Limit);
        while (!text.ToString().Contains(end, StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, time.Token);
            Assert.NotEqual(0, count);
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        return text.ToString();
    }
}
