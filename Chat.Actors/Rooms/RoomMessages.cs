using Akka.Actor;
using Akka.Event;
using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;

namespace Chat.Actors.Rooms;

/// <summary>What a relay asks of its room. The ticket comes back on the reply; with 0 nobody waits for one.</summary>
public static class RoomCommands
{
    /// <summary>A session enters; nothing is told about one that is in the room already.</summary>
    /// <param name="Room">The room.</param>
    /// <param name="Who">The session.</param>
    /// <param name="Ticket">See there.</param>
    /// <param name="From">The address that it counts for where that makes the room; null for one without limits.</param>
    public sealed record Enter(RoomName Room, Speaker Who, long Ticket, string? From = null) : IWithRoom;

    /// <summary>A session leaves.</summary>
    public sealed record Leave(RoomName Room, Speaker Who, long Ticket) : IWithRoom;

    /// <summary>A member says something; without an id, the room makes one.</summary>
    /// <param name="Room">The room.</param>
    /// <param name="Who">Who says it.</param>
    /// <param name="Id">The id.</param>
    /// <param name="Text">The text.</param>
    /// <param name="Ticket">See there.</param>
    /// <param name="IsGuest">It needn't be a member, and where the room isn't there, that makes it.</param>
    /// <param name="From">As with <see cref="Enter"/>.</param>
    public sealed record Post(
        RoomName Room, Speaker Who, string? Id, string Text, long Ticket, bool IsGuest = false, string? From = null) : IWithRoom;

    /// <summary>A member is typing.</summary>
    public sealed record Type(RoomName Room, Speaker Who, long Ticket) : IWithRoom;

    /// <summary>One page of what is stored, from a seq on.</summary>
    public sealed record ReadPage(RoomName Room, long From, long Ticket) : IWithRoom;

    /// <summary>A relay's members, after the room was stopped or moved: taken in without a notice.</summary>
    public sealed record Attach(RoomName Room, IReadOnlyList<Speaker> Members) : IWithRoom;

    /// <summary>
    /// Sessions that come back by another node, whose relay has them no more: they are in, without a notice, and leave where they don't come
    /// within their grace period.
    /// </summary>
    public sealed record Expect(RoomName Room, IReadOnlyList<Speaker> Members, long Ticket) : IWithRoom;
}

/// <summary>
/// What a relay asks of the room that it follows, not of another. That may have ended without the relay knowing; then the relay learns it soon,
/// and asks its successor for all that isn't answered, this too, in the order in which it was asked first.
/// </summary>
public sealed record Addressed(IActorRef To, IWithRoom Command) : IWithRoom
{
    /// <inheritdoc/>
    public RoomName Room => Command.Room;
}

/// <summary>What anybody may ask about a room; answered to the sender, with the ticket.</summary>
public static class RoomQueries
{
    /// <summary>Asks for <see cref="RoomReplies.WhoIs"/>.</summary>
    public sealed record Who(RoomName Room, string? RequestId, SessionId? By = null, long Ticket = 0) : IWithRoom;

    /// <summary>Asks for <see cref="RoomReplies.HistoryRead"/>.</summary>
    /// <param name="Room">The room.</param>
    /// <param name="RequestId">Of the request that asks.</param>
    /// <param name="Before">The newest before that seq.</param>
    /// <param name="After">The oldest after that seq.</param>
    /// <param name="Limit">So many at most.</param>
    /// <param name="By">The session that asks: what it said before is in.</param>
    /// <param name="Ticket">See there.</param>
    /// <param name="Waits">Where the log ends at <paramref name="After"/>, it is answered when it doesn't any more, or after <see cref="ChatOptions.FollowTime"/>.</param>
    public sealed record History(
        RoomName Room, string? RequestId, long? Before, long? After, int Limit, SessionId? By = null, long Ticket = 0, bool Waits = false) : IWithRoom;

