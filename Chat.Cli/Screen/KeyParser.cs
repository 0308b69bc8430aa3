using System.Globalization;
using System.Text;

namespace Chat.Cli.Screen;

/// <summary>
/// Keys from the bytes that a terminal sends: UTF-8, the sequences of xterm and its kin, bracketed paste. Sequences may come
/// in pieces; what isn't known is dropped whole.
/// </summary>
internal sealed class KeyParser
{
    private const char Esc = '\e';
    private const string PasteEnd = "\e[201~";

    // Nobody means to say more than this; it bounds what a paste can hold in memory.
    private const int LongestPaste = 64 * 1024;

    private readonly Decoder _utf8 = new UTF8Encoding(false).GetDecoder();
    private readonly StringBuilder _pending = new();
    private StringBuilder? _paste;

    /// <summary>Whether an Escape waits to become a key of its own or the start of a sequence: <see cref="Flush"/> decides.</summary>
    public bool IsUndecided => _paste is null && _pending.Length > 0;

    /// <summary>The keys that are whole with these bytes.</summary>
    public List<Key> Feed(ReadOnlySpan<byte> bytes)
    {
        Span<char> chars = new char[bytes.Length + 1];
        _pending.Append(chars[.._utf8.GetChars(bytes, chars, flush: false)]);
        return Take(isFinal: false);
    }

    /// <summary>Nothing more came for a while: an Escape was an Escape.</summary>
    public List<Key> Flush() => _paste is null ? Take(isFinal: true) : [];

    private List<Key> Take(bool isFinal)
    {
        var keys = new List<Key>();
        var text = _pending.ToString();
        var at = 0;
        while (at < text.Length)
        {
            var read = _paste is not null ? ReadPaste(text, at, keys) : ReadKey(text, at, isFinal, keys);
            if (read == 0)
                break;
            at += read;
        }
        _pending.Remove(0, at);
        return keys;
    }

    private int ReadPaste(string text, int at, List<Key> keys)
    {
        var end = text.IndexOf(PasteEnd, at, StringComparison.Ordinal);
        // The end's own first characters may be the last that are here.
        var length = end >= 0 ? end - at : Math.Max(0, text.Length - at - PasteEnd.Length + 1);
        _paste!.Append(text, at, Math.Min(length, LongestPaste - Math.Min(_paste.Length, LongestPaste)));
        if (end < 0)
            return length;
        keys.Add(new Key(KeyCode.Paste, _paste.ToString().ReplaceLineEndings("\n")));
        _paste = null;
        return length + PasteEnd.Length;
    }

    private int ReadKey(string text, int at, bool isFinal, List<Key> keys)
    {
        var c = text[at];
        if (c == Esc)
            return ReadEscape(text, at, isFinal, keys);
        if (c < ' ' || c == 0x7F)
        {
            keys.Add(Control(c, alt: false));
            return 1;
        }
        if (char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        {
            keys.Add(Key.Of(text.Substring(at, 2)));
            return 2;
        }
        // C1 controls come from no keyboard.
        if (!char.IsControl(c))
            keys.Add(Key.Of(c.ToString()));
        return 1;
    }

    private int ReadEscape(string text, int at, bool isFinal, List<Key> keys)
    {
        if (at + 1 == text.Length)
            return isFinal ? One(new Key(KeyCode.Escape), 1) : 0;
        var next = text[at + 1];
        switch (next)
        {
            case '[' or 'O' when at + 2 == text.Length:
                return isFinal ? One(Key.Of(next.ToString(), alt: true), 2) : 0;
            case '[':
                return ReadCsi(text, at, isFinal, keys);
            case 'O':
                if (Final(text[at + 2], default) is { } key)
                    keys.Add(key);
                return 3;
            case Esc:
                return One(new Key(KeyCode.Escape), 1);
            case < ' ' or (char)0x7F:
                return One(Control(next, alt: true), 2);
            default:
                return One(Key.Of(next.ToString(), alt: true), 2);
        }

        int One(Key key, int length)
        {
            keys.Add(key);
            return length;
        }
    }

    // CSI: parameters 0x30 to 0x3F, intermediates 0x20 to 0x2F, one final byte 0x40 to 0x7E.
    private int ReadCsi(string text, int at, bool isFinal, List<Key> keys)
    {
        var end = at + 2;
        while (end < text.Length && text[end] is >= ' ' and <= '?')
            end++;
        if (end == text.Length)
            return isFinal ? end - at : 0;
        var length = end - at + 1;
        if (text[end] is < '@' or > '~')
            return length - 1;
        // A private sequence is an answer or the mouse.
        if (text[at + 2] is >= '<' and <= '?')
            return length;
        var parameters = text[(at + 2)..end].Split(';');
        var modifiers = parameters.Length > 1 && int.TryParse(parameters[^1], CultureInfo.InvariantCulture, out var number) ? number - 1 : 0;
        if (text[end] != '~')
        {
            if (Final(text[end], modifiers) is { } key)
                keys.Add(key);
            return length;
        }
        if (parameters[0] == "200")
            _paste = new StringBuilder();
        else if (Numbered(parameters[0]) is { } code)
            keys.Add(With(code, modifiers));
        return length;
    }

    private static Key? Final(char final, int modifiers) => final switch
    {
        'A' => With(KeyCode.Up, modifiers),
        'B' => With(KeyCode.Down, modifiers),
        'C' => With(KeyCode.Right, modifiers),
        'D' => With(KeyCode.Left, modifiers),
        'H' => With(KeyCode.Home, modifiers),
        'F' => With(KeyCode.End, modifiers),
        'M' => With(KeyCode.Enter, modifiers),
        'Z' => With(KeyCode.BackTab, 0),
        _ => null,
    };

    private static KeyCode? Numbered(string parameter) => parameter switch
    {
        "1" or "7" => KeyCode.Home,
        "3" => KeyCode.Delete,
        "4" or "8" => KeyCode.End,
        "5" => KeyCode.PageUp,
        "6" => KeyCode.PageDown,
        _ => null,
    };

    // xterm's modifiers less one: 1 shift, 2 alt, 4 ctrl.
    private static Key With(KeyCode code, int modifiers) => new(code, Ctrl: (modifiers & 4) != 0, Alt: (modifiers & 2) != 0);

    private static Key Control(char c, bool alt) => c switch
    {
        '\r' or '\n' => new Key(KeyCode.Enter, Alt: alt),
        '\t' => new Key(KeyCode.Tab, Alt: alt),
        '\b' or (char)0x7F => new Key(KeyCode.Backspace, Alt: alt),
        '\0' => Key.OfCtrl(' '),
        < (char)27 => Key.OfCtrl((char)('a' + c - 1)) with { Alt = alt },
        _ => Key.OfCtrl((char)('@' + c)) with { Alt = alt },
    };
}
