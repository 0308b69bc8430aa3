using System.Diagnostics;
using System.Net.Sockets;
using Chat.Bench.Crowds;
using Chat.Bench.Gateways;
using Chat.Bench.Measures;

namespace Chat.Bench.Runs;

/// <summary>How many connections <see cref="HoldRun"/> holds, where, for how long, and how much is said meanwhile.</summary>
public sealed record HoldSettings(int Connections, int Rooms, int Seconds, int Rate, int Characters);

/// <summary>What came of it.</summary>
public sealed record HoldResult
{
    /// <summary>Connections that were in their rooms.</summary>
    public required int Held { get; init; }

    /// <summary>How long it took until all were.</summary>
    public required TimeSpan EnterTime { get; init; }

    /// <summary>Deliveries of the messages meanwhile.</summary>
    public required long Delivered { get; init; }

    /// <summary>Those that never came.</summary>
    public required long Missing { get; init; }

    /// <summary>Those that came twice.</summary>
    public required long Duplicates { get; init; }

    /// <summary>What went wrong, and how often.</summary>
    public required IReadOnlyList<(string Error, int Count)> Errors { get; init; }

    /// <summary>The server's resident bytes without connections, after a few had come and gone; null where not known.</summary>
    public required long? BytesBefore { get; init; }

    /// <summary>The same at the end of the holding.</summary>
    public required long? BytesHeld { get; init; }

    /// <summary>The server's CPU time while holding.</summary>
    public required TimeSpan? ServerCpu { get; init; }

    /// <summary>How long they were held.</summary>
    public required TimeSpan HoldTime { get; init; }
}

/// <summary>Many connections that are in rooms and say little: whether all stay, and what they cost the server.</summary>
public static class HoldRun
{
    // Code and pools that the first connections bring about would count as theirs otherwise.
    private const int Scouts = 50;

    private static readonly TimeSpan StragglersTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(1);

    /// <summary>Runs it.</summary>
    public static async Task<HoldResult> RunAsync(Target target, HoldSettings settings, CancellationToken cancellation)
    {
        await using (await Crowd.EnterAsync(target.Server, Scouts, rooms: 1, null, cancellation))
            await Task.Delay(SettleTime, cancellation);
        await Task.Delay(SettleTime, cancellation);
        var before = target.ResidentBytes();

        var startedAt = Stopwatch.GetTimestamp();
        await using var crowd = await Crowd.EnterAsync(target.Server, settings.Connections, settings.Rooms, null, cancellation);
        var enterTime = Stopwatch.GetElapsedTime(startedAt);

        var (cpu, heldAt) = (target.Cpu(), Stopwatch.GetTimestamp());
        var failedSends = 0;
        var sent = crowd.Members.Select(member => member.Room).Distinct().ToDictionary(room => room, _ => 0L);
        if (crowd.Members.Count > 0)
        {
            await Pace.RunAsync(settings.Seconds * settings.Rate, settings.Rate, number =>
            {
                // Neighbours are in different rooms, so that all of them are spoken in.
                var member = crowd.Members[number % crowd.Members.Count];
                try
                {
                    member.Send(new PublishText(member.Room, settings.Characters).Numbered(number));
                    sent[member.Room]++;
                }
                catch (SocketException)
                {
                    failedSends++;
                }
            }, cancellation);
        }
        var missing = await crowd.MissingAsync(member => sent[member.Room], StragglersTime, cancellation);
        var holdTime = Stopwatch.GetElapsedTime(heldAt);
        var errors = crowd.Errors();
        return new HoldResult
        {
            Held = crowd.Members.Count,
            EnterTime = enterTime,
            Delivered = crowd.Members.Sum(member => member.Delivered),
            Missing = Math.Max(missing, crowd.Members.Sum(member => member.Holes)),
            Duplicates = crowd.Members.Sum(member => member.Duplicates),
            Errors = failedSends == 0 ? errors : [.. errors, ("a message could not be sent", failedSends)],
            BytesBefore = before,
            BytesHeld = target.ResidentBytes(),
            ServerCpu = target.Cpu() - cpu,
            HoldTime = holdTime,
        };
    }
}
