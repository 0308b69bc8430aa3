using Akka.Actor;
using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.Rooms;

// A message's way: its place, the batch that it is written with, and its delivery.
public sealed partial class RoomActor
{
    private void Post(RoomCommands.Post post)
    {
        if (_storageFailed)
        {
            Refuse(post.Ticket, StorageUnavailable());
            return;
        }
        if (_pending.Bytes > _options.MaxWaitingBytes)
        {
            Refuse(post.Ticket, Busy());
            return;
        }
        var id = post.Id ?? Guid.NewGuid().ToString("N");
        switch (_state.Decide(new RoomDemand.Post(post.Who, id, post.Text, post.IsGuest), Now()))
        {
            case RoomDecision.Refused refused:
                Refuse(post.Ticket, refused);
                break;
            case RoomDecision.Known { IsStored: true } known:
                Tell(Sender, new RoomReplies.Delivered(
                    Room, [], [new RoomReplies.Ack(post.Ticket, known.Id, known.Seq, known.Timestamp, Duplicate: true)]));
                break;
            case RoomDecision.Known known:
                // The first copy is being written: the second shares its fate.
                _pending.Find(known.Seq)!.Waiters.Add((Sender, post.Ticket, Duplicate: true));
                break;
            case RoomDecision.Happens happens:
                foreach (var fact in happens.Facts)
                {
                    _state.Apply(fact);
                    if (fact is RoomFact.Posted posted)
                        Gather(posted, post.Ticket);
                }
                AppendNext();
                break;
        }
    }

    private void Gather(RoomFact.Posted posted, long ticket)
    {
        var line = LogLine.Encode(Room, posted.Seq, posted.Id, posted.Who.User.Value, posted.Text, posted.Timestamp);
        var pending = new PendingPost(new LogEntry(posted.Seq, line), posted.Id, posted.Timestamp, posted.Who.Session);
        pending.Waiters.Add((Sender, ticket, Duplicate: false));
        _pending.Add(pending);
    }

    private void AppendNext()
    {
        if (_pending.TakeBatch() is { Count: > 0 } batch)
            _writer.Tell(new HistoryWriterActor.Append(batch));
    }

    private void Stored()
    {
        var posts = _pending.Stored();
        _state.Apply(new RoomFact.Stored(posts[^1].Entry.Seq));
        foreach (var post in posts)
            _recent.Add(post.Entry);
        // The next batch is written while this one is being told.
        AppendNext();

        LogEntry[] entries = [.. posts.Select(post => post.Entry)];
        ChatMeter.Stored(entries.Length);
        var acks = posts
            .SelectMany(post => post.Waiters, (post, waiter) => (waiter.Relay, Ack: new RoomReplies.Ack(
                waiter.Ticket, post.Id, post.Entry.Seq, post.Timestamp, waiter.Duplicate)))
            .ToLookup(answer => answer.Relay, answer => answer.Ack);
        foreach (var relay in _relays.Keys)
            Tell(relay, new RoomReplies.Delivered(Room, entries, [.. acks[relay]]));
        foreach (var gone in acks.Where(answers => !_relays.ContainsKey(answers.Key)))
            Tell(gone.Key, new RoomReplies.Delivered(Room, [], [.. gone]));
        // What a guest said may have made the room.
        if (entries[0].Seq == 1 && _state.Online == 0)
            TellPopulation();
        AnswerFollowers();
        if (_held.Count > 0)
            Release();
        TellIfFlushed();
        RestIfIdle();
    }
}
