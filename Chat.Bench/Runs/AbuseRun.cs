using System.Diagnostics;
using System.Net.Sockets;
using Chat.Bench.Abuses;
using Chat.Bench.Crowds;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;

namespace Chat.Bench.Runs;

/// <summary>Who stands by, and for how long.</summary>
/// <param name="Bystanders">Members of one room who talk all the time.</param>
/// <param name="Rate">Messages a second in all.</param>
/// <param name="Seconds">How long they are measured before, and how long during the abuse.</param>
/// <param name="Characters">Of a message.</param>
/// <param name="Address">Where the attackers say that they are; null for this machine.</param>
public sealed record AbuseSettings(int Bystanders, int Rate, int Seconds, int Characters, string? Address);

/// <summary>What came of one abuse.</summary>
public sealed record AbuseResult
{
    /// <summary>Milliseconds from a bystander's send to its own echo, before.</summary>
    public required Percentiles Before { get; init; }

    /// <summary>The same while it went on.</summary>
    public required Percentiles During { get; init; }

    /// <summary>Messages of bystanders that never came back, and deliveries to any of them that never came or came twice.</summary>
    public required long Lost { get; init; }

    /// <summary>What bystanders were refused, or otherwise had to bear.</summary>
    public required IReadOnlyList<(string Error, int Count)> Errors { get; init; }

    /// <summary>The most that was resident in the gateway before any of it.</summary>
    public required long BytesBefore { get; init; }

    /// <summary>The most that was in all.</summary>
    public required long BytesDuring { get; init; }

    /// <summary>What the attackers did, and what was done about it.</summary>
    public required IReadOnlyList<(string What, long Count)> Tally { get; init; }

    /// <summary>The gateway's CPU time while it went on.</summary>
    public required TimeSpan GatewayCpu { get; init; }

    /// <summary>The attackers'.</summary>
    public required TimeSpan AttackersCpu { get; init; }

    /// <summary>How long it went on.</summary>
    public required TimeSpan Time { get; init; }
}

/// <summary>One abuse of a gateway, beside people who talk: whether they notice.</summary>
public static class AbuseRun
{
    private const string Taken = "taken";

    private static readonly TimeSpan StragglersTime = TimeSpan.FromSeconds(10);

    // What is compiled when it is first used, and better when it is used often, is nothing that an attacker did: so they have their way for a while
    // before anything is measured, and then all comes to rest.
    private const int WarmupSeconds = 3;
    private const int AbusedSeconds = 7;
    private const int RestSeconds = 3;

    // From its start until it goes on in full: a process has to start.
    private const int LeadSeconds = 2;

    /// <summary>The gateway's options: its own limits, and a proxy that says where attackers come from.</summary>
    public static IReadOnlyList<string> GatewayOptions => ["--trusted-proxies", "127.0.0.1"];

    /// <summary>Runs it. Throws a <see cref="BenchException"/> where the bystanders don't get in, or none of their messages came back.</summary>
    public static async Task<AbuseResult> RunAsync(Target target, Abuse abuse, AbuseSettings settings, CancellationToken cancellation)
    {
        var process = target.ProcessId ?? throw new BenchException("Only a gateway that is started here can be measured.");
        var measured = settings.Seconds * settings.Rate;
        var unmeasured = (WarmupSeconds + AbusedSeconds + RestSeconds) * settings.Rate;
        var all = unmeasured + measured + (LeadSeconds * settings.Rate) + measured;
        var echoes = new EchoBook(all, settings.Bystanders);
        await using var crowd = await Crowd.EnterAsync(target.Server, settings.Bystanders, rooms: 1, echoes, cancellation);
        if (crowd.Failures.Count > 0)
            throw new BenchException($"{crowd.Failures.Count} of {settings.Bystanders} bystanders were not let in: {crowd.Failures[0]}");
        using var holder = await Caller.EnterAsync(target.Server, Taken, cancellation);
        var room = crowd.Members[0].Room;
        var text = new PublishText(room, settings.Characters);
        var sent = 0;

        async Task TalkAsync(int messages)
        {
            var first = sent;
            try
            {
                await Pace.RunAsync(messages, settings.Rate, number =>
                {
                    echoes.Sent(first + number);
                    crowd.Members[(first + number) % settings.Bystanders].Send(text.Numbered(first + number));
                }, cancellation);
            }
            catch (SocketException e)
            {
                throw new BenchException($"The server ended a bystander's connection: {e.Message}");
            }
            sent += messages;
        }

        var victims = new AbuseTarget(target.Server, room, Taken, settings.Address);
        await TalkAsync(WarmupSeconds * settings.Rate);
        var before = ProcessUsage.PeakResidentBytes(process);
        await using (var first = AttackProcess.Start(abuse, victims))
            await TalkAsync(AbusedSeconds * settings.Rate);
        await TalkAsync(RestSeconds * settings.Rate);
        await TalkAsync(measured);

        await using var attackers = AttackProcess.Start(abuse, victims);
        await TalkAsync(LeadSeconds * settings.Rate);
        var (gatewayCpu, attackersCpu, startedAt) = (target.Cpu()!.Value, ProcessUsage.Cpu(attackers.Id), Stopwatch.GetTimestamp());
        await TalkAsync(measured);
        var (gateway, theirs, time) =
            (target.Cpu()!.Value - gatewayCpu, ProcessUsage.Cpu(attackers.Id) - attackersCpu, Stopwatch.GetElapsedTime(startedAt));
        // Those that are still on their way come while it goes on.
        var missing = await crowd.MissingAsync(_ => all, StragglersTime, cancellation);
        var during = ProcessUsage.PeakResidentBytes(process);
        var tally = await attackers.StopAsync(cancellation);
        return new AbuseResult
        {
            Before = Latency(unmeasured),
            During = Latency(all - measured),
            Lost = missing + crowd.Members.Sum(member => member.Holes + member.Duplicates),
            Errors = crowd.Errors(),
            BytesBefore = before,
            BytesDuring = during,
            Tally = tally,
            GatewayCpu = gateway,
            AttackersCpu = theirs,
            Time = time,
        };

        Percentiles Latency(int from)
        {
            var latencies = echoes.Latencies(from, measured).ToArray();
            return latencies.Length > 0 ? new Percentiles(latencies) : throw new BenchException($"No message came back. {string.Join(", ", crowd.Errors())}");
        }
    }
}