    /// <summary>Asks a room, wherever it is, to say so: answered by <see cref="RoomReplies.Here"/>. It waits a while for what the asker has to say.</summary>
    public sealed record Where(RoomName Room) : IWithRoom;

    /// <summary>Asks whether rooms can be stored; answered by <see cref="RoomReplies.StorageIs"/>.</summary>
    public sealed record Storage
    {
        /// <summary>The only one.</summary>
        public static readonly Storage Instance = new();

        private Storage() { }
    }

    /// <summary>Asks for <see cref="RoomReplies.RoomsListed"/>; <c>IsRequest</c>: for a request, not to go with another answer.</summary>
    public sealed record List(string? RequestId, bool IsRequest);
}

/// <summary>What a room tells its relays, and whoever asked.</summary>
public static class RoomReplies
{
    /// <summary>The room is opening its log, and what came waits for that.</summary>
    public sealed record Opening(RoomName Room) : IWithRoom;

    /// <summary>
    /// The room ends while it has members: it failed, or it moves to another node. What is unanswered it doesn't answer any more. Its successor is to expect those
    /// whom it expected.
    /// </summary>
    /// <param name="Room">The room.</param>
    /// <param name="IsFailure">It failed.</param>
    /// <param name="Expected">See there.</param>
    /// <param name="HasMoved">Its successor can be called at once: it takes nothing, and needn't be waited for.</param>
    public sealed record Ending(RoomName Room, bool IsFailure, IReadOnlyList<Speaker> Expected, bool HasMoved = false) : IWithRoom, IDeadLetterSuppression;

    /// <summary>The room is the sender.</summary>
    public sealed record Here(RoomName Room) : IWithRoom, IDeadLetterSuppression;

    /// <summary>The session is in the room; the log stands so.</summary>
    public sealed record Entered(RoomName Room, long Ticket, string Epoch, long First, long Last, int Online) : IWithRoom;

    /// <summary>The session is not in the room any more.</summary>
    public sealed record LeftRoom(RoomName Room, long Ticket, string User, int Online, DateTime Timestamp) : IWithRoom;

    /// <summary>The command was refused.</summary>
    public sealed record Refused(RoomName Room, long Ticket, ServerEvent.Error Error) : IWithRoom
    {
        /// <summary>Of a join, or of what a guest says.</summary>
        internal static Refused To(IWithRoom command, ServerEvent.Error error) =>
            new(command.Room, command is RoomCommands.Enter enter ? enter.Ticket : ((RoomCommands.Post)command).Ticket, error);
    }

    /// <summary>The command is carried out, and there is nothing to say about it.</summary>
    public sealed record Done(RoomName Room, long Ticket) : IWithRoom;

    /// <summary>
    /// A page for a relay, read from <paramref name="From"/> on in the log of that epoch; <paramref name="Last"/> is the newest stored seq.
    /// </summary>
    public sealed record PageRead(RoomName Room, long Ticket, string Epoch, long From, LogPage Page, long Last) : IWithRoom;

    /// <summary>A stored batch, and whose publishes it answers.</summary>
    public sealed record Delivered(RoomName Room, IReadOnlyList<LogEntry> Entries, IReadOnlyList<Ack> Acks) : IWithRoom;

    /// <summary>A publish is stored.</summary>
    public sealed record Ack(long Ticket, string Id, long Seq, DateTime Timestamp, bool Duplicate);

    /// <summary>
    /// An event that isn't stored, for all members but one session; the counts are those who entered and left with it, for
    /// whoever misses it.
    /// </summary>
    public sealed record Notice(
        RoomName Room, ReadOnlyMemory<byte> Json, SessionId? Except, int Joined, int Left, int Online) : IWithRoom;

    /// <summary>The room knows the relay's members; the log stands so.</summary>
    public sealed record Attached(RoomName Room, string Epoch, long First, long Last, int Online) : IWithRoom;

