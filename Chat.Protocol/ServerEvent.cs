namespace Chat.Protocol;

/// <summary>What a server may say in <c>chat.v1</c>; one JSON object in one text frame each.</summary>
public abstract record ServerEvent
{
    private ServerEvent() { }

    /// <summary>The id of the request that this answers, where it answers one that had an id.</summary>
    public string? Id { get; init; }

    /// <summary>The answer to a login: who one is, the secret that resumes the session, and what is still joined.</summary>
    public sealed record Welcome(
        string User,
        string Session,
        bool Resumed,
        IReadOnlyList<string> JoinedRooms,
        ServerInfo Server,
        Limits Limits,
        string Sentence,
        DateTime? Timestamp) : ServerEvent;

    /// <summary>Somebody else entered a room. <c>Online</c> is the number of members now.</summary>
    public sealed record Joined(string Room, string User, int? Online, string Sentence, DateTime? Timestamp) : ServerEvent;

    /// <summary>Somebody left a room; with an id, the answer to one's own <c>leave</c>.</summary>
    public sealed record Left(string Room, string User, int? Online, string Sentence, DateTime? Timestamp) : ServerEvent;

    /// <summary>How many entered and left since the last such event (rooms of over 100 members).</summary>
    public sealed record Presence(string Room, int JoinedCount, int LeftCount, int Online, string Sentence, DateTime? Timestamp)
        : ServerEvent;

    /// <summary>Something that people should read.</summary>
    public sealed record Notice(string? Room, string Sentence, DateTime? Timestamp) : ServerEvent;

    /// <summary>The server is going away; come back after <paramref name="ReconnectIn"/>.</summary>
    public sealed record Shutdown(TimeSpan ReconnectIn, string Sentence, DateTime? Timestamp) : ServerEvent;

    /// <summary>A message of a room. Its <see cref="Id"/> is the id under which it was published.</summary>
    public sealed record Message(string Room, long Seq, string User, string Text, DateTime Timestamp, string Crc) : ServerEvent
    {
        /// <summary>The event's bytes as they came; the <see cref="Crc"/> was found to hold for them.</summary>
        public ReadOnlyMemory<byte> Wire { get; init; }

        /// <summary>Equal in what it says; <see cref="Wire"/> says it once more and is left out.</summary>
        public bool Equals(Message? other) =>
            other is not null && Id == other.Id && Room == other.Room && Seq == other.Seq && User == other.User
            && Text == other.Text && Timestamp == other.Timestamp && Crc == other.Crc;

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Id, Room, Seq, User, Text, Timestamp, Crc);
    }

    /// <summary>A publish is stored. <c>Duplicate</c>: it had been before.</summary>
    public sealed record Ack(string Room, long Seq, DateTime Timestamp, bool Duplicate) : ServerEvent;

    /// <summary>A page of a room's log, oldest first.</summary>
    /// <param name="Room">The room, folded.</param>
    /// <param name="Epoch">Names the log; a seq means something only together with it.</param>
    /// <param name="Messages">The messages that this program could read.</param>
    /// <param name="Last">The room's newest seq, 0 where there is none.</param>
    /// <param name="More">Older messages exist than those of this page.</param>
    /// <param name="Live">Live events follow from here.</param>
    /// <param name="Gap">Not all that was asked for can be had.</param>
    /// <param name="Missing">The damaged seqs, from and to.</param>
    /// <param name="Through">
    /// The highest seq that the page's lines carry, 0 where it has none: lines of types that this program doesn't know are
    /// left out of <paramref name="Messages"/> but counted here. Not on the wire.
    /// </param>
    public sealed record History(
        string Room,
        string Epoch,
        IReadOnlyList<Message> Messages,
        long Last,
        bool More,
        bool Live,
        bool Gap,
        IReadOnlyList<SeqRange> Missing,
        long Through) : ServerEvent;

    /// <summary>Who is in a room: at most 1,000 names, sorted, and how many there are in all.</summary>
    public sealed record Who(string Room, IReadOnlyList<string> Members, int Online) : ServerEvent;

    /// <summary>The rooms, most populated first (at most 200), and how many are in each.</summary>
    public sealed record Rooms(IReadOnlyList<string> Names, IReadOnlyDictionary<string, int> Online) : ServerEvent;

    /// <summary>Somebody is typing.</summary>
    public sealed record Typing(string Room, string User) : ServerEvent;

    /// <summary>The answer to a ping.</summary>
    public sealed record Pong : ServerEvent;

    /// <summary>A request was refused, for the reason <paramref name="Code"/>, one of <see cref="ErrorCodes"/>.</summary>
    public sealed record Error(string Code, string Sentence, string? Room = null, TimeSpan? RetryAfter = null) : ServerEvent;

    /// <summary>An event of a later version, to be ignored.</summary>
    public sealed record Unknown(string Type) : ServerEvent;
}

/// <summary>The seqs from <paramref name="From"/> to <paramref name="To"/>, both included.</summary>
public readonly record struct SeqRange(long From, long To);

/// <summary>What serves, as a welcome says it.</summary>
public sealed record ServerInfo(string Name, string Version);
