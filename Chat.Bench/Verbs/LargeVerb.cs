using System.CommandLine;
using System.Globalization;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;
using Chat.Bench.Runs;

namespace Chat.Bench.Verbs;

/// <summary><c>large</c>: whether anything grows with a room's log.</summary>
internal static class LargeVerb
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("large",
            "Starts the gateway with a room of many messages, beside ones with a small room and an empty one: the time from a join to its history, until a "
            + "publish is acked, and for pages from anywhere in the log, and the gateway's memory.");
        var messages = BoundedOption.Integer("--messages", "Messages in the large room", 1_000_000, 1, 5_000_000);
        var recent = BoundedOption.Integer("--recent", "Of them from the last two minutes, so that their ids are remembered (at most 100,000 are); the small room has these alone", 10_000, 1, 5_000_000);
        var characters = BoundedOption.Integer("--characters", "Characters of a message", 120, 1, 4_000);
        var runs = BoundedOption.Integer("--runs", "How often the gateway is started with each, after once that doesn't count", 5, 1, 20);
        var pages = BoundedOption.Integer("--pages", "Pages of a hundred messages from random places, after each start", 100, 1, 2_000);
        foreach (var option in new[] { messages, recent, characters, runs, pages })
            command.Options.Add(option);
        var target = new TargetOptions(command, takesServer: false);
        command.SetMeasurement(error, (parsed, cancellation) => RunAsync(
            target.Read(parsed),
            new LargeSettings(
                parsed.GetValue(messages), Math.Min(parsed.GetValue(recent), parsed.GetValue(messages)), parsed.GetValue(characters), parsed.GetValue(runs), parsed.GetValue(pages)),
            output, cancellation));
        return command;
    }

    private static async Task<bool> RunAsync(TargetChoice choice, LargeSettings settings, TextWriter output, CancellationToken cancellation)
    {
        var program = await GatewayBinary.FindAsync(choice.Gateway, output, cancellation);
        Conditions.Print(output, $"large: a room of {Report.Count(settings.Messages)} messages beside one of {Report.Count(settings.Recent)} and an empty one",
        [
            .. Target.Describe(program, choice.Durability, Path.GetFullPath(choice.DataIn ?? Path.GetTempPath())),
            ("message", $"{settings.Characters} characters, {Report.Count(settings.Recent)} of the last two minutes, the others older than an hour"),
            ("runs", $"{settings.Runs} starts with each room in turn, after one that doesn't count; {settings.Pages} pages in each; files written just before, so that the system has them in memory"),
        ]);
        foreach (var room in await LargeRun.RunAsync(choice, program, settings, cancellation))
        {
            output.WriteLine($"{Report.Count(room.Messages)} messages, {Report.Megabytes(room.Bytes)}");
            Print(output, "start to listening", room.Of(start => start.Listening));
            Print(output, "join to history", room.Of(start => start.History));
            Print(output, "publish to ack", room.Of(start => start.Ack), "sent right behind that join");
            Print(output, "page", room.Pages);
            Report.Line(output, "gateway's memory", $"{Memory(room.Of(start => start.BytesJoined))} after that, {Memory(room.Of(start => start.BytesPaged))} after the pages");
        }
        return true;
    }

    private static void Print(TextWriter output, string name, Percentiles times, string? more = null) => Report.Line(output, name, string.Create(
        CultureInfo.InvariantCulture, $"p50 {times.Median:0.0} ms, p99 {times.At(99):0.0} ms, min {times.Min:0.0} ms, max {times.Max:0.0} ms of {Report.Count(times.Count)}{(more is null ? "" : ", " + more)}"));

    private static string Memory(Percentiles bytes) => $"{Report.Megabytes((long)bytes.Median)} ({Report.Megabytes((long)bytes.Min)} to {Report.Megabytes((long)bytes.Max)})";
}