    /// <summary>Who is in a room: at most 1,000 names, sorted.</summary>
    public sealed record WhoIs(RoomName Room, long Ticket, string? RequestId, IReadOnlyList<string> Members, int Online) : IWithRoom;

    /// <summary>A page of a room's log, encoded but for the request's id: its messages are the entries' lines.</summary>
    public sealed record HistoryRead(
        RoomName Room, long Ticket, string? RequestId, ServerEvent.History Page, IReadOnlyList<LogEntry> Entries) : IWithRoom
    {
        /// <summary>The page as an event.</summary>
        /// <param name="headroom">Bytes left free before it.</param>
        public byte[] Encode(int headroom = 0) => EventCodec.EncodeHistory(Page with { Id = RequestId }, [.. Entries.Select(entry => entry.Line)], headroom);
    }

    /// <summary>A query was refused.</summary>
    public sealed record QueryRefused(RoomName Room, long Ticket, string? RequestId, ServerEvent.Error Error) : IWithRoom;

    /// <summary>How many rooms' logs can't be written, and whether the data folder can be read.</summary>
    public sealed record StorageIs(int Failing, bool IsListed);

    /// <summary>The rooms, most populated first, and how many are in each.</summary>
    public sealed record RoomsListed(string? RequestId, bool IsAnswer, IReadOnlyList<string> Names, IReadOnlyDictionary<string, int> Online);
}

/// <summary>What a child of a <see cref="ChildrenByRoom"/> tells its parent.</summary>
public static class ChildReports
{
    /// <summary>How it is with the child itself: what the <see cref="ChildrenByRoom"/> is to take.</summary>
    public interface IOfItself : IWithRoom;

    /// <summary>The child has nothing to do: its parent lets it stop, and holds what comes for it meanwhile.</summary>
    public sealed record Idle(RoomName Room) : IOfItself;

    /// <summary>The child failed: its parent lets it stop, and tells those who come meanwhile.</summary>
    internal sealed record Failed(RoomName Room) : IOfItself;

    /// <summary>The child, told to stop, has something to do again: it stays, and gets what waited.</summary>
    public sealed record Busy(RoomName Room) : IOfItself;

    /// <summary>How many are in a room, and whether it has a log.</summary>
    public sealed record Population(RoomName Room, int Online, bool HasLog) : IWithRoom
    {
        /// <summary>It has members, or a log.</summary>
        public bool Exists => Online > 0 || HasLog;
    }

    /// <summary>A room's log can't be written, or can be again.</summary>
    public sealed record Storage(RoomName Room, bool IsFailing) : IWithRoom;

    /// <summary>Asks the rooms to store what waits; answered by <see cref="Flushed"/> when nothing does any more.</summary>
    public sealed record Flush
    {
        /// <summary>The only one.</summary>
        public static readonly Flush Instance = new();

        private Flush() { }
    }

    /// <summary>Nothing waits to be stored.</summary>
    public sealed record Flushed
    {
        /// <summary>The only one.</summary>
        public static readonly Flushed Instance = new();

        private Flushed() { }
    }

    /// <summary>Asks the rooms to delete what retention has come to.</summary>
    public sealed record Trim
    {
        /// <summary>The only one.</summary>
        public static readonly Trim Instance = new();

        private Trim() { }
    }

    /// <summary>The parent's answer to <see cref="Idle"/>.</summary>
    public sealed record Stop
    {
        /// <summary>The only one.</summary>
        public static readonly Stop Instance = new();

        private Stop() { }
    }

    /// <summary>Asks a room to end here, members or not, as soon as what it has taken is stored: it moves to another node.</summary>
    public sealed record MoveOn
    {
        /// <summary>The only one.</summary>
        public static readonly MoveOn Instance = new();

        private MoveOn() { }
    }

    /// <summary>A child is gone.</summary>
    internal sealed record Stopped(RoomName Room, IActorRef Child);
}
