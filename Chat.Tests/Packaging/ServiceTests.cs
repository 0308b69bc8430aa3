using System.Net.Sockets;
using System.Text;
using Chat.Gateway.Configuration;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.EndToEnd.Web;
using Xunit;

namespace Chat.Tests.Packaging;

/// <summary>What the gateway tells whoever started it as a service.</summary>
public sealed class ServiceTests
{
    [LinuxFact("sockets of systemd's kind")]
    public async Task Should_tell_that_it_is_ready_and_that_it_stops()
    {
        using var folder = new TempFolder();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder.In("notify")));
        await using var gateway = await GatewayProcess.StartAsync(new GatewaySetup("--port", "0", "--data", folder.In("history"))
        {
            Environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = folder.In("notify") },
        });
        Assert.Equal("READY=1", await ToldAsync());
        using var web = new WebClient(gateway);
        await Patience.UntilAsync(async () => (await web.GetAsync("/health/ready")).Status == 200, "that it is ready");
        gateway.Terminate();
        Assert.Equal("STOPPING=1", await ToldAsync());
        Assert.Equal(ExitCodes.Ok, await gateway.ExitAsync());

        async Task<string> ToldAsync()
        {
            var buffer = new byte[256];
            var length = await Patience.OfAsync(socket.ReceiveAsync(buffer), "a word to systemd", () => gateway.Report);
            return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }
}
