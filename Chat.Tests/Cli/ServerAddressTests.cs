using Chat.Cli;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("ws://localhost:8181/ws", "ws://localhost:8181/ws")]
    [InlineData("wss://chat.example.org/ws", "wss://chat.example.org/ws")]
    [InlineData("http://localhost:8181", "ws://localhost:8181/ws")]
    [InlineData("https://chat.example.org/", "wss://chat.example.org/ws")]
    [InlineData("https://example.org/chat/ws", "wss://example.org/chat/ws")]
    [InlineData("localhost", "ws://localhost:8181/ws")]
    [InlineData("localhost:9000", "ws://localhost:9000/ws")]
    [InlineData("10.0.0.1:80", "ws://10.0.0.1/ws")]
    [InlineData("[::1]:9000", "ws://[::1]:9000/ws")]
    [InlineData("ws://localhost:8181/", "ws://localhost:8181/ws")]
    public void Should_be_taken_in_the_forms_that_people_write(string text, string address) =>
        Assert.Equal(new Uri(address), ServerAddress.Parse(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("ftp://example.org")]
    [InlineData("ws://user:secret@example.org")]
    [InlineData("ws://example.org/ws#here")]
    [InlineData("local host")]
    [InlineData("localhost:99999")]
    [InlineData("localhost:0")]
    [InlineData("ws://")]
    public void Should_be_refused_with_a_sentence_when_it_is_none(string text)
    {
        Assert.Null(ServerAddress.Parse(text, out var problem));
        Assert.EndsWith("host:port.", problem, StringComparison.Ordinal);
    }
}
