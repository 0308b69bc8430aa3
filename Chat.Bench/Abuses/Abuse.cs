using System.Net.Sockets;

namespace Chat.Bench.Abuses;

/// <summary>Whom attackers meet.</summary>
/// <param name="Server">The endpoint.</param>
/// <param name="Room">A room in which others talk.</param>
/// <param name="Taken">A name that one of them holds.</param>
/// <param name="Address">Where they say that they are, through a proxy that the server trusts; null for this machine itself, which has no limits.</param>
public sealed record AbuseTarget(Uri Server, string Room, string Taken, string? Address);

/// <summary>One way to hurt a server.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Title">What is done.</param>
/// <param name="Attackers">How many do it at once.</param>
/// <param name="Act">What counts as having done it once.</param>
/// <param name="AttackAsync">What each does with a connection of its own, again and again; ends where the server ends it.</param>
public sealed record Abuse(string Name, string Title, int Attackers, string Act, Func<Attacker, CancellationToken, Task> AttackAsync)
{
    // Who is thrown out comes back soon, but not so soon that nothing but that happens.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Goes on until it is told to stop; then all connections are dropped.</summary>
    public async Task RunAsync(AbuseTarget target, Tally tally, CancellationToken cancellation)
    {
        await Parallel.ForAsync(0, Attackers, new ParallelOptions { MaxDegreeOfParallelism = Attackers }, async (number, _) =>
        {
            while (!cancellation.IsCancellationRequested)
            {
                try
                {
                    using var attacker = new Attacker(target, tally, number);
                    await AttackAsync(attacker, cancellation);
                    await Task.Delay(Pause, cancellation);
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException or InvalidDataException)
                {
                    // What the server ended is told by how; what can't connect at all comes back in a while.
                    if (!cancellation.IsCancellationRequested)
                        await Task.WhenAny(Task.Delay(Pause, cancellation));
                }
            }
        });
    }
}
