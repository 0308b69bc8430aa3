using System.Net;
using Chat.Actors;
using Chat.Gateway.Sockets;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Sockets;

public sealed class AdmissionTests
{
    private static readonly IPAddress Ana = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Ben = IPAddress.Parse("192.0.2.2");

    private readonly ManualTime _time = new();

    private ChatOptions Chat => new() { Time = _time, ConnectRate = 1, ConnectBurst = 3 };

    private static string? Reason(Admission admission, IPAddress address)
    {
        var place = admission.Admit(address, out var rejection);
        Assert.Equal(place is null, rejection is not null);
        return rejection?.Reason;
    }

    [Fact]
    public void Should_refuse_everybody_when_the_server_is_full_and_take_one_for_each_place_given_back()
    {
        var admission = new Admission(Chat, maxConnections: 2, maxForAddress: 0);
        var place = admission.Admit(Ana, out _)!;
        Assert.Null(Reason(admission, IPAddress.Loopback));
        Assert.Equal("max-connections", Reason(admission, Ben));
        admission.Admit(Ben, out var rejection);
        Assert.Equal(503, rejection!.Status);
        Assert.NotNull(rejection.RetryAfter);
        place.Dispose();
        Assert.Null(Reason(admission, Ben));
        Assert.Equal("max-connections", Reason(admission, Ana));
    }

    [Fact]
    public void Should_refuse_an_address_that_has_as_many_as_it_may_and_no_other()
    {
        var admission = new Admission(Chat, maxConnections: 0, maxForAddress: 2);
        var place = admission.Admit(Ana, out _)!;
        Assert.Null(Reason(admission, Ana));
        admission.Admit(Ana, out var rejection);
        Assert.Equal((429, "max-connections-per-address", null), (rejection!.Status, rejection.Reason, rejection.RetryAfter));
        Assert.Null(Reason(admission, Ben));
        place.Dispose();
        Assert.Null(Reason(admission, Ana));
    }

    [Fact]
    public void Should_refuse_an_address_that_connects_too_fast_until_the_wait_that_it_names_is_over()
    {
        var admission = new Admission(Chat, 0, 0);
        for (var i = 0; i < 3; i++)
            admission.Admit(Ana, out _)!.Dispose();
        admission.Admit(Ana, out var rejection);
        Assert.Equal((429, "connect-rate", TimeSpan.FromSeconds(1)), (rejection!.Status, rejection.Reason, rejection.RetryAfter));
        Assert.Null(Reason(admission, Ben));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Reason(admission, Ana));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    // Of link-local ones, all machines of a link share the network.
    [InlineData("fe80::1", "fe80::2", false)]
    [InlineData("fe80::1", "fe80::1", true)]
    public void Should_count_a_network_of_IPv6_as_one_address(string one, string other, bool isOne)
    {
        var admission = new Admission(Chat, 0, maxForAddress: 1);
        Assert.Null(Reason(admission, IPAddress.Parse(one)));
        Assert.Equal(isOne, Reason(admission, IPAddress.Parse(other)) is not null);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public void Should_take_as_many_as_come_from_loopback(string address)
    {
        var admission = new Admission(Chat, 0, maxForAddress: 1);
        for (var i = 0; i < 10; i++)
            Assert.Null(Reason(admission, IPAddress.Parse(address)));
        Assert.Null(admission.Admit(IPAddress.Parse(address), out _)!.Budget);
        Assert.Equal(0, admission.Addresses);
        // Who is there may do anything; what a proxy says of one may be what the client said.
        Assert.NotNull(admission.Admit(IPAddress.Parse(address), out _, isForwarded: true));
        Assert.Null(admission.Admit(IPAddress.Parse(address), out _, isForwarded: true));
    }

    [Fact]
    public void Should_remember_an_address_until_it_has_no_connection_and_its_budget_is_whole()
    {
        var admission = new Admission(Chat, 0, 0);
        var place = admission.Admit(Ana, out _)!;
        _time.Advance(TimeSpan.FromMinutes(1));
        admission.Sweep();
        Assert.Equal(1, admission.Addresses);
        admission.Admit(Ben, out _)!.Dispose();
        place.Dispose();
        admission.Sweep();
        Assert.Equal(1, admission.Addresses);
        _time.Advance(TimeSpan.FromSeconds(1));
        admission.Sweep();
        Assert.Equal(0, admission.Addresses);
    }
}
