using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>Where the rooms' logs are: files, which one process owns at a time, or a database.</summary>
public interface IHistoryStore : IDisposable
{
    /// <summary>The rooms that have a log. Blocks; throws <see cref="StorageException"/>.</summary>
    IReadOnlyList<RoomName> Rooms();

    /// <summary>A room's log. Touches no disk: nothing is made before the first append.</summary>
    IRoomLog Log(RoomName room);

    /// <summary>How often all logs are to be trimmed; null where nothing is ever deleted.</summary>
    TimeSpan? TrimEvery { get; }

    /// <summary>
    /// Does as <see cref="IRoomLog.Trim"/> for a log that has no writer, and nothing for one that has. A writer that comes meanwhile
    /// waits. Blocks; throws <see cref="StorageException"/>.
    /// </summary>
    void Trim(RoomName room);

    /// <summary>
    /// Makes durable what was appended to any log and isn't stored yet; what came of it is told by each log's
    /// <see cref="IRoomLog.Commit"/>. Blocks; one call at a time; never throws.
    /// </summary>
    void Sync();

    /// <summary>Whether it can be reached at all: blocks, and throws <see cref="StorageException"/> where it can't.</summary>
    void Probe();
}

/// <summary>
/// One room's log: lines in order of seq, append only. All calls block, and throw <see cref="StorageException"/> where the
/// storage fails. <see cref="Open"/>, <see cref="ReadWindow"/>, <see cref="Append"/>, <see cref="Commit"/>, <see cref="Trim"/> and Dispose belong to one
/// writer, one at a time; <see cref="Read"/> may be called from any thread meanwhile. Dispose ends cleanly and never throws.
/// </summary>
public interface IRoomLog : IDisposable
{
    /// <summary>
    /// Makes what the log holds durable, cuts a torn tail off, and says where the log stands; reads the tail alone.
    /// After a failed <see cref="Append"/>, opens anew and cuts back to what was appended before it.
    /// </summary>
    LogState Open();

    /// <summary>
    /// The log is opened elsewhere in a moment, as the same: what Dispose removes of one that nothing was appended to stays. From any thread.
    /// </summary>
    void MoveOn()
    {
        // Nothing is removed.
    }

    /// <summary>
    /// What a room needs of its newest entries: of each that <paramref name="query"/> asks for what promise 3 is decided by, and the
    /// last of them whole. Damaged lines are left out.
    /// </summary>
    LogWindow ReadWindow(WindowQuery query);

    /// <summary>
    /// Appends a batch of at most 1 MiB with one write and, where durability is <c>always</c>, one sync; or, where many logs append at the
    /// same time, without: then the batch is stored by the next <see cref="IHistoryStore.Sync"/> and a <see cref="Commit"/> behind that.
    /// When it throws, nothing of it is stored, or will be when the log is open again, as it must be before the next append.
    /// </summary>
    AppendResult Append(IReadOnlyList<LogEntry> batch);

    /// <summary>Ends an append that waited for a sync: it is stored, or this throws as <see cref="Append"/> does.</summary>
    void Commit();

    /// <summary>
    /// Deletes what retention has come to, the oldest first: whole segments, but never the last, so that seqs go on. Gives the oldest
    /// seq that is kept where that changed, else null. What can't be deleted is told as a warning; where it throws, the log must be
    /// opened again before the next append.
    /// </summary>
    long? Trim();

    /// <summary>One page of the entries <paramref name="query"/> asks for.</summary>
    LogPage Read(LogQuery query);
}

/// <summary>What came of an append that didn't fail.</summary>
/// <param name="IsStored">False where it waits for <see cref="IHistoryStore.Sync"/> and <see cref="IRoomLog.Commit"/>.</param>
/// <param name="BeganSegment">It began a new segment: then <see cref="IRoomLog.Trim"/> may find something to do.</param>
public readonly record struct AppendResult(bool IsStored, bool BeganSegment);

/// <summary>A line of a log without its line feed: the event's exact bytes.</summary>
public readonly record struct LogEntry(long Seq, ReadOnlyMemory<byte> Line);

