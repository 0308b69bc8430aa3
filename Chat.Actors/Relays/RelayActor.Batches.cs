using Akka.Actor;
using Chat.Actors.Delivery;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.Relays;

// Batches: what the room has stored, on its way to each member.
public sealed partial class RelayActor
{
    // What one write to a member may carry.
    private const int TailBytes = 256 * 1024;

    // Members written to between two looks into the mailbox: some hundred microseconds. What is published meanwhile is stored meanwhile.
    private const int MembersAtOnce = 64;

    private sealed record GoOn
    {
        public static readonly GoOn Instance = new();
    }

    private readonly LiveTail _tail = new();
    private readonly PublishWatch _publishes = new();
    private bool _isGoingOn;
    private long _visits;
    private long _delivered;
    private int _at;

    // What the last visited got; most who come behind it stand at the same place.
    private (Passage Passage, ReadOnlyMemory<byte> Frames, long Through)? _piece;

    // To write to each member takes far longer than to store a batch. So they are visited in turn, each getting all that was stored since it
    // was there last, and a new batch begins with whoever is next: who speaks again at each visit is heard by all in every round.
    private void Deliver(RoomReplies.Delivered delivered)
    {
        if (delivered.Entries is [{ Seq: var first }, ..] entries)
        {
            var bytes = entries.Sum(entry => entry.Line.Length);
            if (!_tail.IsEmpty && (_tail.Length + bytes > Math.Min(TailBytes, _options.OutboxBytes / 2) || first != _tail.Last + 1))
                VisitAll();
            _tail.Append(entries, _visits + _members.Count);
            _log = _log with { Head = _tail.Last };
            GoOnLater();
        }
        foreach (var ack in delivered.Acks)
        {
            var pending = _unanswered.Take(ack.Ticket);
            if (pending is not null)
                _publishes.Stored(pending.Timer, _visits + (_tail.IsEmpty ? 0 : _members.Count));
            switch (pending)
            {
                case Pending.Say said:
                    Acknowledge(said, Frame(new ServerEvent.Ack(Room.Value, ack.Seq, ack.Timestamp, ack.Duplicate) { Id = ack.Id }));
                    break;
                case Pending.Query guest:
                    guest.Asker.Tell(ack);
                    break;
            }
        }
        Account();
    }

    // Who spoke gets its message out of turn, and the ack behind it in the same write: it needn't wait for a thousand others.
    private void Acknowledge(Pending.Say said, ReadOnlyMemory<byte> ack)
    {
        var speaker = said.Command is RoomCommands.Post post ? _members.Find(post.Who.Session) : null;
        if (_tail.IsEmpty || speaker?.Subscription is not { } subscription || !ReferenceEquals(subscription.Outbox, said.Outbox) || !Send(speaker, ack))
            said.Outbox.Answer(ack);
    }

    private void VisitSome()
    {
        _isGoingOn = false;
        Visit(MembersAtOnce);
        if (!_tail.IsEmpty)
            GoOnLater();
    }

    // Until all is out.
    private void VisitAll()
    {
        while (!_tail.IsEmpty)
            Visit(Math.Max(1, _members.Count));
    }

    private void GoOnLater()
    {
        if (!_isGoingOn)
            Self.Tell(GoOn.Instance);
        _isGoingOn = true;
    }

    private void Visit(int members)
    {
        _tail.Forget(_visits);
        for (; members > 0 && !_tail.IsEmpty; members--)
        {
            _at = _at + 1 < _members.Count ? _at + 1 : 0;
            Send(_members.All[_at]);
            _tail.Forget(++_visits);
        }
        Account();
        if (_tail.IsEmpty)
            _piece = null;
    }

    // What went out since, for whoever measures.
    private void Account()
    {
        _publishes.Visited(_visits);
        ChatMeter.Delivered(_delivered);
        _delivered = 0;
    }

    // What the member hasn't had of the tail, with an answer of its own behind it; false where it got nothing.
    private bool Send(Member member, ReadOnlyMemory<byte> answer = default)
    {
        // One that isn't live gets the batch with its pages.
        if (member.Subscription is not { Cursor: { IsLive: true } cursor } subscription || cursor.Next > _tail.Last)
            return false;
        if (!cursor.Wants(_tail.First, _tail.Last))
        {
            CatchUp(subscription);
            return false;
        }
        if (_piece is not { } piece || piece.Passage.From != cursor.Next || piece.Through != _tail.Last)
            _piece = piece = (new Passage(_log.Epoch, cursor.Next), _tail.From(cursor.Next), _tail.Last);
        if (!Offered(member, subscription, piece.Frames, piece.Passage, answer))
            return false;
        _delivered += _tail.Last - cursor.Next + 1;
        cursor.Took(_tail.Last);
        return true;
    }

    // False where the outbox is full or closed. One that is full keeps its place and catches up from history.
    private static bool Offered(
        Member member, Subscription subscription, ReadOnlyMemory<byte> frames, Passage passage, ReadOnlyMemory<byte> answer = default)
    {
        switch (subscription.Outbox.Offer(subscription.Feed, frames, passage, answer))
        {
            case Offer.Accepted:
                return true;
            case Offer.Full:
                CatchUp(subscription);
                return false;
            default:
                member.Subscription = null;
                return false;
        }
    }

    private static void CatchUp(Subscription subscription)
    {
        subscription.Cursor.FallBehind();
        RequestTurn(subscription);
    }
}
