using Chat.Tests.EndToEnd;
using Chat.Tests.EndToEnd.Cluster;
using Chat.Tests.History;
using Chat.Tests.Simulation;
using Xunit;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Chat.Tests.LongestFirst", "Chat.Tests")]

namespace Chat.Tests;

/// <summary>What runs one after the other for minutes begins first, so that the rest finds room beside it: those who share something, and some by themselves.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [.. new[] { typeof(MutationTests), typeof(PartitionTests), typeof(EdgeTests), typeof(EveryCallTests) }.Select(type => type.FullName!)];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections
        .OrderByDescending(collection => collection.CollectionDefinition is not null)
        .ThenByDescending(collection => Long.Any(collection.DisplayName.EndsWith));
}
