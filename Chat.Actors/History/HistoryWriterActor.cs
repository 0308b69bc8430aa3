using Akka.Actor;
using Akka.Event;

namespace Chat.Actors.History;

/// <summary>
/// A room's file persister: every call that blocks on its log's disk, one after the other, on threads kept for that.
/// </summary>
public sealed class HistoryWriterActor : UntypedActor
{
    /// <summary>The dispatcher for actors that block.</summary>
    public const string Dispatcher = "chat.blocking-io";

    /// <summary>Opens the log, anew after a failed append; answered by <see cref="Opened"/> or <see cref="Failed"/>.</summary>
    public sealed record Open
    {
        /// <summary>The only one.</summary>
        public static readonly Open Instance = new();

        private Open() { }
    }

    /// <summary>Where the log stands.</summary>
    public sealed record Opened(LogState State);

    /// <summary>Reads the window of ids; answered by <see cref="WindowRead"/> or <see cref="Failed"/>.</summary>
    public sealed record ReadWindow(WindowQuery Query);

    /// <summary>The newest entries.</summary>
    public sealed record WindowRead(LogWindow Window);

    /// <summary>Appends a batch; answered by <see cref="Appended"/> or <see cref="Failed"/>.</summary>
    public sealed record Append(IReadOnlyList<LogEntry> Batch);

    /// <summary>The batch is stored.</summary>
    public sealed record Appended(IReadOnlyList<LogEntry> Batch);

    /// <summary>Deletes what retention has come to; answered by <see cref="Trimmed"/> where that was anything, or <see cref="Failed"/>.</summary>
    public sealed record Trim
    {
        /// <summary>The only one.</summary>
        public static readonly Trim Instance = new();

        private Trim() { }
    }

    /// <summary>The log begins at a later seq than before.</summary>
    public sealed record Trimmed(long First) : IDeadLetterSuppression;

    /// <summary>The storage failed; before anything else is appended, the log has to be opened again.</summary>
    public sealed record Failed(object Request, StorageException Cause);

    private readonly IRoomLog _log;
    private readonly IActorRef _sync;
    private StorageException? _failure;
    private bool _isTrimDue;

    // What waits for a sync, and who for it. Nothing but a trim comes meanwhile.
    private (Append Request, IActorRef Asker)? _unstored;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public HistoryWriterActor(IRoomLog log, IActorRef sync) => (_log, _sync) = (log, sync);

    /// <summary>Props of the writer of one log, which shares syncs with the others by a <see cref="HistorySyncActor"/>.</summary>
    public static Props Props(IRoomLog log, IActorRef sync) =>
        Akka.Actor.Props.Create(() => new HistoryWriterActor(log, sync)).WithDispatcher(Dispatcher);

    /// <inheritdoc/>
    protected override void PostStop() => _log.Dispose();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        var (request, asker) = (message, Sender);
        try
        {
            switch (message)
            {
                case Open:
                    Sender.Tell(new Opened(_log.Open()));
                    _failure = null;
                    break;
                // Sent before the failure was known.
                case ReadWindow or Append when _failure is { } before:
                    Sender.Tell(new Failed(message, before));
                    break;
                case ReadWindow window:
                    Sender.Tell(new WindowRead(_log.ReadWindow(window.Query)));
                    break;
                case Append append:
                    var result = _log.Append(append.Batch);
                    _isTrimDue |= result.BeganSegment;
                    if (result.IsStored)
                    {
                        Stored(append, asker);
                        break;
                    }
                    _unstored = (append, asker);
                    _sync.Tell(HistorySyncActor.Sync.Instance);
                    break;
                case HistorySyncActor.Synced when _unstored is { } unstored:
                    _unstored = null;
                    (request, asker) = unstored;
                    _log.Commit();
                    Stored(unstored.Request, asker);
                    break;
                case Trim when _unstored is not null:
                    _isTrimDue = true;
                    break;
                case Trim:
                    TrimLog(asker);
                    break;
                default:
                    Unhandled(message);
                    break;
            }
        }
        catch (StorageException cause)
        {
            _failure = cause;
            asker.Tell(new Failed(request, cause));
        }
    }

    private void Stored(Append append, IActorRef asker)
    {
        asker.Tell(new Appended(append.Batch));
        if (_isTrimDue)
            TrimLog(asker);
    }

    private void TrimLog(IActorRef asker)
    {
        _isTrimDue = false;
        if (_log.Trim() is { } first)
            asker.Tell(new Trimmed(first));
    }
}
