using Chat.Protocol.Client;

namespace Chat.Cli.Chatting;

/// <summary>One entry of a room's scroll.</summary>
internal abstract record ChatLine(DateTime Time)
{
    /// <summary>A message that is in the room's log.</summary>
    public sealed record Said(long Seq, string Id, string User, string Text, DateTime Time) : ChatLine(Time);

    /// <summary>Somebody came or went, or the server has something to say.</summary>
    public sealed record Notice(string Sentence, NoticeKind Kind, DateTime Time) : ChatLine(Time);

    /// <summary>Messages that can't be had.</summary>
    public sealed record Gap(string Sentence, DateTime Time) : ChatLine(Time);

    /// <summary>A message of one's own that isn't in the log yet, or never will be.</summary>
    public sealed record Outgoing(string Id, string User, string Text, OutgoingStatus Status, string? Reason, DateTime Time) : ChatLine(Time);
}

/// <summary>How a notice is shown.</summary>
internal enum NoticeKind
{
    /// <summary>Somebody entered.</summary>
    Came,

    /// <summary>Somebody left.</summary>
    Went,

    /// <summary>The server speaks to people.</summary>
    Server,

    /// <summary>The program speaks: the answer to a command.</summary>
    Local,

    /// <summary>Something went wrong.</summary>
    Wrong,
}
