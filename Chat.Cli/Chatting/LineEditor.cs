using System.Globalization;

namespace Chat.Cli.Chatting;

/// <summary>The line being typed: its text, the caret, and what was typed before.</summary>
internal sealed class LineEditor
{
    /// <summary>The longest line, in UTF-16 units: a few times what a message may have.</summary>
    public const int MostCharacters = 16_000;

    private const int Remembered = 200;

    private readonly List<string> _history = [];
    private int _at;
    private string _draft = "";

    public string Text { get; private set; } = "";

    /// <summary>Where the next character goes, in UTF-16 units; never inside a user-perceived character.</summary>
    public int Caret { get; private set; }

    public void Set(string text) => Set(text, text.Length);

    public void Set(string text, int caret) => (Text, Caret) = (text, caret);

    /// <summary>Puts in as much of the text as the line has room for. False where that isn't all.</summary>
    public bool Insert(string text)
    {
        var fits = Fitting(text, Math.Max(0, MostCharacters - Text.Length));
        Set(Text.Insert(Caret, text[..fits]), Caret + fits);
        return fits == text.Length;
    }

    public void DeleteBack()
    {
        var from = Before(Caret);
        Set(Text.Remove(from, Caret - from), from);
    }

    public void Delete() => Set(Text.Remove(Caret, After(Caret) - Caret), Caret);

    public void DeleteWordBack()
    {
        var from = WordBefore();
        Set(Text.Remove(from, Caret - from), from);
    }

    public void DeleteToStart() => Set(Text[Caret..], 0);

    public void DeleteToEnd() => Set(Text[..Caret], Caret);

    public void Left() => Caret = Before(Caret);

    public void Right() => Caret = After(Caret);

    public void WordLeft() => Caret = WordBefore();

    public void WordRight()
    {
        while (Caret < Text.Length && char.IsWhiteSpace(Text[Caret]))
            Caret = After(Caret);
        while (Caret < Text.Length && !char.IsWhiteSpace(Text[Caret]))
            Caret = After(Caret);
    }

    public void Home() => Caret = 0;

    public void End() => Caret = Text.Length;

    /// <summary>Takes the line away to be carried out, and remembers it.</summary>
    public string Submit()
    {
        var text = Text;
        if (text.Trim().Length > 0 && (_history.Count == 0 || _history[^1] != text))
            _history.Add(text);
        if (_history.Count > Remembered)
            _history.RemoveAt(0);
        _at = _history.Count;
        _draft = "";
        Set("");
        return text;
    }

    /// <summary>Goes back to what was typed before; what is being typed now is kept for <see cref="Newer"/>.</summary>
    public void Older()
    {
        if (_at == 0)
            return;
        if (_at == _history.Count)
            _draft = Text;
        Set(_history[--_at]);
    }

    public void Newer()
    {
        if (_at == _history.Count)
            return;
        Set(++_at == _history.Count ? _draft : _history[_at]);
    }

    private static int Fitting(string text, int most)
    {
        if (text.Length <= most)
            return text.Length;
        var fits = 0;
        while (fits + StringInfo.GetNextTextElementLength(text, fits) is var next && next <= most)
            fits = next;
        return fits;
    }

    private int Before(int index)
    {
        var before = 0;
        for (var i = 0; i < index; i += StringInfo.GetNextTextElementLength(Text, i))
            before = i;
        return before;
    }

    private int After(int index) => index >= Text.Length ? Text.Length : index + StringInfo.GetNextTextElementLength(Text, index);

    private int WordBefore()
    {
        var index = Caret;
        while (index > 0 && char.IsWhiteSpace(Text[index - 1]))
            index--;
        while (index > 0 && !char.IsWhiteSpace(Text[index - 1]))
            index--;
        return index;
    }
}
