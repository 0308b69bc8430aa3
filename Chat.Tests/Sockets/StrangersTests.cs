using System.Net;
using Chat.Gateway.Configuration;
using Chat.Gateway.Sockets;
using Xunit;

namespace Chat.Tests.Sockets;

public sealed class StrangersTests
{
    private static readonly IPAddress Ana = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Ben = IPAddress.Parse("192.0.2.2");

    private static Strangers Make(int most = 100, int forAddress = 2, params string[] proxies) => new(
        new GatewayOptions { MaxConnectionsPerAddress = forAddress, TrustedProxies = [.. proxies.Select(IPNetwork.Parse)] }, most);

    [Fact]
    public void Should_take_so_many_of_an_address_that_are_no_websockets_yet_and_another_when_one_is_gone()
    {
        var strangers = Make();
        using var first = strangers.Add(Ana);
        var second = strangers.Add(Ana);
        Assert.Null(strangers.Add(Ana));
        Assert.NotNull(strangers.Add(Ben));
        second!.Dispose();
        Assert.NotNull(strangers.Add(Ana));
        Assert.Null(strangers.Add(Ana));
    }

    [Fact]
    public void Should_take_another_of_an_address_when_one_became_a_websocket_but_none_past_all()
    {
        var strangers = Make(most: 3);
        var first = strangers.Add(Ana)!;
        strangers.Add(Ana);
        first.BecomeKnown();
        Assert.NotNull(strangers.Add(Ana));
        Assert.Null(strangers.Add(Ben));
        // It counts once, whatever it became.
        first.Dispose();
        Assert.NotNull(strangers.Add(Ben));
        Assert.Null(strangers.Add(Ben));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("10.1.2.3")]
    [InlineData("::ffff:10.1.2.3")]
    public void Should_not_count_by_address_what_loopback_and_proxies_bring(string address)
    {
        var strangers = Make(proxies: "10.0.0.0/8");
        for (var i = 0; i < 100; i++)
            Assert.NotNull(strangers.Add(IPAddress.Parse(address)));
        Assert.Null(strangers.Add(IPAddress.Parse(address)));
    }

    [Fact]
    public void Should_have_no_bound_for_an_address_when_there_is_none()
    {
        var strangers = Make(forAddress: 0);
        for (var i = 0; i < 100; i++)
            Assert.NotNull(strangers.Add(Ana));
    }
}
