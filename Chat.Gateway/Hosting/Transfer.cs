using System.Diagnostics;
using System.Globalization;
using Chat.Actors.History;
using Chat.Actors.History.Postgres;
using Chat.Gateway.Configuration;

namespace Chat.Gateway.Hosting;

/// <summary>Prints what a <see cref="LogTransfer"/> does: how far it is, a line for each room, and a last one for all.</summary>
internal static class Transfer
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);

    /// <summary>Gives the exit code. Throws a <see cref="StorageException"/> where the folder or the database fails.</summary>
    public static int Run(GatewayOptions options, bool isImport, TextWriter output, TextWriter error)
    {
        if (isImport && !Directory.Exists(options.Data))
        {
            error.WriteLine($"--data: there is no folder {options.Data}. Name the one that the gateway keeps its rooms' logs in.");
            return ExitCodes.Usage;
        }
        using var files = FileHistoryStore.Open(options.Data, warn: error.WriteLine);
        using var database = PostgresHistoryStore.Open(options.Postgres!.Connection, warn: error.WriteLine);
        var transfer = new LogTransfer(files, database);
        var rooms = transfer.Rooms(isImport);
        var (done, off, messages, bytes, damaged, said) = (0, 0, 0L, 0L, 0L, Stopwatch.GetTimestamp());
        foreach (var room in rooms)
        {
            var result = isImport ? transfer.Import(room) : transfer.Export(room);
            output.WriteLine(Invariant(
                $"{room}: {result.Messages} messages, {result.Bytes} bytes, seq {result.First} to {result.Last}: {(result.Problem is not null ? "differs" : result.WasThere ? "was there" : "copied")}{LeftOut(result.Damaged)}"));
            if (result.Problem is { } problem)
                error.WriteLine(problem);
            done++;
            off += result.Problem is null ? 0 : 1;
            (messages, bytes, damaged) = (messages + result.Messages, bytes + result.Bytes, damaged + result.Damaged);
            if (Stopwatch.GetElapsedTime(said) < ProgressEvery)
                continue;
            said = Stopwatch.GetTimestamp();
            error.WriteLine(Invariant($"{done} of {rooms.Count} rooms, {messages} messages"));
        }
        output.WriteLine(Invariant($"{done} rooms, {messages} messages, {bytes} bytes: {(off == 0 ? "ok" : $"{off} off")}{LeftOut(damaged)}"));
        return off == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static string LeftOut(long damaged) => damaged == 0 ? "" : Invariant($", {damaged} damaged left out");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
