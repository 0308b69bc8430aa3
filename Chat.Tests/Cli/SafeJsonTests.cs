using System.Text;
using Chat.Cli.Text;
using Newtonsoft.Json.Linq;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class SafeJsonTests
{
    [Fact]
    public void Should_be_the_same_bytes_for_a_pipe()
    {
        ReadOnlyMemory<byte> json = Encoding.UTF8.GetBytes("{\"message\":\"\u202E\u009B日本\"}");
        Assert.Equal(json, SafeJson.Line(json));
    }

    [Fact]
    public void Should_be_one_line_whatever_the_white_space() =>
        Assert.Equal("{ \"a\":  1}", Encoding.UTF8.GetString(SafeJson.Line("{\n\"a\":\r\n1}"u8.ToArray()).Span));

    [Fact]
    public void Should_escape_what_would_drive_a_terminal_and_mean_the_same()
    {
        var json = "{\"message\":\"\u007F\u009B31m\u202E\u200B\U000E0041 日本 👍\"}";
        var shown = Encoding.UTF8.GetString(SafeJson.ForTerminal(Encoding.UTF8.GetBytes(json)).Span);
        Assert.Equal("{\"message\":\"\\u007f\\u009b31m\\u202e\\u200b\\udb40\\udc41 日本 👍\"}", shown);
        Assert.Equal(JObject.Parse(json)["message"], JObject.Parse(shown)["message"]);
    }
}
