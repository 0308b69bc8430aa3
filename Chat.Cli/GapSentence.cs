using Chat.Protocol;

namespace Chat.Cli;

/// <summary>What a page lacks, in words.</summary>
internal static class GapSentence
{
    public static string Missing(SeqRange range) => range.From == range.To
        ? "1 message is missing here: damaged"
        : $"{range.To - range.From + 1} messages are missing here: damaged";

    public const string NotKept = "Messages may be missing here: the room's log was replaced, or older ones are gone.";

    /// <summary>A sentence for each gap of the page.</summary>
    public static IEnumerable<string> Of(ServerEvent.History page) =>
        !page.Gap ? []
        : page.Missing.Count == 0 ? [NotKept]
        : page.Missing.Select(Missing);
}
