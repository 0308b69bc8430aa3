using Chat.Actors;
using Chat.Actors.Delivery;
using Chat.Actors.History;
using Chat.Protocol;

namespace Chat.Tests.Simulation;

/// <summary>
/// What one seed's run is like: who takes part, under which settings, and what goes wrong how often. Most runs lack most faults:
/// where everything fails all the time, little else happens.
/// </summary>
internal sealed record Plan
{
    private const int Tiny = 3;

    /// <summary>What is decided before a run.</summary>
    public static Plan Of(Random chance)
    {
        var isFat = chance.Next(12) == 0;
        var plan = new Plan
        {
            Durability = chance.Next(3) == 0 ? Durability.Never : Durability.Always,
            Limits = new Limits
            {
                UnansweredRequests = chance.Next(2) == 0 ? 64 : chance.Next(2, 8),
                PublishRate = chance.Next(8) == 0 ? 5 : 0,
                ReadRate = chance.Next(8) == 0 ? 5 : 0,
                Grace = TimeSpan.FromSeconds(chance.Next(3) == 0 ? 2 : 15),
                Rooms = chance.Next(8) == 0 ? 1 : 50,
            },
            Rooms = chance.Next(1, 4),
            Talkers = chance.Next(1, 4),
            Strangers = chance.Next(4),
            IsShared = chance.Next(3) == 0,
            IsFat = isFat,
            OutboxBound = isFat ? 16 * 1024 : chance.Next(2) == 0 ? chance.Next(500, 4_000) : Outbox.DefaultBound,
            RecentMessages = chance.Next(2) == 0 ? Tiny : 256,
            SegmentBytes = chance.Next(2) == 0 ? 2_000 : 1_000_000,
            OpenLogs = chance.Next(2) == 0 ? 1 : 512,
            Events = chance.Next(100, 500),
        };
        return plan with
        {
            Leaving = chance.Next(2) == 0 ? 0.06 : 0,
            Dropping = chance.Next(2) == 0 ? 0.04 * chance.NextDouble() : 0.002,
            Slowness = chance.Next(3) == 0 ? 0.5 : 0.05,
            Interrupts = chance.Next(3) switch { 0 => 0, 1 => 0.05, _ => 0.4 },
            DiskFaults = chance.Next(3) == 0 ? 0.02 : 0,
            ReadFaults = chance.Next(4) == 0 ? 0.05 : 0,
            Kills = chance.Next(2) == 0 ? 0.01 : 0,
            ShareSyncsFrom = chance.Next(2) == 0 ? 1 : chance.Next(2, 4),
            PowerCuts = chance.Next(3) == 0 ? 0.01 : 0,
            Stops = chance.Next(4) == 0 ? 0.01 : 0,
            Failures = chance.Next(4) == 0 ? 0.01 : 0,
        };
    }

    public required Durability Durability { get; init; }

    public required Limits Limits { get; init; }

    /// <summary>How many rooms are talked in.</summary>
    public required int Rooms { get; init; }

    /// <summary>How many drive the project's own client.</summary>
    public required int Talkers { get; init; }

    /// <summary>How many are of another make, and strain the protocol.</summary>
    public required int Strangers { get; init; }

    /// <summary>Those share one name.</summary>
    public required bool IsShared { get; init; }

    /// <summary>Messages are long.</summary>
    public required bool IsFat { get; init; }

    public required int OutboxBound { get; init; }

    public required int RecentMessages { get; init; }

    public required long SegmentBytes { get; init; }

    public required int OpenLogs { get; init; }

    public int ShareSyncsFrom { get; init; }

    /// <summary>How much happens before all is to come to rest.</summary>
    public required int Events { get; init; }

    /// <summary>Of what a person does, the part that is leaving a room or logging out.</summary>
    public double Leaving { get; init; }

    /// <summary>Of the events, the part in which a connection breaks.</summary>
    public double Dropping { get; init; }

    /// <summary>Of the connections, the part whose client reads a few bytes at a time.</summary>
    public double Slowness { get; init; }

    /// <summary>Of the disk's calls, the part in which others get on meanwhile.</summary>
    public double Interrupts { get; init; }

    /// <summary>Of the disk's calls, the part that fails.</summary>
    public double DiskFaults { get; init; }

    /// <summary>Of its reads, the part that fails.</summary>
    public double ReadFaults { get; init; }

    /// <summary>Of the events, the part in which the server's process ends at once,</summary>
    public double Kills { get; init; }

    /// <summary>in which its machine does,</summary>
    public double PowerCuts { get; init; }

    /// <summary>in which it is told to stop,</summary>
    public double Stops { get; init; }

    /// <summary>and in which one of its actors fails.</summary>
    public double Failures { get; init; }

    /// <summary>A first join may come to nothing.</summary>
    public bool MayRefuseJoins => DiskFaults > 0 || ReadFaults > 0 || Failures > 0 || Limits.Rooms < Rooms;

    /// <summary>The chat's settings.</summary>
    public ChatOptions ToOptions(TimeProvider time) => new()
    {
        Time = time,
        Limits = Limits,
        RecentMessages = RecentMessages,
        RoomIdle = TimeSpan.FromSeconds(2),
        WindowAtLeast = 1_000,
        BatchBytes = 1_000,
        Jitter = () => 0.5,
    };
}
