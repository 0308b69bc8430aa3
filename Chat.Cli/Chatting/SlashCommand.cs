namespace Chat.Cli.Chatting;

/// <summary>What a line that was typed means.</summary>
internal abstract record SlashCommand
{
    private SlashCommand() { }

    /// <summary>Something to say; a leading <c>//</c> says a slash.</summary>
    public sealed record Say(string Text) : SlashCommand;

    public sealed record Join(string Room) : SlashCommand;

    /// <summary>The room, or null for the current one.</summary>
    public sealed record Leave(string? Room) : SlashCommand;

    public sealed record Switch(string Room) : SlashCommand;

    public sealed record Rooms : SlashCommand;

    public sealed record Who : SlashCommand;

    public sealed record History(int Count) : SlashCommand;

    public sealed record Help : SlashCommand;

    public sealed record Quit : SlashCommand;

    /// <summary>It can't be carried out; the sentence says what to do instead.</summary>
    public sealed record Wrong(string Sentence) : SlashCommand;

    /// <summary>Each command as it is written, and what it does.</summary>
    public static IReadOnlyList<(string Usage, string Meaning)> All { get; } =
    [
        ("/join room", "enter a room"),
        ("/leave [room]", "leave this room, or another"),
        ("/switch room", "show another room (also Alt+1 to Alt+9, Ctrl+N, Ctrl+P)"),
        ("/rooms", "list the rooms and how many are in each"),
        ("/who", "list who is here"),
        ("/history [n]", "load n older messages (also PgUp)"),
        ("/help", "show this"),
        ("/quit", "leave (also Ctrl+D)"),
    ];

    /// <summary>The names alone, with the slash.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(command => command.Usage.Split(' ')[0])];

    /// <summary>Reads a line. Null for an empty one.</summary>
    public static SlashCommand? Parse(string line)
    {
        var text = line.Trim();
        if (text.Length == 0)
            return null;
        if (text[0] != '/')
            return new Say(text);
        if (text.StartsWith("//", StringComparison.Ordinal))
            return new Say(text[1..]);
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var name = words[0].ToLowerInvariant();
        return (name, words.Length - 1) switch
        {
            ("/join", 1) => new Join(RoomIn(words[1])),
            ("/leave", 0) => new Leave(null),
            ("/leave", 1) => new Leave(RoomIn(words[1])),
            ("/switch", 1) => new Switch(RoomIn(words[1])),
            ("/rooms", 0) => new Rooms(),
            ("/who", 0) => new Who(),
            ("/history", 0) => new History(Protocol.Limits.HistoryLimit),
            ("/history", 1) when int.TryParse(words[1], out var count) && count is >= 1 and <= Protocol.Limits.PageMessages => new History(count),
            ("/history", 1) => new Wrong($"/history takes a number from 1 to {Protocol.Limits.PageMessages}."),
            ("/help", 0) => new Help(),
            ("/quit", 0) => new Quit(),
            _ => All.FirstOrDefault(command => command.Usage.Split(' ')[0] == name).Usage is { } usage
                ? new Wrong($"Write it like this: {usage}")
                : new Wrong($"There is no command {words[0]}. /help lists them; a line that starts with // is said with one slash."),
        };
    }

    // Many write #room from habit; a room's name never starts with it.
    private static string RoomIn(string word) => word.Length > 1 ? word.TrimStart('#') : word;
}
