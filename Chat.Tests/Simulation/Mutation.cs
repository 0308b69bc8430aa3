using Chat.Tests.Build;

namespace Chat.Tests.Simulation;

/// <summary>A known kind of bug, as a change to the chat's own source.</summary>
/// <param name="Bug">What it amounts to.</param>
/// <param name="File">The source file, in <c>Chat.Actors</c>.</param>
/// <param name="Old">What is replaced; occurs once.</param>
/// <param name="New">What takes its place.</param>
internal sealed record Mutation(string Bug, string File, string Old, string New)
{
    /// <summary>Nothing is changed.</summary>
    public static readonly Mutation None = new("none", "", "", "");

    /// <summary>What the simulation has to find.</summary>
    public static readonly IReadOnlyList<Mutation> All =
    [
        new("an ack before the sync", "History/FileRoomLog.cs", "file.SyncData();", "_ = file;"),
        new("a shared sync whose failure is passed over", "History/SharedSync.cs", "Volatile.Read(ref syncs._failures) != failures", "failures < 0"),
        new("a shared sync that isn't made", "History/SharedSync.cs", "volume!.Sync();", "_ = volume;"),
        new("a page read past the durable seq", "Rooms/RoomActor.Pages.cs", "(read.From, last, PageEnd.Oldest", "(read.From, _state.Last, PageEnd.Oldest"),
        new("a log served before it was synced", "History/LogOpening.cs", "        MakeDurable(file, tail, found);", ""),
        new("a cursor that skips one", "Relays/Cursor.cs", " : (since + 1, false);", " : (since + 2, false);"),
        new("a cursor that repeats one", "Relays/Cursor.cs", " : (since + 1, false);", " : (Math.Max(since, 1), false);"),
        new(
            "a window of ids lost on restart", "Rooms/RoomActor.Storage.cs",
            "_state.Remember(user, id, new SeenId(seq, timestamp, text));", "_ = (seq, user, id, timestamp, text);"),
        new("a retry acked while its first copy is unwritten", "Rooms/RoomState.cs", "seen.Seq <= Stored)", "true)"),
        new("an overflow whose events are not sent again", "Relays/Cursor.cs", "Next = Math.Min(Next, lost.From ?? Next);", "_ = lost.From;"),
        new("a late end of an older connection", "Users/SessionBook.cs", "&& session.Who.Generation == who.Generation", ""),
        new("a late login of an older connection", "Users/SessionBook.cs", "resumed.Connection > connection", "resumed.Connection == connection"),
    ];

    private static string Folder { get; } = Path.Combine(DotnetCommand.Root, "Chat.Actors");

    /// <summary>The chat's sources, this one changed; throws where what is to be replaced doesn't occur once.</summary>
    public IEnumerable<(string Path, string Text)> Sources()
    {
        var path = Path.Combine(Folder, File);
        foreach (var source in Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories))
        {
            var parts = Path.GetRelativePath(Folder, source).Split(Path.DirectorySeparatorChar);
            if (parts[0] is not ("bin" or "obj"))
                yield return (string.Join('-', parts), source == path ? Mutate(System.IO.File.ReadAllText(source)) : System.IO.File.ReadAllText(source));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Bug;

    private string Mutate(string text)
    {
        var parts = text.Split(Old);
        return parts.Length == 2
            ? parts[0] + New + parts[1]
            : throw new InvalidOperationException($"'{Old}' occurs {parts.Length - 1} times in {File}: the bug has to be made another way.");
    }
}
