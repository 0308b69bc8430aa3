using System.Reflection;
using System.Runtime.Loader;

namespace Chat.Tests.Simulation;

/// <summary>What came of one seed's run.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Fault">What was wrong first; null where nothing was.</param>
/// <param name="Hash">Of all that happened.</param>
/// <param name="Lines">All that happened, where that was asked for.</param>
internal sealed record Finding(int Seed, string? Fault, ulong Hash, IReadOnlyList<string> Lines);

/// <summary>Runs seeds, each in a world of its own.</summary>
internal static class Seeds
{
    // What waits for a slow disk stands on the stack.
    private const int StackBytes = 16 * 1024 * 1024;

    /// <summary>Runs one seed.</summary>
    public static Finding Run(int seed, bool keepsLines = false)
    {
        Finding? finding = null;
        OnThreads(1, () => finding = Run(seed, new SimulatedSystem(), keepsLines));
        return finding!;
    }

    /// <summary>Runs seeds from <paramref name="first"/> on, until one shows a fault; the lowest such, null where none does.</summary>
    public static Finding? FirstFault(int first, int count, int threads)
    {
        var next = first - 1;
        var lowest = int.MaxValue;
        Finding? found = null;
        var gate = new Lock();
        OnThreads(threads, () =>
        {
            var system = new SimulatedSystem();
            while (Interlocked.Increment(ref next) is var seed && seed < first + count && seed < Volatile.Read(ref lowest))
            {
                if (Run(seed, system, keepsLines: false) is not { Fault: not null } finding)
                    continue;
                // What a fault left behind isn't for the next seed.
                system = new SimulatedSystem();
                lock (gate)
                {
                    if (seed < lowest)
                        (lowest, found) = (seed, finding);
                }
            }
        });
        return found;
    }

    private static Finding Run(int seed, SimulatedSystem system, bool keepsLines)
    {
        var trace = new Trace(keepsLines);
        var world = new World(seed, system, trace);
        try
        {
            world.Run();
        }
        catch (Exception e)
        {
            world.Fail($"The simulation itself failed: {e}");
        }
        return new Finding(seed, world.Fault, trace.Hash, trace.Lines);
    }

    // Nothing of the caller's context may be in the way of what goes on when a write is taken, and Akka is to find the types of this
    // assembly where there are several copies of it.
    private static void OnThreads(int count, Action work)
    {
        Exception? failure = null;
        var threads = Enumerable.Range(0, count).Select(_ => new Thread(
            () =>
            {
                try
                {
                    using (AssemblyLoadContext.EnterContextualReflection(Assembly.GetExecutingAssembly()))
                        work();
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            StackBytes)).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        if (failure is not null)
            throw new InvalidOperationException("The seeds couldn't be run.", failure);
    }
}
