using Akka.Actor;
using Chat.Actors.Delivery;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.Relays;

// Pages: how a cursor behind the head gets there. One at a time for each connection, its rooms in turn; and few at a time in all, as live
// batches wait behind them in this actor's mailbox.
public sealed partial class RelayActor
{
    private const int PagesAtOnce = 2;

    private readonly Queue<Feed> _turns = new();
    private int _pages;

    private static void RequestTurn(Subscription subscription) => subscription.Outbox.RequestTurn(subscription.Feed);

    private void TakeTurns()
    {
        while (_pages < PagesAtOnce && _turns.TryDequeue(out var feed))
            TakeTurn(feed);
    }

    private void TakeTurn(Feed feed)
    {
        if (_members.Find(feed.Session) is not { Subscription: { } subscription } member || !ReferenceEquals(subscription.Feed, feed))
        {
            feed.Outbox.End(feed);
            return;
        }
        var cursor = subscription.Cursor;
        if (feed.Outbox.TakeLost(feed) is { } lost)
            cursor.GoBack(lost, isSameLog: lost.Epoch == _log.Epoch);
        _pages++;
        Ask(ticket => new Pending.Page(new RoomCommands.ReadPage(Room, cursor.Next, ticket), member, subscription));
    }

    private void SendPage(Member member, Subscription subscription, RoomReplies.PageRead read)
    {
        var (page, cursor, feed) = (read.Page, subscription.Cursor, subscription.Feed);
        if (!_members.IsCurrent(member, subscription))
        {
            feed.Outbox.End(feed);
            return;
        }
        // Read from a log that is another by now, or from a place that is the cursor's no more.
        if (read.Epoch != _log.Epoch || read.From != cursor.Next)
        {
            feed.Outbox.EndTurn(feed, again: true);
            return;
        }
        var id = cursor.OwesAnswer ? subscription.Join.Id : null;
        var step = cursor.Take(page, _log.Head);
        var e = new ServerEvent.History(
            Room.Value, _log.Epoch, [], Math.Max(_log.Head, read.Last), More: page.From > page.First && read.Last > 0,
            step.IsLive, step.Gap, page.Missing, 0)
        { Id = id };
        var frame = WireFrame.TextInPlace(
            EventCodec.EncodeHistory(e, [.. page.Entries.Select(entry => entry.Line)], WireFrame.Headroom));
        feed.Outbox.Page(feed, frame, new Passage(_log.Epoch, read.From, step.Gap), step.IsAnswer);
        ChatMeter.Delivered(page.Entries.Count);
        // Part of the turn, which bounds it: offered, it could be refused, and the counts were lost.
        if (step.IsLive && !cursor.Missed.IsEmpty)
        {
            var passage = new Passage(_log.Epoch, Joined: cursor.Missed.Joined, Left: cursor.Missed.Left);
            var digest = Frame(cursor.Missed.Take(Room, _online, _options.Time.GetUtcNow().UtcDateTime));
            feed.Outbox.Page(feed, digest, passage, isAnswer: false);
        }
        feed.Outbox.EndTurn(feed, again: !step.IsLive);
        if (step.IsAnswer)
            member.Connection.Tell(new RelayCommands.JoinAnswered(Room));
    }

    private void RefusePage(Member member, Subscription subscription, ServerEvent.Error error)
    {
        subscription.Outbox.EndTurn(subscription.Feed);
        if (!_members.IsCurrent(member, subscription))
            return;
        if (subscription.Cursor.OwesAnswer)
            RefuseJoin(member, subscription, error);
        else
            Timers.StartSingleTimer(member.Who.Session, new RetryPage(member, subscription), _options.StorageRetry);
    }
}
