using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Tests.Cli;

/// <summary>Events as a server would have sent them.</summary>
internal static class Wire
{
    public static readonly DateTime Noon = new(2026, 6, 2, 12, 0, 0, DateTimeKind.Utc);

    public static ServerEvent.Message Message(long seq, string text = "", string user = "bea", string room = "general", string? id = null) =>
        LogLine.Decode(LogLine.Encode(
            RoomName.Trusted(room), seq, id ?? $"id-{seq}", user, text.Length > 0 ? text : $"text {seq}", Noon.AddMinutes(seq)))!;

    public static ServerEvent.History Page(
        IEnumerable<ServerEvent.Message> messages,
        string room = "general",
        string epoch = "e1",
        long last = 0,
        bool more = false,
        bool live = false,
        bool gap = false,
        params SeqRange[] missing)
    {
        ServerEvent.Message[] all = [.. messages];
        return new ServerEvent.History(
            room, epoch, all, last, more, live, gap, missing,
            Math.Max(all.Select(message => message.Seq).DefaultIfEmpty().Max(), missing.Select(range => range.To).DefaultIfEmpty().Max()));
    }

    public static IEnumerable<ServerEvent.Message> Messages(int from, int to) =>
        Enumerable.Range(from, to - from + 1).Select(seq => Message(seq));
}
