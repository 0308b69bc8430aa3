using System.Reflection;
using Chat.Bench.Peers;
using Xunit.Sdk;

namespace Chat.Tests.Bench.Compare;

/// <summary>
/// A peer as a theory's data: skipped where it isn't installed, or the load can't be made, unless <c>CHAT_TEST_REQUIRE_ALL=1</c> has it fail there.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class PeerDataAttribute : DataAttribute
{
    private readonly string _name;

    public PeerDataAttribute(string name)
    {
        _name = name;
        if (Linux.Missing(Linux.Epoll) is { } need)
            Skip = need;
        else if (!Required.IsAll
            && InstalledPeers.Named(name).MissingAsync(TextWriter.Null, CancellationToken.None).GetAwaiter().GetResult() is { } why)
            Skip = $"{name} is left out: {why}.";
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[_name]];
}

/// <summary>The peers, with the programs that were built with these tests.</summary>
internal static class InstalledPeers
{
    public static IPeer Named(string name) => AllPeers.Create(Own("Chat.Gateway.dll"), Own("Chat.Bench.SignalR.dll"), null).Single(peer => peer.Name == name);

    private static string Own(string program) => Path.Combine(AppContext.BaseDirectory, program);
}
