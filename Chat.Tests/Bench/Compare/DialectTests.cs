using System.Text;
using Chat.Bench.Load;
using Chat.Bench.Load.Dialects;
using Xunit;

namespace Chat.Tests.Bench.Compare;

public sealed class DialectTests
{
    [Fact]
    public void Should_find_every_operation_when_NATS_puts_several_into_a_frame() => Assert.Equal(
        [
            (Incoming.Other, "INFO {}"), (Incoming.Message, "b-1"), (Incoming.Message, "a\r\nb"), (Incoming.Message, ""), (Incoming.Ping, "PING"),
            (Incoming.Refusal, "-ERR 'Slow Consumer'"), (Incoming.Other, "PONG"),
        ],
        Read(new NatsDialect(), "INFO {}\r\nMSG room0 1 3\r\nb-1\r\nMSG room0 1 4\r\na\r\nb\r\nMSG room0 1 0\r\n\r\nPING\r\n-ERR 'Slow Consumer'\r\nPONG\r\n"));

    [Theory]
    [InlineData("PING")]
    [InlineData("MSG room0 1 3\r\nb-")]
    [InlineData("MSG room0 1 3\r\nb-1")]
    [InlineData("MSG room0 1 x\r\nb-1\r\n")]
    [InlineData("MSG room0 1 -1\r\nb-1\r\n")]
    public void Should_refuse_a_frame_of_NATS_that_is_not_whole(string payload) =>
        Assert.Throws<InvalidDataException>(() => Read(new NatsDialect(), payload));

    [Fact]
    public void Should_find_every_record_when_SignalR_puts_several_into_a_frame()
    {
        Assert.Equal(
            [
                (Incoming.Other, "{}"), (Incoming.Message, """{"type":1,"target":"message","arguments":["x"]}"""), (Incoming.Other, """{"type":6}"""),
                (Incoming.Refusal, """{"type":3,"invocationId":"join","error":"no"}"""), (Incoming.Refusal, """{"type":7}"""),
            ],
            Read(new SignalRDialect(), """
                {}|{"type":1,"target":"message","arguments":["x"]}|{"type":6}|{"type":3,"invocationId":"join","error":"no"}|{"type":7}|
                """.Replace('|', '\u001E')));
        Assert.Throws<InvalidDataException>(() => Read(new SignalRDialect(), """{"type":1"""));
    }

    [Theory]
    [InlineData("""{"type":"message","room":"r","seq":1}""", Incoming.Message)]
    [InlineData("""{"type":"ack","id":"b-1"}""", Incoming.Other)]
    [InlineData("""{"type":"error","code":"busy"}""", Incoming.Refusal)]
    public void Should_know_what_our_own_events_are(string text, Incoming expected) => Assert.Equal([(expected, text)], Read(new ChatDialect(), text));

    [Theory]
    [InlineData("""42["message","room0","m0","b-1"]""", Incoming.Message)]
    [InlineData("430[]", Incoming.Other)]
    [InlineData("2", Incoming.Ping)]
    [InlineData("""44{"message":"no"}""", Incoming.Refusal)]
    public void Should_know_what_the_packets_of_Socket_IO_are(string text, Incoming expected) =>
        Assert.Equal([(expected, text)], Read(new SocketIoDialect(), text));

    [Theory]
    [InlineData("""{"type": "message", "room": "room0"}""", Incoming.Message)]
    [InlineData("""{"type": "rooms", "rooms": []}""", Incoming.Other)]
    [InlineData("""{"type": "error", "message": "no"}""", Incoming.Refusal)]
    public void Should_know_what_the_events_of_the_original_are(string text, Incoming expected) =>
        Assert.Equal([(expected, text)], Read(new OriginalDialect(), text));

    [Fact]
    public void Should_come_back_with_the_session_of_our_own_welcome()
    {
        var dialect = new ChatDialect();
        var session = dialect.Session("""{"type":"system","event":"welcome","message":"Welcome m1!","user":"m1","session":"0123","resumed":false}"""u8);
        Assert.Equal("0123", session);
        Assert.Null(dialect.Session("""{"type":"rooms","session":"0123"}"""u8));
        Assert.Contains("\"session\":\"0123\"", Encoding.UTF8.GetString(dialect.Entry("m1", "room0", session)[0].Requests[0]));
        Assert.DoesNotContain("session", Encoding.UTF8.GetString(dialect.Entry("m1", "room0", null)[0].Requests[0]));
    }

    private static List<(Incoming, string)> Read(IDialect dialect, string text)
    {
        ReadOnlySpan<byte> payload = Encoding.UTF8.GetBytes(text);
        var read = new List<(Incoming, string)>();
        while (payload.Length > 0)
            read.Add((dialect.Next(ref payload, out var part), Encoding.UTF8.GetString(part)));
        return read;
    }
}
