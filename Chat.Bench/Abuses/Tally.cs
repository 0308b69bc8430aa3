using System.Collections.Concurrent;

namespace Chat.Bench.Abuses;

/// <summary>What attackers did, and what the server did about it: each with how often. Safe from any thread.</summary>
public sealed class Tally
{
    private readonly ConcurrentDictionary<string, long> _counts = new();

    /// <summary>How often; 0 where never.</summary>
    public long this[string what] => _counts.GetValueOrDefault(what);

    /// <summary>All of it, in the order of the alphabet.</summary>
    public IReadOnlyList<(string What, long Count)> All =>
        [.. _counts.Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Key, StringComparer.Ordinal)];

    /// <summary>It happened.</summary>
    public void Add(string what, long count = 1) => _counts.AddOrUpdate(what, count, (_, before) => before + count);
}
