using System.Text;
using Chat.Cli.Screen;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class KeyParserTests
{
    private readonly KeyParser _parser = new();

    private List<Key> Feed(string text) => _parser.Feed(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void Should_read_text_and_controls() => Assert.Equal(
        [Key.Of("a"), Key.Of("日"), Key.Of("👍"), new Key(KeyCode.Enter), new Key(KeyCode.Enter), new Key(KeyCode.Tab), new Key(KeyCode.Backspace), Key.OfCtrl('c')],
        Feed("a日👍\r\n\t\u007F\u0003"));

    [Fact]
    public void Should_read_the_sequences_of_xterm() => Assert.Equal(
        [new Key(KeyCode.Up), new Key(KeyCode.Down), new Key(KeyCode.Home), new Key(KeyCode.End), new Key(KeyCode.Delete), new Key(KeyCode.PageUp),
            new Key(KeyCode.PageDown), new Key(KeyCode.BackTab), new Key(KeyCode.Left, Ctrl: true), new Key(KeyCode.Up, Alt: true)],
        Feed("\e[A\eOB\e[H\e[4~\e[3~\e[5~\e[6~\e[Z\e[1;5D\e[1;3A"));

    [Fact]
    public void Should_read_alt() =>
        Assert.Equal([Key.Of("3", alt: true), Key.Of("x", alt: true), new Key(KeyCode.Enter, Alt: true)], Feed("\e3\ex\e\r"));

    [Fact]
    public void Should_drop_sequences_that_mean_nothing_here_whole() =>
        Assert.Equal([Key.Of("a"), Key.Of("b"), Key.Of("c")], Feed("a\e[I\e[<0;10;20Mb\e[15~\e[?1;2cc\u009B"));

    [Fact]
    public void Should_read_whatever_the_pieces()
    {
        var keys = new List<Key>();
        foreach (var b in Encoding.UTF8.GetBytes("日\e[1;5C\e[200~one\r\ntwo\e[201~x"))
            keys.AddRange(_parser.Feed([b]));
        Assert.Equal([Key.Of("日"), new Key(KeyCode.Right, Ctrl: true), new Key(KeyCode.Paste, "one\ntwo"), Key.Of("x")], keys);
    }

    [Fact]
    public void Should_take_an_escape_for_a_key_when_nothing_follows()
    {
        Assert.Empty(Feed("\e"));
        Assert.True(_parser.IsUndecided);
        Assert.Equal([new Key(KeyCode.Escape)], _parser.Flush());
        Assert.False(_parser.IsUndecided);
    }

    [Fact]
    public void Should_keep_what_a_paste_holds_from_being_keys() =>
        Assert.Equal([new Key(KeyCode.Paste, "\e[A/quit\n\u0003")], Feed("\e[200~\e[A/quit\r\u0003\e[201~"));

    [Fact]
    public void Should_bound_a_paste() =>
        Assert.True(Assert.Single(Feed("\e[200~" + new string('x', 200_000) + "\e[201~")).Text.Length <= 64 * 1024);
}
