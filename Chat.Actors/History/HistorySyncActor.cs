using Akka.Actor;
using Akka.Event;

namespace Chat.Actors.History;

/// <summary>
/// Syncs for all writers that wait for it at once: who asks while a sync is under way shares the next. On a thread of its own, as syncs
/// block.
/// </summary>
public sealed class HistorySyncActor : UntypedActor
{
    /// <summary>The dispatcher of its thread.</summary>
    public const string Dispatcher = "chat.history-sync";

    /// <summary>What its sender has written is to be made durable; answered by <see cref="Synced"/>.</summary>
    public sealed record Sync
    {
        /// <summary>The only one.</summary>
        public static readonly Sync Instance = new();

        private Sync() { }
    }

    /// <summary>A sync has ended; how is told by <see cref="IRoomLog.Commit"/>.</summary>
    public sealed record Synced : IDeadLetterSuppression
    {
        /// <summary>The only one.</summary>
        public static readonly Synced Instance = new();

        private Synced() { }
    }

    private sealed record Run
    {
        public static readonly Run Instance = new();
    }

    private readonly IHistoryStore _store;
    private readonly List<IActorRef> _waiting = [];

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public HistorySyncActor(IHistoryStore store) => _store = store;

    /// <summary>Props of a store's only one.</summary>
    public static Props Props(IHistoryStore store) => Akka.Actor.Props.Create(() => new HistorySyncActor(store)).WithDispatcher(Dispatcher);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Sync:
                _waiting.Add(Sender);
                // Behind all who ask already.
                if (_waiting.Count == 1)
                    Self.Tell(Run.Instance);
                break;
            case Run:
                _store.Sync();
                foreach (var writer in _waiting)
                    writer.Tell(Synced.Instance);
                _waiting.Clear();
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
