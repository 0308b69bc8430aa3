using Chat.Protocol;
using Chat.Protocol.Client;
using Xunit;

namespace Chat.Tests.Client;

public sealed class ChatSocketTests
{
    [Fact]
    public async Task Should_tell_that_the_connection_is_lost_whatever_its_owner_throws()
    {
        using var server = new ScriptedServer();
        var owner = new Thrower();
        var running = new ChatSocket(owner).RunAsync(server.Address);
        var connection = await server.AcceptAsync();
        await connection.SendAsync(new ServerEvent.Pong());
        await running.WaitAsync(Patience.Long);
        Assert.Equal((null, "No frame for me."), owner.Lost);
    }

    private sealed class Thrower : IChatSocketOwner
    {
        public (int? Code, string Reason)? Lost { get; private set; }

        public void OnOpened(ChatSocket socket)
        {
        }

        public void OnHeard(ChatSocket socket)
        {
        }

        public ValueTask OnFrameAsync(ChatSocket socket, byte[] frame) => throw new FormatException("No frame for me.");

        public void OnLost(ChatSocket socket, int? code, string reason) => Lost = (code, reason);
    }
}