/// <summary>
/// The newest entries: those not older than <paramref name="NotBefore"/>, and at least <paramref name="AtLeast"/>, at most
/// <paramref name="AtMost"/>; of these as whole lines the newest <paramref name="RecentLines"/> within
/// <paramref name="RecentBytes"/>, but at least one if any is asked for.
/// </summary>
public readonly record struct WindowQuery(DateTime NotBefore, int AtLeast, int AtMost, int RecentLines, int RecentBytes);

/// <summary>The newest entries of a log, oldest first.</summary>
/// <param name="Ids">The id of each that has one.</param>
/// <param name="Recent">The newest as whole lines.</param>
public sealed record LogWindow(IReadOnlyList<LoggedId> Ids, IReadOnlyList<LogEntry> Recent);

/// <summary>An id in a log, and what tells whether a later message under it says the same.</summary>
/// <param name="Seq">Where its message stands.</param>
/// <param name="User">Its user's folded name.</param>
/// <param name="Id">The id.</param>
/// <param name="Timestamp">Its message's time.</param>
/// <param name="Text">The <see cref="TextDigest"/> of its message's text.</param>
public readonly record struct LoggedId(long Seq, string User, string Id, DateTime Timestamp, UInt128 Text);

/// <summary>Where a log stands.</summary>
/// <param name="Epoch">Names the log; changes where lines that somebody may have seen could be missing.</param>
/// <param name="First">The oldest seq that is kept; 1 for an empty new log.</param>
/// <param name="Last">The newest seq; 0 for a new log.</param>
/// <param name="LastTimestamp">The time of the newest message, null where there is none.</param>
public sealed record LogState(string Epoch, long First, long Last, DateTime? LastTimestamp);

/// <summary>Which end of a range a page keeps, where it can't hold all of it.</summary>
public enum PageEnd
{
    /// <summary>The lowest seqs: for reading on.</summary>
    Oldest,

    /// <summary>The highest seqs: for reading back.</summary>
    Newest,
}

/// <summary>
/// The seqs from <paramref name="From"/> to <paramref name="To"/>, both included, of which a page keeps one end: at most
/// <paramref name="MaxMessages"/> and <paramref name="MaxBytes"/> of lines, but at least one if there is one.
/// <paramref name="To"/> is never beyond what is durable: the caller knows, the file doesn't.
/// </summary>
public readonly record struct LogQuery(long From, long To, PageEnd Keep, int MaxMessages, int MaxBytes);

/// <summary>A page of a log, oldest first.</summary>
/// <param name="From">The lowest seq that the page speaks of.</param>
/// <param name="Through">The highest seq that the page speaks of; From - 1 where it speaks of none.</param>
/// <param name="Entries">The whole lines among them.</param>
/// <param name="Missing">The damaged ones among them.</param>
/// <param name="First">The oldest seq that the log keeps; what was asked for below it was deleted by retention.</param>
public sealed record LogPage(
    long From, long Through, IReadOnlyList<LogEntry> Entries, IReadOnlyList<SeqRange> Missing, long First);

/// <summary>Storage failed; the message, one line, names the file and what helps.</summary>
public sealed class StorageException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>What kind of failure it is, for whoever must act on it.</summary>
    public StorageFailure Failure { get; init; }
}

/// <summary>The kinds of <see cref="StorageException"/>.</summary>
public enum StorageFailure
{
    /// <summary>A call failed; a later one may succeed.</summary>
    Failed,

    /// <summary>Another process has the data folder.</summary>
    InUse,

    /// <summary>The data folder can't be made or written.</summary>
    NotWritable,

    /// <summary>Another writer has the log by now: this one never stores anything again.</summary>
    Superseded,
}

/// <summary>When an append is stored.</summary>
public enum Durability
{
    /// <summary>When it is written and synced: survives a power cut.</summary>
    Always,

    /// <summary>When it is written: survives the process, not the machine.</summary>
    Never,
}
