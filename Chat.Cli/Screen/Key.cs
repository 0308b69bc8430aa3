namespace Chat.Cli.Screen;

/// <summary>What was pressed.</summary>
internal enum KeyCode
{
    /// <summary>A character, or several: see <see cref="Key.Text"/>.</summary>
    Text,

    /// <summary>A whole text at once, with its line breaks.</summary>
    Paste,
    Enter,
    Tab,
    BackTab,
    Escape,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
}

/// <summary>One key, with what was held down. <c>Ctrl+A</c> is the text <c>a</c> with <see cref="Ctrl"/>.</summary>
internal readonly record struct Key(KeyCode Code, string Text = "", bool Ctrl = false, bool Alt = false)
{
    public static Key Of(string text, bool alt = false) => new(KeyCode.Text, text, Alt: alt);

    public static Key OfCtrl(char letter) => new(KeyCode.Text, letter.ToString(), Ctrl: true);
}
