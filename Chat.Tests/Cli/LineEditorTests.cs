using Chat.Cli.Chatting;
using Xunit;

namespace Chat.Tests.Cli;

public sealed class LineEditorTests
{
    private readonly LineEditor _line = new();

    [Fact]
    public void Should_edit_by_what_is_seen_as_one_character()
    {
        _line.Insert("a👨‍👩‍👧e\u0301");
        _line.Left();
        _line.Left();
        _line.Insert("x");
        Assert.Equal("ax👨‍👩‍👧e\u0301", _line.Text);
        _line.Delete();
        Assert.Equal("axe\u0301", _line.Text);
        _line.End();
        _line.DeleteBack();
        Assert.Equal("ax", _line.Text);
        _line.DeleteBack();
        _line.DeleteBack();
        _line.DeleteBack();
        Assert.Equal("", _line.Text);
    }

    [Fact]
    public void Should_drop_what_the_line_has_no_room_for_and_part_no_character()
    {
        Assert.True(_line.Insert(new string('x', LineEditor.MostCharacters - 3)));
        Assert.False(_line.Insert("👍👍"));
        Assert.EndsWith("x👍", _line.Text, StringComparison.Ordinal);
        Assert.True(_line.Insert("y"));
        Assert.False(_line.Insert("z"));
        Assert.Equal((LineEditor.MostCharacters, LineEditor.MostCharacters), (_line.Text.Length, _line.Caret));
    }

    [Fact]
    public void Should_delete_words_and_ends()
    {
        _line.Insert("one two  three four");
        _line.DeleteWordBack();
        Assert.Equal("one two  three ", _line.Text);
        _line.DeleteWordBack();
        Assert.Equal("one two  ", _line.Text);
        _line.WordLeft();
        _line.DeleteToEnd();
        Assert.Equal("one ", _line.Text);
        _line.Home();
        _line.WordRight();
        _line.DeleteToStart();
        Assert.Equal(" ", _line.Text);
    }

    [Fact]
    public void Should_bring_back_what_was_typed_before_and_keep_the_draft()
    {
        foreach (var text in new[] { "one", "two", "two", "   " })
        {
            _line.Insert(text);
            Assert.Equal(text, _line.Submit());
        }
        _line.Insert("draft");
        _line.Older();
        Assert.Equal("two", _line.Text);
        _line.Older();
        _line.Older();
        Assert.Equal("one", _line.Text);
        _line.Newer();
        _line.Newer();
        Assert.Equal("draft", _line.Text);
        _line.Newer();
        Assert.Equal("draft", _line.Text);
    }
}
