using Chat.Cli.Chatting;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class CompletionTests
{
    private static readonly string[] Rooms = ["general", "games", "dev"];
    private static readonly string[] Names = ["Bea", "bernd", "日本太郎"];

    [Theory]
    [InlineData("/jo", "/join ")]
    [InlineData("/h", "/history ")]
    [InlineData("/join d", "/join dev")]
    [InlineData("/switch #GE", "/switch general")]
    [InlineData("see #de", "see #dev ")]
    [InlineData("be", "Bea: ")]
    [InlineData("thanks be", "thanks Bea ")]
    [InlineData("thanks @ber", "thanks @bernd ")]
    [InlineData("日", "日本太郎: ")]
    [InlineData("nobody", "nobody")]
    [InlineData("", "")]
    [InlineData("word ", "word ")]
    public void Should_finish_the_word(string typed, string completed)
    {
        var line = new LineEditor();
        line.Insert(typed);
        new Completion().Apply(line, Rooms, Names);
        Assert.Equal(completed, line.Text);
        Assert.Equal(completed.Length, line.Caret);
    }

    [Fact]
    public void Should_go_round_when_pressed_again_and_back()
    {
        var (line, completion) = (new LineEditor(), new Completion());
        line.Insert("/join g");
        string Press(bool backwards = false)
        {
            completion.Apply(line, Rooms, Names, backwards);
            return line.Text;
        }
        Assert.Equal("/join general", Press());
        Assert.Equal("/join games", Press());
        Assert.Equal("/join general", Press());
        Assert.Equal("/join games", Press(backwards: true));
    }

    [Fact]
    public void Should_leave_what_stands_after_the_caret()
    {
        var line = new LineEditor();
        line.Set("hi be!", 5);
        new Completion().Apply(line, Rooms, Names);
        Assert.Equal("hi Bea !", line.Text);
    }

    [Fact]
    public void Should_start_anew_when_something_else_was_typed()
    {
        var (line, completion) = (new LineEditor(), new Completion());
        line.Insert("be");
        completion.Apply(line, Rooms, Names);
        line.Insert("and ber");
        completion.Apply(line, Rooms, Names);
        Assert.Equal("Bea: and bernd ", line.Text);
    }
}
