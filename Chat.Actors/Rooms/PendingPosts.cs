using Akka.Actor;
using Chat.Actors.History;

namespace Chat.Actors.Rooms;

/// <summary>A message that has its place but isn't stored, and who waits for it: its publisher, and retries under the same id.</summary>
internal sealed record PendingPost(LogEntry Entry, string Id, DateTime Timestamp, SessionId Session)
{
    /// <summary>The relays and tickets that are answered when it is stored.</summary>
    public List<(IActorRef Relay, long Ticket, bool Duplicate)> Waiters { get; } = [];
}

/// <summary>Group commit: while one batch is being written and synced, the next gathers here.</summary>
internal sealed class PendingPosts(int batchBytes)
{
    private readonly LinkedList<PendingPost> _gathered = new();
    private readonly Dictionary<SessionId, int> _bySession = [];
    private IReadOnlyList<PendingPost> _writing = [];

    /// <summary>Bytes of lines that wait, those being written included.</summary>
    public int Bytes { get; private set; }

    /// <summary>Nothing waits and nothing is being written.</summary>
    public bool IsEmpty => _gathered.Count == 0 && _writing.Count == 0;

    /// <summary>Gathers a message.</summary>
    public void Add(PendingPost post)
    {
        _gathered.AddLast(post);
        _bySession[post.Session] = _bySession.GetValueOrDefault(post.Session) + 1;
        Bytes += post.Entry.Line.Length;
    }

    /// <summary>The message of a seq that isn't stored yet.</summary>
    public PendingPost? Find(long seq) =>
        _writing.FirstOrDefault(post => post.Entry.Seq == seq) ?? _gathered.FirstOrDefault(post => post.Entry.Seq == seq);

    /// <summary>Whether a session has said something that isn't stored yet.</summary>
    public bool HasAnyOf(SessionId session) => _bySession.ContainsKey(session);

    /// <summary>The next batch, of a bounded size; empty while one is being written or where nothing waits.</summary>
    public IReadOnlyList<LogEntry> TakeBatch()
    {
        if (_writing.Count > 0 || _gathered.Count == 0)
            return [];
        var batch = new List<PendingPost>();
        var bytes = 0;
        while (_gathered.First is { Value: var post } && (batch.Count == 0 || bytes + post.Entry.Line.Length <= batchBytes))
        {
            batch.Add(post);
            bytes += post.Entry.Line.Length;
            _gathered.RemoveFirst();
        }
        _writing = batch;
        return [.. batch.Select(post => post.Entry)];
    }

    /// <summary>The batch being written is stored.</summary>
    public IReadOnlyList<PendingPost> Stored()
    {
        var stored = _writing;
        _writing = [];
        foreach (var post in stored)
        {
            Bytes -= post.Entry.Line.Length;
            if (--_bySession[post.Session] is 0)
                _bySession.Remove(post.Session);
        }
        return stored;
    }

    /// <summary>Nothing of what waits is going to be stored.</summary>
    public IReadOnlyList<PendingPost> Lost()
    {
        PendingPost[] lost = [.. _writing, .. _gathered];
        _writing = [];
        _gathered.Clear();
        _bySession.Clear();
        Bytes = 0;
        return lost;
    }
}
