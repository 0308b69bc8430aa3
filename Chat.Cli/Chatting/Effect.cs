namespace Chat.Cli.Chatting;

/// <summary>What the model wants done on the wire.</summary>
internal abstract record Effect
{
    private Effect() { }

    /// <summary>Connect under this name.</summary>
    public sealed record Login(string Name) : Effect;

    /// <summary>Enter a room; after the last seq known of it, where something is.</summary>
    public sealed record Join(string Room, long? Since = null, string? Epoch = null) : Effect;

    public sealed record Leave(string Room) : Effect;

    public sealed record Publish(string Room, string Text, string Id) : Effect;

    /// <summary>Load the messages before a seq.</summary>
    public sealed record LoadOlder(string Room, long Before, int Count) : Effect;

    public sealed record AskWho(string Room) : Effect;

    public sealed record AskRooms : Effect;

    public sealed record TellTyping(string Room) : Effect;

    public sealed record Quit : Effect;
}
