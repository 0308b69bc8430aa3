using Chat.Actors.History;
using Chat.Actors.Rooms;
using Chat.Protocol;

namespace Chat.Actors.Nodes.Wire;

/// <summary>What several messages have in them.</summary>
internal static class WireParts
{
    public static WireWriter Speaker(this WireWriter writer, int field, Speaker who) => writer.Part(field, who, Write);

    public static WireWriter Speakers(this WireWriter writer, int field, IReadOnlyList<Speaker> all) => writer.Parts(field, all, Write);

    public static WireWriter Entries(this WireWriter writer, int field, IReadOnlyList<LogEntry> entries) => writer.Parts(field, entries, Write);

    public static WireWriter Page(this WireWriter writer, int field, LogPage page) => writer.Part(field, page, Write);

    public static WireWriter Page(this WireWriter writer, int field, ServerEvent.History page) => writer.Part(field, page, Write);

    public static WireWriter Acks(this WireWriter writer, int field, IReadOnlyList<RoomReplies.Ack> acks) => writer.Parts(field, acks, Write);

    public static WireWriter Error(this WireWriter writer, int field, ServerEvent.Error error) => writer.Part(field, error, Write);

    public static WireWriter Session(this WireWriter writer, int field, SessionId? session) => writer.Long(field, session?.Value);

    public static WireWriter User(this WireWriter writer, int field, UserName user) => writer.Part(field, user, Write);

    public static WireWriter Rooms(this WireWriter writer, int field, IReadOnlyList<RoomName> rooms)
    {
        foreach (var room in rooms)
            writer.Room(field, room);
        return writer;
    }

    public static WireWriter Held(this WireWriter writer, int field, IReadOnlyList<NameMessages.Held> all) => writer.Parts(field, all, Write);

    public static WireWriter Populations(this WireWriter writer, int field, IReadOnlyList<ChildReports.Population> all) => writer.Parts(field, all, Write);

    public static UserName User(this WireFields fields, int field) => fields.Part(field, ReadUser);

    public static IReadOnlyList<RoomName> Rooms(this WireFields fields, int field) => [.. fields.Texts(field).Select(RoomName.Trusted)];

    public static IReadOnlyList<NameMessages.Held> Held(this WireFields fields, int field) => fields.Parts(field, static held =>
        new NameMessages.Held(held.Speaker(1), held.Flag(2), held.Flag(3)));

    public static IReadOnlyList<ChildReports.Population> Populations(this WireFields fields, int field) => fields.Parts(field, static room =>
        new ChildReports.Population(room.Room(1), room.Int(2), room.Flag(3)));

    public static Speaker Speaker(this WireFields fields, int field) => fields.Part(field, ReadSpeaker);

    public static IReadOnlyList<Speaker> Speakers(this WireFields fields, int field) => fields.Parts(field, ReadSpeaker);

    public static IReadOnlyList<LogEntry> Entries(this WireFields fields, int field) =>
        fields.Parts(field, static entry => new LogEntry(entry.Long(1), entry.Bytes(2)));

    public static LogPage LogPage(this WireFields fields, int field) => fields.Part(field, static page =>
        new LogPage(page.Long(1), page.Long(2), page.Entries(3), page.Ranges(4), page.Long(5)));

    public static ServerEvent.History HistoryPage(this WireFields fields, int field) => fields.Part(field, static page =>
        new ServerEvent.History(
            page.Text(1), page.Text(2), [], page.Long(3), page.Flag(4), page.Flag(5), page.Flag(6), page.Ranges(7), page.Long(8))
        { Id = page.OptionalText(9) });

    public static IReadOnlyList<RoomReplies.Ack> Acks(this WireFields fields, int field) => fields.Parts(field, static ack =>
        new RoomReplies.Ack(ack.Long(1), ack.Text(2), ack.Long(3), ack.Time(4), ack.Flag(5)));

    public static ServerEvent.Error Error(this WireFields fields, int field) => fields.Part(field, static error =>
        new ServerEvent.Error(
            error.Text(1), error.Text(2), error.OptionalText(3), error.OptionalLong(4) is { } ticks ? TimeSpan.FromTicks(ticks) : null)
        { Id = error.OptionalText(5) });

    public static SessionId? Session(this WireFields fields, int field) => fields.OptionalLong(field) is { } session ? new SessionId(session) : null;

    // A name is folded once, where it came in: versions and machines may differ in how.
    private static void Write(WireWriter writer, Speaker who) => writer
        .Text(1, who.User.Value)
        .Text(2, who.User.Folded == who.User.Value ? null : who.User.Folded)
        .Long(3, who.Session.Value)
        .Long(4, who.Generation);

    private static Speaker ReadSpeaker(WireFields who)
    {
        var name = who.Text(1);
        return new Speaker(UserName.Trusted(name, who.OptionalText(2) ?? name), new SessionId(who.Long(3)), who.Int(4));
    }

    private static void Write(WireWriter writer, UserName user) => writer.Text(1, user.Value).Text(2, user.Folded == user.Value ? null : user.Folded);

    private static UserName ReadUser(WireFields user)
    {
        var name = user.Text(1);
        return UserName.Trusted(name, user.OptionalText(2) ?? name);
    }

    private static void Write(WireWriter writer, NameMessages.Held held) => writer.Speaker(1, held.Who).Flag(2, held.HasGrace).Flag(3, held.IsWaiting);

    private static void Write(WireWriter writer, ChildReports.Population room) => writer.Room(1, room.Room).Long(2, room.Online).Flag(3, room.HasLog);

    private static void Write(WireWriter writer, LogEntry entry) => writer.Long(1, entry.Seq).Bytes(2, entry.Line);

    private static void Write(WireWriter writer, LogPage page) => writer
        .Long(1, page.From).Long(2, page.Through).Entries(3, page.Entries).Parts(4, page.Missing, Write).Long(5, page.First);

    // Without messages: they are the entries' lines.
    private static void Write(WireWriter writer, ServerEvent.History page) => writer
        .Text(1, page.Room).Text(2, page.Epoch).Long(3, page.Last).Flag(4, page.More).Flag(5, page.Live).Flag(6, page.Gap)
        .Parts(7, page.Missing, Write).Long(8, page.Through).Text(9, page.Id);

    private static void Write(WireWriter writer, RoomReplies.Ack ack) => writer
        .Long(1, ack.Ticket).Text(2, ack.Id).Long(3, ack.Seq).Time(4, ack.Timestamp).Flag(5, ack.Duplicate);

    private static void Write(WireWriter writer, ServerEvent.Error error) => writer
        .Text(1, error.Code).Text(2, error.Sentence).Text(3, error.Room).Long(4, error.RetryAfter?.Ticks).Text(5, error.Id);

    private static void Write(WireWriter writer, SeqRange range) => writer.Long(1, range.From).Long(2, range.To);

    private static IReadOnlyList<SeqRange> Ranges(this WireFields fields, int field) =>
        fields.Parts(field, static range => new SeqRange(range.Long(1), range.Long(2)));
}
