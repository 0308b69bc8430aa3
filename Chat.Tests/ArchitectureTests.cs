using System.Reflection;
using Xunit;

namespace Chat.Tests;

/// <summary>Which way the arrows point: who may know whom.</summary>
public sealed class ArchitectureTests
{
    [Theory]
    [InlineData("Chat.Protocol")]
    [InlineData("Chat.Actors", "Chat.Protocol")]
    [InlineData("Chat.Gateway", "Chat.Actors", "Chat.Protocol")]
    [InlineData("chat", "Chat.Protocol")]
    [InlineData("Chat.Bench", "Chat.Protocol")]
    [InlineData("Chat.Bench.SignalR")]
    [InlineData("Chat.Benchmarks", "Chat.Actors", "Chat.Protocol")]
    public void Should_know_no_other_project_than_these(string assembly, params string[] allowed) =>
        Assert.Empty(ReferencesOf(assembly).Where(IsOurs).Except(allowed));

    [Theory]
    // The protocol and what starts fast on it.
    [InlineData("Chat.Protocol", "Akka", "Microsoft.AspNetCore", "Microsoft.Extensions")]
    [InlineData("chat", "Akka", "Microsoft.AspNetCore")]
    [InlineData("Chat.Bench", "Akka", "Microsoft.AspNetCore")]
    // The chat itself: no sockets, no HTTP, no terminal.
    [InlineData("Chat.Actors", "Microsoft.AspNetCore", "System.Net.Sockets", "System.Net.Http", "System.Net.WebSockets", "System.Console", "System.CommandLine")]
    // The edge: no way around the chat, and nothing of the terminal's or the tests'.
    [InlineData("Chat.Gateway", "Akka.Remote", "Akka.Cluster", "Akka.TestKit", "Terminal.Gui", "xunit", "Newtonsoft.Json")]
    public void Should_not_reference_what_another_layer_is_for(string assembly, params string[] forbidden) =>
        Assert.DoesNotContain(
            ReferencesOf(assembly), name => forbidden.Any(prefix => name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal)));

    /// <summary>The cores that are plain classes, so that they are tested without an actor system.</summary>
    public static TheoryData<string> PureTypes =>
    [
        "Chat.Actors.Connections.TokenBucket",
        "Chat.Actors.History.FileHistoryStore",
        "Chat.Actors.History.FileRoomLog",
        "Chat.Actors.History.IHistoryStore",
        "Chat.Actors.History.IRoomLog",
        "Chat.Actors.History.LogCheck",
        "Chat.Actors.History.LogOpening",
        "Chat.Actors.History.LogTrim",
        "Chat.Actors.History.LogVerifier",
        "Chat.Actors.History.PageReader",
        "Chat.Actors.History.Postgres.LogTransfer",
        "Chat.Actors.History.Postgres.PostgresDatabase",
        "Chat.Actors.History.Postgres.PostgresHistoryStore",
        "Chat.Actors.History.Postgres.PostgresPages",
        "Chat.Actors.History.Postgres.PostgresRoomLog",
        "Chat.Actors.History.Postgres.PostgresTrim",
        "Chat.Actors.History.Postgres.RoomAppend",
        "Chat.Actors.History.Postgres.RoomClaim",
        "Chat.Actors.History.Retention",
        "Chat.Actors.History.RetentionClock",
        "Chat.Actors.History.RoomFolder",
        "Chat.Actors.History.Segment",
        "Chat.Actors.History.SegmentSearch",
        "Chat.Actors.History.SegmentTail",
        "Chat.Actors.History.StoreLock",
        "Chat.Actors.History.TornTail",
        "Chat.Actors.History.WindowContents",
        "Chat.Actors.History.WindowReader",
        "Chat.Actors.Relays.Cursor",
        "Chat.Actors.Rooms.IdWindow",
        "Chat.Actors.Rooms.PresenceDigest",
        "Chat.Actors.Rooms.RecentLines",
        "Chat.Actors.Rooms.RoomState",
        "Chat.Actors.Users.SessionBook",
    ];

    [Theory]
    [MemberData(nameof(PureTypes))]
    public void Should_use_no_type_of_Akka_when_it_is_a_pure_core(string name) =>
        Assert.DoesNotContain(CodeOf(name).Types, type => type.Assembly.GetName().Name!.StartsWith("Akka", StringComparison.Ordinal));

    [Theory]
    [InlineData("Chat.Actors.History.LogCheck")]
    [InlineData("Chat.Actors.Rooms.IdWindow")]
    [InlineData("Chat.Actors.Rooms.PresenceDigest")]
    [InlineData("Chat.Actors.Rooms.RecentLines")]
    [InlineData("Chat.Actors.Rooms.RoomState")]
    [InlineData("Chat.Actors.Users.SessionBook")]
    public void Should_have_no_clock_and_no_files_of_its_own_when_it_decides(string name)
    {
        var code = CodeOf(name);
        Assert.DoesNotContain(code.Types, type => type.Namespace is "System.IO" or "System.Threading.Tasks");
        Assert.Empty(code.Members.Select(member => $"{member.DeclaringType?.Name}.{member.Name}").Intersect(
        [
            "DateTime.get_Now", "DateTime.get_UtcNow", "DateTimeOffset.get_Now", "DateTimeOffset.get_UtcNow", "Environment.get_TickCount",
            "Environment.get_TickCount64", "Stopwatch.GetTimestamp", "Stopwatch.StartNew", "TimeProvider.get_System",
        ]));
    }

    // The reader of code that the tests above stand on: were it blind, they would all pass.
    [Fact]
    public void Should_see_what_a_method_uses_when_its_code_is_read()
    {
        var code = CodeRead.Of(typeof(Sample));
        Assert.Contains(typeof(File), code.Types);
        Assert.Contains(typeof(Version), code.Types);
        Assert.Contains(typeof(Uri), code.Types);
        Assert.Contains(code.Members, member => member.Name == "get_UtcNow");
    }

    private sealed class Sample
    {
        private readonly List<Version> _versions = [];

        public Func<DateTime> Clock => () => _versions.Count > 0 && File.Exists("x") ? DateTime.UtcNow : default;

        public IEnumerable<object> Later()
        {
            yield return new Uri("x:y");
        }
    }

    private static CodeRead CodeOf(string name)
    {
        var type = Assembly.Load("Chat.Actors").GetType(name);
        Assert.True(type is not null, $"There is no type {name} any more: correct the list.");
        return CodeRead.Of(type!);
    }

    private static IEnumerable<string> ReferencesOf(string assembly) =>
        Assembly.Load(assembly).GetReferencedAssemblies().Select(reference => reference.Name!);

    private static bool IsOurs(string name) => name == "chat" || name.StartsWith("Chat.", StringComparison.Ordinal);
}
