using System.Text;
using Chat.Gateway.Sockets.Fleck;
using Xunit;

namespace Chat.Tests.Sockets.Fleck;

public sealed class RequestHeadTests
{
    private static RequestHead? Parse(params string[] lines) =>
        RequestHead.Parse(Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"));

    [Fact]
    public void Should_read_all_of_a_request()
    {
        var head = Parse("GET /%77s?x=1?y HTTP/1.1", "Host: chat:81", "X-Empty:", "x-twice: a ", "X-Twice:\tb", "Cookie: \u00e9: c")!;
        Assert.Equal(("GET", "/ws", "?x=1?y", "HTTP/1.1"), (head.Method, head.Path, head.Query, head.Protocol));
        Assert.Equal("chat:81", head.Headers.Host);
        Assert.Equal("", Assert.Single(head.Headers["X-Empty"]));
        Assert.Equal("a,b", head.Headers["X-Twice"]);
        Assert.Equal("\u00e9: c", head.Headers.Cookie);
    }

    [Fact]
    public void Should_find_the_path_behind_a_servers_name() =>
        Assert.Equal("/ws", Parse("GET http://chat:81/ws HTTP/1.1", "Host: chat:81")!.Path);

    [Fact]
    public void Should_need_no_host_in_the_version_that_had_none() => Assert.NotNull(Parse("GET / HTTP/1.0"));

    [Theory]
    [InlineData("")]
    [InlineData("GET /")]
    [InlineData("GET  / HTTP/1.1")]
    [InlineData("GET / HTTP/1.1 ")]
    [InlineData("GET / HTTP/2.0")]
    [InlineData("GET / http/1.1")]
    [InlineData("G\u00e9T / HTTP/1.1")]
    [InlineData(" / HTTP/1.1")]
    [InlineData("GET ws HTTP/1.1")]
    [InlineData("GET * HTTP/1.1")]
    [InlineData("GET file:///ws HTTP/1.1")]
    [InlineData("GET /\u00e9 HTTP/1.1")]
    [InlineData("GET /\tws HTTP/1.1")]
    [InlineData("<policy-file-request/>\0")]
    public void Should_take_nothing_else_for_a_first_line(string line) => Assert.Null(Parse(line, "Host: chat"));

    [Theory]
    [InlineData("")]
    [InlineData("no colon")]
    [InlineData(": nameless")]
    [InlineData("a name: x")]
    [InlineData("Name : x")]
    [InlineData(" folded")]
    [InlineData("Name: a\nb")]
    [InlineData("Name: a\rb")]
    [InlineData("Name: a\0b")]
    [InlineData("Name: a\u007fb")]
    [InlineData("N\u00e4me: x")]
    [InlineData("Host: another")]
    public void Should_refuse_a_request_for_one_line_that_is_no_header(string line) => Assert.Null(Parse("GET / HTTP/1.1", "Host: chat", line));

    [Fact]
    public void Should_refuse_a_request_without_a_host() => Assert.Null(Parse("GET / HTTP/1.1", "Name: x"));

    [Fact]
    public void Should_take_so_many_headers_and_no_more()
    {
        string[] lines = ["GET / HTTP/1.1", "Host: chat", .. Enumerable.Range(1, RequestHead.MaxHeaders - 1).Select(i => $"X-{i}: {i}")];
        Assert.NotNull(Parse(lines));
        Assert.Null(Parse([.. lines, "X: one more"]));
    }
}
