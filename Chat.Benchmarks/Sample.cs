using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Benchmarks;

/// <summary>A room's messages, of 120 characters as in the measurements of the whole server.</summary>
internal static class Sample
{
    public const string User = "ana";
    public const string Id = "b-000000000042";

    public static readonly RoomName Room = RoomName.Trusted("general");
    public static readonly string Text = new('x', 120);
    public static readonly DateTime Time = new(2026, 11, 25, 12, 0, 0, 123, DateTimeKind.Utc);

    public static byte[] Line(long seq) => LogLine.Encode(Room, seq, Id, User, Text, Time);

    public static LogEntry[] Entries(long from, int count) => [.. Enumerable.Range(0, count).Select(i => new LogEntry(from + i, Line(from + i)))];
}
