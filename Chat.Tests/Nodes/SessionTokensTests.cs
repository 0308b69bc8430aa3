using Chat.Actors;
using Chat.Actors.Nodes;
using Xunit;

namespace Chat.Tests.Nodes;

public sealed class SessionTokensTests
{
    private readonly SessionTokens _tokens = new([1, 2, 3]);

    [Theory]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void Should_read_the_session_of_its_token(long session)
    {
        var token = _tokens.Of(new SessionId(session));
        Assert.Matches("^[0-9a-f]{48}$", token);
        Assert.Equal(new SessionId(session), _tokens.Read(token));
        Assert.Equal(new SessionId(session), new SessionTokens([1, 2, 3]).Read(token));
    }

    [Fact]
    public void Should_read_none_that_was_made_with_another_secret_or_changed_in_any_place()
    {
        var token = _tokens.Of(new SessionId(0x0123456789abcdef));
        Assert.Null(new SessionTokens([1, 2, 4]).Read(token));
        for (var i = 0; i < token.Length; i++)
            Assert.Null(_tokens.Read(token[..i] + (token[i] == '0' ? '1' : '0') + token[(i + 1)..]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("zz23456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("ünïcödé89abcdef0123456789abcdef0123456789abcdef0")]
    public void Should_read_none_that_has_not_its_form(string token) => Assert.Null(_tokens.Read(token));
}
