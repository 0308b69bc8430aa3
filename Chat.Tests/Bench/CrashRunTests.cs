using Chat.Bench.Crash;
using Chat.Bench.Gateways;
using Chat.Bench.Runs;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class CrashRunTests : IDisposable
{
    private const int Kills = 5;

    private static readonly string Gateway = Path.Combine(AppContext.BaseDirectory, "Chat.Gateway.dll");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Should_find_nothing_lost_twice_or_out_of_order_when_the_gateway_is_killed_and_notice_what_is_taken_away_afterwards()
    {
        var gateway = new GatewaySettings { Program = Gateway, Data = _folder.In("data") };
        var settings = new CrashSettings { Kills = Kills, Seed = 2, Writers = 4, Readers = 3, Rooms = 2, AcksAtMost = 400 };

        var result = await CrashRun.RunAsync(gateway, settings, TextWriter.Null, CancellationToken.None);

        Assert.Empty(result.Offences.First);
        Assert.True(result.Offences.IsEmpty);
        Assert.Equal(Kills, result.Kills);
        Assert.InRange(result.KillsDuringStart, 0, Kills - 1);
        Assert.InRange(result.Record.Acked, 1, result.Logged);
        // Every writer is in both rooms, and so is every reader.
        Assert.Equal(result.Logged * 7, result.Record.Delivered);

        var file = Directory.GetFiles(_folder.In("data", "crash-1"), "*.jsonl").Single();
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllTextAsync(file, string.Concat(lines.Where((_, at) => at != 3).Select(line => line + "\n")));
        var offences = new Offences();
        await CrashRun.CheckAsync(result.Record, gateway, offences, CancellationToken.None);

        Assert.InRange(offences[Offence.Lost], 2, long.MaxValue);
        Assert.Contains("crash-1: the log goes from seq 3 to 5", offences.First);
        Assert.Contains(offences.First, sentence => sentence.StartsWith("verify after the end exits with 1", StringComparison.Ordinal));
        Assert.Equal((0, 0), (offences[Offence.Twice], offences[Offence.OutOfOrder]));
    }
}
