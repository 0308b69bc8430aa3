using System.Text;
using Chat.Protocol;

namespace Chat.Bench.Crash;

/// <summary>How a gateway's life ends.</summary>
public enum End
{
    /// <summary><c>kill -9</c>.</summary>
    Kill,

    /// <summary>SIGTERM, and an end in order.</summary>
    Terminate,
}

/// <summary>One life of the gateway.</summary>
/// <param name="Acks">
/// How many acks it gives, of its writers' all, before its end comes near; none where the end comes near from the start of its
/// process on, whether it listens yet or not.
/// </param>
/// <param name="Delay">How long after that its end comes.</param>
/// <param name="Frozen">How long it is stopped (SIGSTOP) before its end, and then goes on for as long; zero where it isn't.</param>
/// <param name="End">How it ends.</param>
/// <param name="Torn">How much of a line is then left at the end of a log, as if the end had stopped its write; null where none is.</param>
/// <param name="Down">How long it is away after that.</param>
public sealed record Life(int? Acks, TimeSpan Delay, TimeSpan Frozen, End End, double? Torn, TimeSpan Down);

/// <summary>When the gateway is killed, and chance for its users: all of it follows from the seed.</summary>
public sealed class CrashPlan(int seed)
{
    private static readonly TimeSpan StartAtMost = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DelayAtMost = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan FrozenAtMost = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan DownAtMost = TimeSpan.FromSeconds(0.3);

    /// <summary>
    /// Lives until there were <paramref name="kills"/> kills, each of at most <paramref name="acksAtMost"/> acks; with
    /// <paramref name="mix"/>, some end in order instead, some are stopped for a while first, and some leave an unfinished write.
    /// </summary>
    public IEnumerable<Life> Lives(int kills, int acksAtMost, bool mix)
    {
        var random = For("the gateway");
        for (var killed = 0; killed < kills;)
        {
            int? acks = random.Next(8) == 0 ? null : random.Next(acksAtMost + 1);
            var delay = (acks is null ? StartAtMost : DelayAtMost) * random.NextDouble();
            var down = random.Next(2) == 0 ? TimeSpan.Zero : DownAtMost * random.NextDouble();
            var frozen = mix && random.Next(4) == 0 ? FrozenAtMost * random.NextDouble() : TimeSpan.Zero;
            var end = mix && random.Next(4) == 0 ? End.Terminate : End.Kill;
            killed += end == End.Kill ? 1 : 0;
            double? torn = mix && end == End.Kill && random.Next(3) == 0 ? random.NextDouble() : null;
            yield return new Life(acks, delay, frozen, end, torn, down);
        }
    }

    /// <summary>Chance of one's own for each that has a name.</summary>
    public Random For(string name) => new(seed ^ (int)Crc32C.Of(Encoding.UTF8.GetBytes(name)));
}
