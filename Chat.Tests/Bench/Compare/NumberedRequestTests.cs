using System.Text;
using Chat.Bench.Load;
using CsCheck;
using Xunit;

namespace Chat.Tests.Bench.Compare;

public sealed class NumberedRequestTests
{
    [Fact]
    public void Should_be_known_again_by_its_number_wherever_that_stands() =>
        Gen.Select(Gen.Long[0, 999_999_999_999], Gen.String[Gen.Char['c', 'z'], 0, 20]).Sample((number, before) =>
        {
            var request = new NumberedRequest(Encoding.ASCII.GetBytes($"{before}{NumberedRequest.Token}|{NumberedRequest.Text(40)}"));
            _ = request.Numbered(999_999_999_999);
            var text = Encoding.ASCII.GetString(request.Numbered(number));
            Assert.StartsWith($"{before}b-{number:D12}|b-{number:D12} x", text);
            Assert.Equal(number, NumberedRequest.Number(Encoding.ASCII.GetBytes(text)));
        });

    [Theory]
    [InlineData("")]
    [InlineData("b-")]
    [InlineData("b-00000000000")]
    [InlineData("b-00000000000x")]
    [InlineData("no number")]
    public void Should_find_no_number_where_there_is_none(string message) => Assert.Equal(-1, NumberedRequest.Number(Encoding.ASCII.GetBytes(message)));

    [Fact]
    public void Should_be_as_long_as_was_asked_for()
    {
        Assert.Equal(120, NumberedRequest.Text(120).Length);
        Assert.Equal(16, NumberedRequest.Text(16).Length);
    }

    [Fact]
    public void Should_refuse_a_request_without_a_place_for_the_number() => Assert.Throws<ArgumentException>(() => new NumberedRequest("b-1"u8.ToArray()));
}
