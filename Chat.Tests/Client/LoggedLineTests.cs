using System.Text;
using Chat.Protocol.Client;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.Client;

public sealed class LoggedLineTests
{
    [Theory]
    [InlineData("""{"type":"pin","room":"r","seq":7""", "r", 7L)]
    [InlineData("""{"type":"pin","\ud800":1,"room":"r","seq":7""", "r", 7L)]
    [InlineData("""{"type":"pin","room":"\ud800","seq":7""", null, null)]
    [InlineData("""{"type":"pin","x":{"room":"r"},"seq":7""", null, null)]
    [InlineData("""{"type":"pin","room":5,"seq":7""", null, null)]
    [InlineData("""{"type":"pin","room":""", null, null)]
    public void Should_read_where_a_line_belongs_and_never_throw(string before, string? room, long? seq)
    {
        var line = new byte[Encoding.UTF8.GetByteCount(before) + LogLine.CrcFieldLength];
        var length = Encoding.UTF8.GetBytes(before, line);
        LogLine.WriteCrcField(line.AsSpan(0, length), line.AsSpan(length));
        var read = LoggedLine.Read(line);
        Assert.Equal((room, seq), (read?.Room, read?.Seq));
    }
}
