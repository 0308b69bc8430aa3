using Akka.Actor;
using Akka.Event;
using Chat.Actors.History;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

// The log: opened, failing, and open again.
public sealed partial class RoomActor
{
    private HistoryWriterActor.ReadWindow ReadWindow() =>
        new(new WindowQuery(
            Now() - _options.WindowTime, _options.WindowAtLeast, _options.WindowAtMost, _options.RecentMessages, _options.RecentBytes));

    private void Remember(LogWindow window)
    {
        foreach (var (seq, user, id, timestamp, text) in window.Ids)
            _state.Remember(user, id, new SeenId(seq, timestamp, text));
        if (window.Recent.Count > 0 && window.Recent[^1].Seq == _state.Stored)
        {
            foreach (var entry in window.Recent)
                _recent.Add(entry);
        }
        _knowsIds = true;
        Release();
    }

    // What waits is refused, the failed batch with its seqs and ids; reading goes on, and the log is opened again in a while.
    private void StorageFailed(HistoryWriterActor.Failed failed)
    {
        if (!_storageFailed)
            Log.Error(failed.Cause, "The log of the room {Room} failed; publishes are refused until it opens again", Room);
        ChatMeter.StorageFailed();
        TellStorage(isFailing: true);
        _state.Apply(new RoomFact.Lost());
        // What it was to begin with is lost.
        if (_state is { Online: 0, Last: 0 })
            TellPopulation();
        foreach (var post in _pending.Lost())
        {
            foreach (var (relay, ticket, _) in post.Waiters)
                Tell(relay, new RoomReplies.Refused(Room, ticket, StorageUnavailable()));
        }
        Timers.StartSingleTimer(nameof(RetryStorage), new RetryStorage(), _options.StorageRetry);
        TellIfFlushed();
        Release();
    }

    // Another room goes on with the log, so what this one knows isn't so any more. Nothing is refused: relays ask its successor. Not at once: where each
    // side of a partition has the room, and both reach the log, they would take it from each other without end.
    private void Superseded()
    {
        _isSuperseded = true;
        _pending.Lost();
        Timers.StartSingleTimer(nameof(EndSuperseded), new EndSuperseded(), _options.StorageRetry);
        Become(Outdone);
        Log.Warning("The log of the room {Room} has another writer; its successor goes on", Room);
    }

    private void Outdone(object message)
    {
        switch (message)
        {
            case EndSuperseded:
                EndAsFailed(message);
                break;
            case ChildReports.MoveOn:
                MoveOnIfStored();
                break;
            case ChildReports.Flush:
                Sender.Tell(ChildReports.Flushed.Instance);
                break;
            case IWithRoom and not RoomQueries.Where:
                Hold(message);
                break;
        }
    }

    private void Reopened(LogState state)
    {
        Log.Info("The log of the room {Room} is open again, at seq {Last}", Room, state.Last);
        var isOther = state.Epoch != _opened.Epoch || state.Last != _state.Stored;
        _opened = state;
        TellStorage(isFailing: false);
        _state.Recover(state.Last, state.LastTimestamp);
        if (isOther)
        {
            _recent.Restart(state.Last + 1);
            foreach (var relay in _relays.Keys)
                Tell(relay, Attached());
        }
        if (!_knowsIds)
            _writer.Tell(ReadWindow());
    }

    private void TellStorage(bool isFailing)
    {
        if (_storageFailed != isFailing)
            Context.Parent.Tell(new ChildReports.Storage(Room, isFailing));
        _storageFailed = isFailing;
    }

    private RoomReplies.Attached Attached() =>
        new(Room, _opened.Epoch, _opened.First, _state.Stored, _state.Online);
}
