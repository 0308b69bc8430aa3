using Akka.Actor;
using Chat.Actors.Delivery;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.Relays;

// Pages: how a cursor behind the head gets there. One at a time for each connection, its rooms in turn.
public sealed partial class RelayActor
{
    private void RequestTurn(Member member, Subscription subscription)
    {
        subscription.Turn = new PageTurn(_room, member.Who.Session, subscription.Outbox, Self);
        subscription.Outbox.RequestTurn(subscription.Turn);
    }

    private static void EndTurn(Subscription subscription)
    {
        if (subscription.Turn is { } turn)
            subscription.Outbox.EndTurn(turn);
        subscription.Turn = null;
    }

    private void TakeTurn(PageTurn turn)
    {
        if (_members.Find(turn.Session) is { Subscription: { } subscription } member && ReferenceEquals(subscription.Turn, turn))
            Ask(ticket => new Pending.Page(new RoomCommands.ReadPage(_room, subscription.Cursor.Next, ticket), member, subscription));
        else
            turn.Outbox.EndTurn(turn);
    }

    private void SendPage(Member member, Subscription subscription, RoomReplies.PageRead read)
    {
        if (!_members.IsCurrent(member, subscription))
        {
            EndTurn(subscription);
            return;
        }
        var (page, cursor) = (read.Page, subscription.Cursor);
        // Read from a log that is another by now, or from a place that is the cursor's no more.
        if (read.Epoch != _log.Epoch || read.From != cursor.Next)
        {
            EndTurn(subscription);
            RequestTurn(member, subscription);
            return;
        }
        var id = cursor.OwesAnswer ? subscription.Join.Id : null;
        var step = cursor.Take(page, _log.Head);
        var e = new ServerEvent.History(
            _room.Value, _log.Epoch, [], Math.Max(_log.Head, read.Last), More: page.From > page.First && read.Last > 0,
            step.IsLive, step.Gap, page.Missing, 0)
        { Id = id };
        ReadOnlyMemory<byte> frame = WireFrame.Text(EventCodec.EncodeHistory(e, [.. page.Entries.Select(entry => entry.Line)]));
        subscription.Outbox.Page(_room, frame, step.IsAnswer);
        EndTurn(subscription);
        if (!step.IsLive)
        {
            RequestTurn(member, subscription);
            return;
        }
        if (step.IsAnswer)
            subscription.Connection.Tell(new RelayCommands.JoinAnswered(_room));
        // Part of the turn, which bounds it: offered, it could be refused, and the counts were lost.
        if (!cursor.Missed.IsEmpty)
            subscription.Outbox.Page(
                _room, Frame(cursor.Missed.Take(_room, _online, _options.Time.GetUtcNow().UtcDateTime)), isAnswer: false);
    }

    private void RefusePage(Member member, Subscription subscription, ServerEvent.Error error)
    {
        EndTurn(subscription);
        if (!_members.IsCurrent(member, subscription))
            return;
        if (subscription.Cursor.OwesAnswer)
            RefuseJoin(member, subscription, error);
        else
            Timers.StartSingleTimer(member.Who.Session, new RetryPage(member, subscription), _options.StorageRetry);
    }
}
