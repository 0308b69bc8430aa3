using Akka.Actor;
using Akka.Event;
using Chat.Actors.History;
using Chat.Protocol;

namespace Chat.Actors.Rooms;

// Pages, for cursors and for whoever asks: from memory, or read off this actor.
public sealed partial class RoomActor
{
    // Who waits for what is stored next.
    private List<(IActorRef Asker, RoomQueries.History Query)> _followers = [];

    private void ReadPage(RoomCommands.ReadPage read)
    {
        var (room, epoch, last) = (Room, _opened.Epoch, _state.Stored);
        Read(
            new LogQuery(read.From, last, PageEnd.Oldest, Limits.PageMessages, Limits.PageBytes),
            page => new RoomReplies.PageRead(room, read.Ticket, epoch, read.From, page, last),
            error => new RoomReplies.Refused(room, read.Ticket, error),
            Sender);
    }

    private void Follow(RoomQueries.History history)
    {
        Introduce();
        _followers.Add((Sender, history));
        if (!Timers.IsTimerActive(nameof(FollowTimeOver)))
            Timers.StartSingleTimer(nameof(FollowTimeOver), new FollowTimeOver(), _options.FollowTime);
    }

    // With what was stored meanwhile, or, where their time is over, with nothing: who still follows asks again.
    private void AnswerFollowers()
    {
        if (_followers.Count == 0)
            return;
        var followers = _followers;
        _followers = [];
        Timers.Cancel(nameof(FollowTimeOver));
        foreach (var (asker, query) in followers)
            ReadHistory(query, asker);
    }

    private void ReadHistory(RoomQueries.History history, IActorRef asker)
    {
        var (room, epoch, last) = (Room, _opened.Epoch, _state.Stored);
        var query = history.After is { } after
            ? new LogQuery(after < 0 ? 1 : after == long.MaxValue ? after : after + 1, last, PageEnd.Oldest, history.Limit, Limits.PageBytes)
            : new LogQuery(1, Math.Min(last, history.Before is { } before ? Math.Max(before, 1) - 1 : last), PageEnd.Newest, history.Limit, Limits.PageBytes);
        Read(
            query,
            page => new RoomReplies.HistoryRead(
                room,
                history.Ticket,
                history.RequestId,
                new ServerEvent.History(
                    room.Value, epoch, [], last, More: page.From > page.First && last > 0, Live: false, IsGap(page, query), page.Missing, page.Through),
                page.Entries),
            error => new RoomReplies.QueryRefused(room, history.Ticket, history.RequestId, error),
            asker);
    }

    // Deleted by retention: what was asked for begins below what is kept, and the page reaches down to it.
    private static bool IsGap(LogPage page, LogQuery query) =>
        page.Missing.Count > 0
        || (page.First > 1 && page.From == page.First && query.From < page.First
            && (query.Keep == PageEnd.Oldest || page.Entries.Count < query.MaxMessages));

    private void Read(LogQuery query, Func<LogPage, object> reply, Func<ServerEvent.Error, object> refusal, IActorRef asker)
    {
        if (_recent.Page(query, _opened.First) is { } page)
        {
            Tell(asker, reply(page));
            return;
        }
        var (log, logger, room, error) = (_log, Log, Room, StorageUnavailable());
        Introduce();
        _reads++;
        DiskReads.Start(
            Context.System,
            () => log.Read(query),
            Self,
            success: read => new ReadDone(asker, reply(read)),
            failure: cause =>
            {
                ChatMeter.StorageFailed();
                logger.Error(cause, "A page of the room {Room} can't be read", room);
                return new ReadDone(asker, refusal(error));
            });
    }

    private RoomReplies.WhoIs WhoIs(RoomQueries.Who who) => new(
        Room,
        who.Ticket,
        who.RequestId,
        [.. _state.Members.OrderBy(member => member.User.Folded, StringComparer.Ordinal).Take(Limits.WhoMembers).Select(member => member.User.Value)],
        _state.Online);
}
