using Chat.Cli.Chatting;

namespace Chat.Cli.Screen;

/// <summary>What each key does.</summary>
internal sealed class ChatKeys(ChatModel model, Func<ScrollWindow> window, Func<int> pageRows)
{
    private static readonly IReadOnlyList<Effect> Nothing = [];

    private bool _isFullTold;

    /// <summary>Whether Ctrl-C ended the chat.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>Whether all is to be drawn anew.</summary>
    public bool WantsRedraw { get; set; }

    public IReadOnlyList<Effect> Press(Key key)
    {
        var line = model.Line;
        switch (key)
        {
            case { Code: KeyCode.Enter, Alt: true }:
                return Insert("\n");
            case { Code: KeyCode.Enter }:
                return model.Submit();
            case { Code: KeyCode.Paste }:
                return Insert(model.AsksName ? key.Text.ReplaceLineEndings("").Trim() : key.Text.TrimEnd('\n'));
            case { Code: KeyCode.Tab }:
                model.Complete();
                return Nothing;
            case { Code: KeyCode.BackTab }:
                model.Complete(backwards: true);
                return Nothing;
            case { Code: KeyCode.PageUp }:
                return window().Up(pageRows()) ? model.ReachedTop() : Nothing;
            case { Code: KeyCode.PageDown }:
                window().Down(pageRows());
                return Nothing;
            case { Code: KeyCode.Escape }:
                model.Current.Anchor = null;
                return Nothing;
            case { Code: KeyCode.Text, Alt: true, Text: [>= '1' and <= '9'] }:
                model.ShowAt(key.Text[0] - '1');
                return Nothing;
            case { Code: KeyCode.Text, Ctrl: false, Alt: false }:
                return Insert(key.Text);
            case { Code: KeyCode.Text, Ctrl: true }:
                return PressCtrl(key.Text[0]);
            case { Code: KeyCode.Text, Alt: true }:
                return PressAlt(key.Text);
            default:
                Move(key);
                return Nothing;
        }
    }

    private IReadOnlyList<Effect> PressCtrl(char letter)
    {
        var line = model.Line;
        switch (letter)
        {
            case 'c' when line.Text.Length > 0 && !model.AsksName:
                line.Set("");
                return Nothing;
            case 'c':
                IsInterrupted = true;
                return [new Effect.Quit()];
            case 'd' when line.Text.Length == 0 || model.AsksName:
                return model.Quit();
            case 'd':
                return Edit(line.Delete);
            case 'a':
                line.Home();
                return Nothing;
            case 'e':
                line.End();
                return Nothing;
            case 'u':
                return Edit(line.DeleteToStart);
            case 'k':
                return Edit(line.DeleteToEnd);
            case 'w':
                return Edit(line.DeleteWordBack);
            case 'n':
                model.ShowNext(1);
                return Nothing;
            case 'p':
                model.ShowNext(-1);
                return Nothing;
            case 'l':
                WantsRedraw = true;
                return Nothing;
            default:
                return Nothing;
        }
    }

    private IReadOnlyList<Effect> PressAlt(string text)
    {
        switch (text)
        {
            case "b":
                model.Line.WordLeft();
                break;
            case "f":
                model.Line.WordRight();
                break;
        }
        return Nothing;
    }

    private void Move(Key key)
    {
        var line = model.Line;
        switch (key.Code)
        {
            case KeyCode.Backspace when key.Alt || key.Ctrl:
                line.DeleteWordBack();
                break;
            case KeyCode.Backspace:
                line.DeleteBack();
                break;
            case KeyCode.Delete:
                line.Delete();
                break;
            case KeyCode.Left when key.Alt || key.Ctrl:
                line.WordLeft();
                break;
            case KeyCode.Right when key.Alt || key.Ctrl:
                line.WordRight();
                break;
            case KeyCode.Left:
                line.Left();
                break;
            case KeyCode.Right:
                line.Right();
                break;
            case KeyCode.Home:
                line.Home();
                break;
            case KeyCode.End:
                line.End();
                break;
            case KeyCode.Up when key.Alt:
                model.ShowNext(-1);
                break;
            case KeyCode.Down when key.Alt:
                model.ShowNext(1);
                break;
            case KeyCode.Up when !model.AsksName:
                line.Older();
                break;
            case KeyCode.Down when !model.AsksName:
                line.Newer();
                break;
        }
    }

    // That the line is full is said once, not at every key.
    private IReadOnlyList<Effect> Insert(string text) => Edit(() =>
    {
        var fits = model.Line.Insert(text);
        if (!fits && !_isFullTold)
            model.Notice($"The line is full: it takes {LineEditor.MostCharacters} characters, and the rest was dropped.", NoticeKind.Wrong);
        _isFullTold = !fits;
    });

    private IReadOnlyList<Effect> Edit(Action edit)
    {
        edit();
        return model.Typed();
    }
}
