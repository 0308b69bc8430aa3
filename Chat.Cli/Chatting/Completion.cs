namespace Chat.Cli.Chatting;

/// <summary>Tab: finishes the word before the caret, and goes round what it could mean when pressed again.</summary>
internal sealed class Completion
{
    private static readonly string[] TakeRooms = ["/join", "/leave", "/switch"];

    private List<string> _candidates = [];
    private int _next;
    private string _head = "";
    private string _tail = "";
    private string _shown = "";

    /// <summary>Completes the editor's line from these names.</summary>
    /// <param name="line">The line.</param>
    /// <param name="rooms">The rooms that are known.</param>
    /// <param name="names">The names that are known, those most likely meant first.</param>
    /// <param name="backwards">Goes round the other way.</param>
    public void Apply(LineEditor line, IEnumerable<string> rooms, IEnumerable<string> names, bool backwards = false)
    {
        if (_candidates.Count == 0 || line.Text != _head + _shown + _tail || line.Caret != _head.Length + _shown.Length)
            Start(line, rooms, names);
        if (_candidates.Count == 0)
            return;
        if (backwards)
            _next = (_next + 2 * _candidates.Count - 2) % _candidates.Count;
        _shown = _candidates[_next];
        _next = (_next + 1) % _candidates.Count;
        line.Set(_head + _shown + _tail, _head.Length + _shown.Length);
    }

    private void Start(LineEditor line, IEnumerable<string> rooms, IEnumerable<string> names)
    {
        var before = line.Text[..line.Caret];
        var start = before.LastIndexOfAny([' ', '\n']) + 1;
        var word = before[start..];
        (_head, _tail, _next) = (before[..start], line.Text[line.Caret..], 0);
        var isFirst = _head.Trim().Length == 0;
        if (isFirst && word.StartsWith('/'))
            _candidates = Matching(SlashCommand.Names, word, " ");
        else if (TakeRooms.Contains(_head.Trim(), StringComparer.OrdinalIgnoreCase))
            _candidates = Matching(rooms, word.TrimStart('#'), "");
        else if (word.StartsWith('#'))
            _candidates = [.. Matching(rooms, word[1..], " ").Select(room => "#" + room)];
        else if (word.Length == 0)
            _candidates = [];
        else
            _candidates = word[0] == '@'
                ? [.. Matching(names, word[1..], " ").Select(name => "@" + name)]
                : Matching(names, word, isFirst ? ": " : " ");
    }

    private static List<string> Matching(IEnumerable<string> candidates, string word, string end) =>
        [.. candidates.Where(candidate => candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Distinct().Select(candidate => candidate + end)];
}
