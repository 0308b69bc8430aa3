using System.Diagnostics;
using System.Net.Sockets;
using Chat.Bench.Crowds;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Protocol;

namespace Chat.Bench.Runs;

/// <summary>How <see cref="LargeRun"/> fills the room, and what it asks.</summary>
/// <param name="Messages">In the large room.</param>
/// <param name="Recent">Of them from the last minutes; the room that it is compared with has only these.</param>
/// <param name="Characters">Of each message.</param>
/// <param name="Runs">Starts of the gateway with each room, after one with none that doesn't count: its files come from the disk.</param>
/// <param name="Pages">Pages asked for after each start.</param>
public sealed record LargeSettings(int Messages, int Recent, int Characters, int Runs, int Pages);

/// <summary>One start of the gateway; times in milliseconds.</summary>
/// <param name="Listening">From the start of the process until it listened.</param>
/// <param name="History">From the first join to its first history.</param>
/// <param name="Ack">From a publish that was sent right behind that join to its ack.</param>
/// <param name="BytesJoined">Resident in the gateway a moment after both.</param>
/// <param name="BytesPaged">The same after the pages.</param>
/// <param name="Pages">From each request for a page to the page.</param>
public sealed record LargeStart(double Listening, double History, double Ack, long BytesJoined, long BytesPaged, IReadOnlyList<double> Pages);

/// <summary>All starts with one room.</summary>
/// <param name="Messages">How many it had.</param>
/// <param name="Bytes">Of its log.</param>
/// <param name="Starts">Each of them.</param>
public sealed record LargeRoom(int Messages, long Bytes, IReadOnlyList<LargeStart> Starts)
{
    /// <summary>The time to read pages, over all starts.</summary>
    public Percentiles Pages => new(Starts.SelectMany(start => start.Pages));

    /// <summary>One figure of all starts.</summary>
    public Percentiles Of(Func<LargeStart, double> figure) => new(Starts.Select(figure));
}

/// <summary>
/// A gateway that starts with a room of many messages, beside ones with an empty room and a small one: whether anything that it does grows
/// with the log.
/// </summary>
public static class LargeRun
{
    private const string Room = "bench-large";

    // As many as a connection may read at once.
    private const int PagesPerCaller = 20;

    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(1);

    /// <summary>Runs it: an empty room, a small one and the large one. Throws a <see cref="BenchException"/> where anything that is answered is wrong.</summary>
    public static async Task<IReadOnlyList<LargeRoom>> RunAsync(
        TargetChoice choice, string program, LargeSettings settings, CancellationToken cancellation)
    {
        using var small = new TemporaryFolder(choice.DataIn);
        using var large = new TemporaryFolder(choice.DataIn);
        var rooms = new List<(RoomLogContents Contents, TemporaryFolder? Folder, List<LargeStart> Starts)>
        {
            (Contents(0), null, []),
            (Contents(settings.Recent), small, []),
            (Contents(settings.Messages), large, []),
        };
        foreach (var (contents, folder, _) in rooms)
        {
            if (folder is not null)
                RoomLog.Write(folder.Data, contents, DateTime.UtcNow, cancellation);
        }
        await StartAsync(Contents(0), null, run: 0);
        for (var run = 0; run < settings.Runs; run++)
        {
            foreach (var (contents, folder, starts) in rooms)
                starts.Add(await StartAsync(contents, folder, run));
        }
        return [.. rooms.Select(room => new LargeRoom(room.Contents.Messages, Bytes(room.Folder), room.Starts))];

        RoomLogContents Contents(int messages) => new(Room, messages, Math.Min(messages, settings.Recent), settings.Characters);

        async Task<LargeStart> StartAsync(RoomLogContents contents, TemporaryFolder? folder, int run)
        {
            // What is said in the empty room would be in it at its next start.
            using var fresh = folder is null ? new TemporaryFolder(choice.DataIn) : null;
            var gateway = new GatewaySettings { Program = program, Data = (folder ?? fresh)!.Data, Durability = choice.Durability };
            return await MeasureAsync(gateway, contents, run, settings.Pages, cancellation);
        }
    }

