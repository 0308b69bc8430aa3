using System.Globalization;
using Chat.Actors;
using Chat.Actors.History;
using Chat.Gateway.Configuration;

namespace Chat.Gateway.Hosting;

/// <summary>Prints what a <see cref="LogVerifier"/> finds: a line for each room and each fault, and a last one for all.</summary>
internal static class Verification
{
    /// <summary>Gives the exit code. Throws a <see cref="StorageException"/> where the folder can't be listed.</summary>
    public static int Run(string data, TextWriter output, TextWriter error)
    {
        if (!Directory.Exists(data))
        {
            error.WriteLine($"--data: there is no folder {data}. Name the one that the gateway keeps its rooms' logs in.");
            return ExitCodes.Usage;
        }
        var (rooms, off, messages, bytes) = (0, 0, 0L, 0L);
        foreach (var room in new LogVerifier(new ChatOptions()).Verify(data))
        {
            Print(output, room);
            rooms++;
            off += room.IsOk ? 0 : 1;
            (messages, bytes) = (messages + room.Messages, bytes + room.Bytes);
        }
        output.WriteLine(Invariant($"{Counted(rooms, "room")}, {Counted(messages, "message")}, {Counted(bytes, "byte")}: {(off == 0 ? "ok" : $"{off} off")}"));
        return off == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static void Print(TextWriter output, RoomVerdict room)
    {
        var seqs = room.First <= room.Last ? $"seq {room.First} to {room.Last}" : "empty";
        output.WriteLine(Invariant(
            $"{room.Folder}: {Counted(room.Messages, "message")}, {Counted(room.Segments, "segment")}, {Counted(room.Bytes, "byte")}, {seqs}: {(room.IsOk ? "ok" : Counted(room.FaultCount, "fault"))}"));
        foreach (var fault in room.Faults)
            output.WriteLine($"  {fault}");
        if (room.FaultCount > room.Faults.Count)
            output.WriteLine(Invariant($"  and {Counted(room.FaultCount - room.Faults.Count, "fault")} more"));
        if (room.Unfinished is { } unfinished)
            output.WriteLine($"  (no fault) {unfinished}");
    }

    private static string Counted(long count, string what) => Invariant($"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
