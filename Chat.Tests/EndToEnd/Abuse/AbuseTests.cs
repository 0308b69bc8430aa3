using System.Diagnostics;
using Chat.Bench.Abuses;
using Chat.Bench.Measures;
using Chat.Tests.EndToEnd.Support;
using Xunit;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Abuse;

/// <summary>
/// What <c>Chat.Bench -- abuse</c> measures, short and without its clock: beside each abuse two go on chatting, and none of their messages is
/// refused or lost; and the gateway's memory stays within a bound.
/// </summary>
public sealed class AbuseTests
{
    // For the most part what a collector with a heap for each core lets lie, and, of joins, thousands of rooms: `Chat.Bench -- abuse`, which goes on
    // for longer, saw at most 131 MiB.
    private const long MostGrowth = 192L * 1024 * 1024;

    // So that what is said to those who don't read is much.
    private static readonly string Padding = " " + new string('x', 3_900);

    private const string Room = "bystanders";
    private const string Elsewhere = "192.0.2.1";

    /// <summary>Each abuse, and how often what counts as its act has to have been done.</summary>
    public static TheoryData<string, string, long> Cases => new()
    {
        { "slow-handshake", "ended", 200 },
        { "half-open", "half open", 1_500 },
        { "silent", "closed 1008", 250 },
        { "huge-length", "closed 1009", 200 },
        { "fragments", "fragments", 200_000 },
        { "pings", "pings", 30_000 },
        { "bad-frames", "bad frames", 20_000 },
        { "logins", "rate_limited", 1_000 },
        { "rooms", "rate_limited", 1_000 },
        { "deaf", "histories", 10_000 },
    };

    [LinuxTheory(Linux.ProcMemory)]
    [MemberData(nameof(Cases))]
    public async Task Should_serve_bystanders_within_its_memory_when_it_is_abused(string name, string act, long enough)
    {
        using var data = new TempFolder();
        await using var gateway = await GatewayProcess.StartAsync(
            data.Path, "--handshake-seconds", "2", "--login-seconds", "2", "--trusted-proxies", "127.0.0.1", "--publish-rate", "0");
        await using var ana = await RawChat.ConnectAsync(gateway);
        await using var ben = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");
        await ben.LoginAsync("ben");
        await ana.JoinAsync(Room);
        await ben.JoinAsync(Room);
        var said = 0;
        await TalkAsync(ana, ben, $"{++said}");
        var before = ProcessUsage.ResidentBytes(gateway.Id);

        var (tally, startedAt) = (new Tally(), Stopwatch.GetTimestamp());
        using var stop = new CancellationTokenSource();
        var abusing = AllAbuses.Named(name).RunAsync(
            new AbuseTarget(new Uri($"ws://127.0.0.1:{gateway.Port}/ws"), Room, "ana", Elsewhere), tally, stop.Token);
        do
        {
            await TalkAsync(ana, ben, $"{++said}");
            if (abusing.IsCompleted)
                await abusing;
            if (Stopwatch.GetElapsedTime(startedAt) > Patience.Limit)
                throw new XunitException($"Waited {Patience.Limit.TotalSeconds} s for {enough} of {act}: {Told(tally)}\n{gateway.Report}");
        }
        while (tally[act] < enough);
        var grown = ProcessUsage.PeakResidentBytes(gateway.Id) - before;
        await stop.CancelAsync();
        await Patience.OfAsync(abusing, "the end of the abuse", () => gateway.Report);

        await TalkAsync(ana, ben, $"{++said}");
        Assert.True(grown < MostGrowth, $"It grew by {Report.Megabytes(grown)}: {Told(tally)}");
        Assert.Equal(Enumerable.Range(1, said).Select(seq => (long)seq), ben.Frames.SelectMany(frame => frame.Seqs));
        Assert.DoesNotContain(ana.Frames.Concat(ben.Frames), frame => frame.Type == "error");
        Assert.DoesNotContain("fail:", gateway.Output);
        Assert.DoesNotContain("crit:", gateway.Output);
    }

    private static async Task TalkAsync(RawChat ana, RawChat ben, string text)
    {
        var message = text + Padding;
        await ana.PublishAsync(Room, message);
        await ben.ExpectAsync(frame => frame.IsMessage(Room, message), "what a bystander says");
    }

    private static string Told(Tally tally) => string.Join(", ", tally.All.Select(count => $"{count.What} {count.Count}"));
}
