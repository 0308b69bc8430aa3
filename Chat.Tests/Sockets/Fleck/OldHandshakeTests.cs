using System.Text;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.Sockets.Fleck;

public sealed class OldHandshakeTests(GatewayFixture chat) : IClassFixture<GatewayFixture>
{
    private const string Keys = "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\n\r\n^n:ds[4U";

    [Theory]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n" + Keys)]
    [InlineData("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")]
    [InlineData("<policy-file-request/>\0\r\n\r\n")]
    public async Task Should_refuse_what_was_before_the_standard_though_Fleck_serves_it(string bytes)
    {
        using var wire = await RawWire.ConnectAsync(chat.Gateway);
        await wire.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        wire.EndWriting();
        Assert.StartsWith("HTTP/1.1 4", await wire.ReadToEndAsync());
    }
}