    private static async Task<LargeStart> MeasureAsync(
        GatewaySettings settings, RoomLogContents contents, int run, int pages, CancellationToken cancellation)
    {
        await using var gateway = GatewayProcess.Start(settings);
        var server = await gateway.ListeningAsync(cancellation);
        var listening = Stopwatch.GetElapsedTime(gateway.StartedAt).TotalMilliseconds;
        try
        {
            using var caller = await Caller.EnterAsync(server, RoomLogContents.User(contents.Messages), cancellation);
            // Each run before has left a message.
            var last = contents.Messages == 0 ? 0 : contents.Messages + run;
            var joining = caller.AskAsync("join", $$"""{"type":"join","id":"join","room":"{{Room}}"}""", cancellation);
            var publishing = caller.AskAsync($"run-{run}", Publish($"run-{run}", contents), cancellation);
            var (history, historyTime) = await joining;
            var (ack, ackTime) = await publishing;
            // The message may be stored before the history is read, and is in it then.
            Expect(history is ServerEvent.History page && page.Last - last is 0 or 1 && IsPage(page, page.Last), $"a join's history up to {last}", history);
            Expect(ack is ServerEvent.Ack { Duplicate: false } stored && stored.Seq == last + 1, $"an ack with seq {last + 1}", ack);
            if (contents.Messages > 0)
            {
                var id = RoomLogContents.Id(contents.Messages);
                var (again, _) = await caller.AskAsync(id, Publish(id, contents), cancellation);
                Expect(again is ServerEvent.Ack { Duplicate: true } first && first.Seq == contents.Messages, $"the first seq of {id}", again);
            }
            await Task.Delay(SettleTime, cancellation);
            var joined = ProcessUsage.ResidentBytes(gateway.Id);
            var times = await ReadPagesAsync(server, last + 1, run, pages, cancellation);
            return new LargeStart(listening, historyTime, ackTime, joined, ProcessUsage.ResidentBytes(gateway.Id), times);
        }
        catch (Exception e) when (e is SocketException or InvalidDataException)
        {
            throw new BenchException($"The gateway ended a connection while it was being measured: {e.Message}");
        }
    }

    private static async Task<IReadOnlyList<double>> ReadPagesAsync(Uri server, long last, int run, int pages, CancellationToken cancellation)
    {
        var random = new Random(run);
        var times = new List<double>();
        while (times.Count < pages)
        {
            using var caller = await Caller.EnterAsync(server, $"reader-{times.Count}", cancellation);
            for (var asked = 0; asked < PagesPerCaller && times.Count < pages; asked++)
            {
                var before = random.NextInt64(2, last + 2);
                var (answer, time) = await caller.AskAsync($"page-{asked}",
                    $$"""{"type":"history","id":"page-{{asked}}","room":"{{Room}}","before":{{before}},"limit":{{Limits.PageMessages}}}""", cancellation);
                Expect(answer is ServerEvent.History { Messages.Count: > 0 } page && IsPage(page, before - 1), $"a page up to {before - 1}", answer);
                times.Add(time);
            }
        }
        return times;
    }

    private static string Publish(string id, RoomLogContents contents) =>
        $$"""{"type":"publish","id":"{{id}}","room":"{{Room}}","message":"{{contents.Text}}"}""";

    // Without a hole, up to the seq; empty only where there is nothing.
    private static bool IsPage(ServerEvent.History page, long through) =>
        !page.Gap && page.Missing.Count == 0 && (page.Messages.Count > 0 || through == 0)
        && page.Messages.Select((message, i) => message.Seq == through - page.Messages.Count + 1 + i).All(isNext => isNext);

    private static void Expect(bool isIt, string expected, ServerEvent got)
    {
        if (!isIt)
            throw new BenchException($"Expected {expected}, got {got}.");
    }

    private static long Bytes(TemporaryFolder? folder) =>
        folder is null ? 0 : new DirectoryInfo(folder.Data).EnumerateFiles("*.jsonl", SearchOption.AllDirectories).Sum(file => file.Length);
}
