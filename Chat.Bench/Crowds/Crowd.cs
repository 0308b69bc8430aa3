using System.Collections.Concurrent;
using System.Net.Sockets;
using Chat.Bench.Sockets;

namespace Chat.Bench.Crowds;

/// <summary>Members in rooms, connected some at a time.</summary>
public sealed class Crowd : IAsyncDisposable
{
    private const int AtOnce = 64;

    private static readonly TimeSpan EnterTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(3);

    private readonly Member[] _members;

    private Crowd(IEnumerable<Member> members, IReadOnlyList<string> failures) => (_members, Failures) = ([.. members], failures);

    /// <summary>Those who came in, in the order of their numbers.</summary>
    public IReadOnlyList<Member> Members => _members;

    /// <summary>Why others didn't.</summary>
    public IReadOnlyList<string> Failures { get; }

    /// <summary>Lets <paramref name="count"/> members in, spread over rooms of their own: fresh names, so that no earlier run's are met.</summary>
    public static Task<Crowd> EnterAsync(Uri server, int count, int rooms, EchoBook? echoes, CancellationToken cancellation)
    {
        var run = NewRun();
        return EnterAsync(
            count, (number, token) => Member.EnterAsync(server, number, $"m{run}-{number}", $"bench-{run}-{number % rooms}", echoes, token), cancellation);
    }

    /// <summary>Lets more into a room, one for each valve, who read what that lets through.</summary>
    public static Task<Crowd> EnterRoomAsync(Uri server, string room, IReadOnlyList<Valve> valves, CancellationToken cancellation)
    {
        var run = NewRun();
        return EnterAsync(
            valves.Count, (number, token) => Member.EnterAsync(server, number, $"m{run}-{number}", room, null, valves[number], token), cancellation);
    }

    /// <summary>Lets <paramref name="count"/> members into a room, the next on the next server.</summary>
    public static Task<Crowd> EnterRoomAsync(IReadOnlyList<Uri> servers, int count, string room, EchoBook echoes, CancellationToken cancellation)
    {
        var run = NewRun();
        return EnterAsync(count, (number, token) => Member.EnterAsync(servers[number % servers.Count], number, $"m{run}-{number}", room, echoes, token), cancellation);
    }

    /// <summary>A name that no earlier run's are met with.</summary>
    public static string NewRun() => Guid.NewGuid().ToString("N")[..8];

    private static async Task<Crowd> EnterAsync(int count, Func<int, CancellationToken, Task<Member>> enterAsync, CancellationToken cancellation)
    {
        var members = new Member?[count];
        var failures = new ConcurrentBag<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        try
        {
            await Parallel.ForAsync(0, count, options, async (number, token) =>
            {
                using var time = CancellationTokenSource.CreateLinkedTokenSource(token);
                time.CancelAfter(EnterTime);
                try
                {
                    members[number] = await enterAsync(number, time.Token);
                }
                catch (Exception e) when (e is SocketException or InvalidDataException or BenchException)
                {
                    failures.Add(e.Message);
                }
                catch (OperationCanceledException) when (!token.IsCancellationRequested)
                {
                    failures.Add($"not let in within {EnterTime.TotalSeconds} s");
                }
            });
        }
        catch
        {
            foreach (var member in members)
                member?.Dispose();
            throw;
        }
        return new Crowd(members.OfType<Member>(), [.. failures]);
    }

    /// <summary>Waits until each member got as many messages as its room was sent, or the time is over; gives how many are missing then.</summary>
    public async Task<long> MissingAsync(Func<Member, long> expected, TimeSpan atMost, CancellationToken cancellation)
    {
        using var time = new CancellationTokenSource(atMost);
        while (true)
        {
            var missing = _members.Sum(member => Math.Max(0, expected(member) - member.Delivered));
            if (missing == 0 || time.IsCancellationRequested)
                return missing;
            await Task.Delay(20, cancellation);
        }
    }

    /// <summary>Everything that went wrong, each with how often.</summary>
    public IReadOnlyList<(string Error, int Count)> Errors() =>
    [
        .. Failures.Concat(_members.SelectMany(Copy)).GroupBy(error => error).Select(group => (group.Key, group.Count())),
    ];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Parallel.ForEachAsync(_members, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (member, _) => await member.LeaveAsync(LeaveTime));
        foreach (var member in _members)
            member.Dispose();
    }

    private static string[] Copy(Member member)
    {
        lock (member.Errors)
            return [.. member.Errors];
    }
}
