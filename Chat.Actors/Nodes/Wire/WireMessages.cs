using System.Collections.Frozen;
using System.Runtime.Serialization;
using Chat.Actors.Rooms;

namespace Chat.Actors.Nodes.Wire;

/// <summary>A message that crosses between nodes: what names it there, and its fields by their numbers.</summary>
internal sealed record WireMessage(string Manifest, Type Type, Action<WireWriter, object> Write, Func<WireFields, object> Read);

/// <summary>
/// The one table of what crosses between nodes. A message is one entry here and one in <c>docs/cluster.proto</c>, where the rules are by which
/// both may change.
/// </summary>
internal static class WireMessages
{
    public static IReadOnlyList<WireMessage> All { get; } =
    [
        Message<LinkMessages.Parcel>(
            "p",
            (w, m) => w.Long(1, m.Link).Long(2, m.Number).Ref(3, m.To).Ref(4, m.From).Message(5, 6, m.Message),
            f => new(f.Long(1), f.Long(2), f.Ref(3), f.Ref(4), f.Message(5, 6))),
        Message<LinkMessages.Receipt>(
            "r",
            (w, m) => w.Long(1, m.Link).Long(2, m.Next).Flag(3, m.HasGap),
            f => new(f.Long(1), f.Long(2), f.Flag(3))),
        Message<LinkMessages.Anew>("a", (w, m) => { }, f => new()),

        Message<RoomCommands.Enter>(
            "ce",
            (w, m) => w.Room(1, m.Room).Speaker(2, m.Who).Long(3, m.Ticket).Text(4, m.From),
            f => new(f.Room(1), f.Speaker(2), f.Long(3), f.OptionalText(4))),
        Message<RoomCommands.Leave>(
            "cl",
            (w, m) => w.Room(1, m.Room).Speaker(2, m.Who).Long(3, m.Ticket),
            f => new(f.Room(1), f.Speaker(2), f.Long(3))),
        Message<RoomCommands.Post>(
            "cp",
            (w, m) => w.Room(1, m.Room).Speaker(2, m.Who).Text(3, m.Id).Text(4, m.Text).Long(5, m.Ticket).Flag(6, m.IsGuest).Text(7, m.From),
            f => new(f.Room(1), f.Speaker(2), f.OptionalText(3), f.Text(4), f.Long(5), f.Flag(6), f.OptionalText(7))),
        Message<RoomCommands.Type>(
            "ct",
            (w, m) => w.Room(1, m.Room).Speaker(2, m.Who).Long(3, m.Ticket),
            f => new(f.Room(1), f.Speaker(2), f.Long(3))),
        Message<RoomCommands.ReadPage>(
            "cr",
            (w, m) => w.Room(1, m.Room).Long(2, m.From).Long(3, m.Ticket),
            f => new(f.Room(1), f.Long(2), f.Long(3))),
        Message<RoomCommands.Attach>(
            "ca",
            (w, m) => w.Room(1, m.Room).Speakers(2, m.Members),
            f => new(f.Room(1), f.Speakers(2))),
        Message<RoomCommands.Expect>(
            "cx",
            (w, m) => w.Room(1, m.Room).Speakers(2, m.Members).Long(3, m.Ticket),
            f => new(f.Room(1), f.Speakers(2), f.Long(3))),

        Message<RoomQueries.Who>(
            "qw",
            (w, m) => w.Room(1, m.Room).Text(2, m.RequestId).Session(3, m.By).Long(4, m.Ticket),
            f => new(f.Room(1), f.OptionalText(2), f.Session(3), f.Long(4))),
        Message<RoomQueries.History>(
            "qh",
            (w, m) => w.Room(1, m.Room).Text(2, m.RequestId).Long(3, m.Before).Long(4, m.After).Long(5, m.Limit).Session(6, m.By)
                .Long(7, m.Ticket).Flag(8, m.Waits),
            f => new(
                f.Room(1), f.OptionalText(2), f.OptionalLong(3), f.OptionalLong(4), f.Int(5), f.Session(6), f.Long(7), f.Flag(8))),
        Message<RoomQueries.Where>("ql", (w, m) => w.Room(1, m.Room), f => new(f.Room(1))),

        Message<RoomReplies.Opening>("ro", (w, m) => w.Room(1, m.Room), f => new(f.Room(1))),
        Message<RoomReplies.Ending>(
            "rx",
            (w, m) => w.Room(1, m.Room).Flag(2, m.IsFailure).Speakers(3, m.Expected).Flag(4, m.HasMoved),
            f => new(f.Room(1), f.Flag(2), f.Speakers(3), f.Flag(4))),
        Message<RoomReplies.Here>("rh", (w, m) => w.Room(1, m.Room), f => new(f.Room(1))),
        Message<RoomReplies.Entered>(
            "re",
            (w, m) => w.Room(1, m.Room).Long(2, m.Ticket).Text(3, m.Epoch).Long(4, m.First).Long(5, m.Last).Long(6, m.Online),
            f => new(f.Room(1), f.Long(2), f.Text(3), f.Long(4), f.Long(5), f.Int(6))),
        Message<RoomReplies.LeftRoom>(
            "rl",
            (w, m) => w.Room(1, m.Room).Long(2, m.Ticket).Text(3, m.User).Long(4, m.Online).Time(5, m.Timestamp),
            f => new(f.Room(1), f.Long(2), f.Text(3), f.Int(4), f.Time(5))),
        Message<RoomReplies.Refused>(
            "rf",
            (w, m) => w.Room(1, m.Room).Long(2, m.Ticket).Error(3, m.Error),
            f => new(f.Room(1), f.Long(2), f.Error(3))),
        Message<RoomReplies.Done>("rd", (w, m) => w.Room(1, m.Room).Long(2, m.Ticket), f => new(f.Room(1), f.Long(2))),
        Message<RoomReplies.PageRead>(
            "rp",
            (w, m) => w.Room(1, m.Room).Long(2, m.Ticket).Text(3, m.Epoch).Long(4, m.From).Page(5, m.Page).Long(6, m.Last),
            f => new(f.Room(1), f.Long(2), f.Text(3), f.Long(4), f.LogPage(5), f.Long(6))),
        Message<RoomReplies.Delivered>(
            "rm",
            (w, m) => w.Room(1, m.Room).Entries(2, m.Entries).Acks(3, m.Acks),
            f => new(f.Room(1), f.Entries(2), f.Acks(3))),
        Message<RoomReplies.Notice>(
            "rn",
            (w, m) => w.Room(1, m.Room).Bytes(2, m.Json).Session(3, m.Except).Long(4, m.Joined).Long(5, m.Left).Long(6, m.Online),
            f => new(f.Room(1), f.Bytes(2), f.Session(3), f.Int(4), f.Int(5), f.Int(6))),
        Message<RoomReplies.Attached>(
            "ra",
            (w, m) => w.Room(1, m.Room).Text(2, m.Epoch).Long(3, m.First).Long(4, m.Last).Long(5, m.Online),
            f => new(f.Room(1), f.Text(2), f.Long(3), f.Long(4), f.Int(5))),
        Message<RoomReplies.WhoIs>(
            "rw",
            (w, m) => w.Room(1, m.Room).Long(2, m.Ticket).Text(3, m.RequestId).Texts(4, m.Members).Long(5, m.Online),
            f => new(f.Room(1), f.Long(2), f.OptionalText(3), f.Texts(4), f.Int(5))),
        Message<RoomReplies.HistoryRead>(
            "ry",
            (w, m) => w.Room(1, m.Room).Long(2, m.Ticket).Text(3, m.RequestId).Page(4, m.Page).Entries(5, m.Entries),
            f => new(f.Room(1), f.Long(2), f.OptionalText(3), f.HistoryPage(4), f.Entries(5))),
        Message<RoomReplies.QueryRefused>(
            "rq",
            (w, m) => w.Room(1, m.Room).Long(2, m.Ticket).Text(3, m.RequestId).Error(4, m.Error),
            f => new(f.Room(1), f.Long(2), f.OptionalText(3), f.Error(4))),

        Message<NameMessages.Claim>(
            "nc",
            (w, m) => w.Long(1, m.Ticket).User(2, m.Name).Session(3, m.Session).Flag(4, m.HasGrace),
            f => new(f.Long(1), f.User(2), f.Session(3), f.Flag(4))),
        Message<NameMessages.Granted>(
            "ng",
            (w, m) => w.Long(1, m.Ticket).Speaker(2, m.Who).Flag(3, m.Resumed).Rooms(4, m.Rooms),
            f => new(f.Long(1), f.Speaker(2), f.Flag(3), f.Rooms(4))),
        Message<NameMessages.Denied>(
            "nd",
            (w, m) => w.Long(1, m.Ticket).Text(2, m.Code).Text(3, m.Sentence).Long(4, m.RetryAfter?.Ticks),
            f => new(f.Long(1), f.Text(2), f.Text(3), f.OptionalLong(4) is { } ticks ? TimeSpan.FromTicks(ticks) : null)),
        Message<NameMessages.Yield>(
            "ny",
            (w, m) => w.User(1, m.Name).Session(2, m.Session),
            f => new(f.User(1), new SessionId(f.Long(2)))),
        Message<NameMessages.Yielded>(
            "nz",
            (w, m) => w.User(1, m.Name).Session(2, m.Session).Long(3, m.Generation).Rooms(4, m.Rooms),
            f => new(f.User(1), new SessionId(f.Long(2)), f.Int(3), f.Rooms(4))),
        Message<NameMessages.Freed>("nf", (w, m) => w.Speaker(1, m.Who), f => new(f.Speaker(1))),
        Message<NameMessages.Waits>("nw", (w, m) => w.Speaker(1, m.Who).Flag(2, m.IsWaiting), f => new(f.Speaker(1), f.Flag(2))),
        Message<NameMessages.Arbiter>("na", (w, m) => w.Long(1, m.Term), f => new(f.Long(1))),
        Message<NameMessages.Behind>("nb", (w, m) => w.Long(1, m.Term), f => new(f.Long(1))),
        Message<NameMessages.Sessions>(
            "ns",
            (w, m) => w.Long(1, m.Term).Held(2, m.All).Flag(3, m.MoreFollow),
            f => new(f.Long(1), f.Held(2), f.Flag(3))),
        Message<NameMessages.GoingAway>("nx", (w, m) => { }, f => new()),

        Message<DirectoryMessages.Rooms>(
            "dr",
            (w, m) => w.Populations(1, m.Here).Rooms(2, m.Gone).Flag(3, m.IsWhole),
            f => new(f.Populations(1), f.Rooms(2), f.Flag(3))),
    ];

    private static readonly FrozenDictionary<Type, WireMessage> ByType = All.ToFrozenDictionary(message => message.Type);

    private static readonly FrozenDictionary<string, WireMessage> ByManifest = All.ToFrozenDictionary(message => message.Manifest);

    /// <summary>How a message is written; throws where it is none of these.</summary>
    public static WireMessage Of(object message) => ByType.GetValueOrDefault(message.GetType())
        ?? throw new SerializationException($"A {message.GetType()} doesn't cross between nodes: it isn't in {nameof(WireMessages)}.");

    /// <summary>Reads one; throws nothing but a <see cref="SerializationException"/>, whatever came.</summary>
    public static object Read(string manifest, Func<WireFields> fields)
    {
        if (!ByManifest.TryGetValue(manifest, out var message))
        {
            throw new SerializationException(
                $"A message \"{manifest}\" came, which this version doesn't know: a newer version of the program speaks.");
        }
        try
        {
            return message.Read(fields());
        }
        catch (Exception e) when (e is not (SerializationException or OutOfMemoryException))
        {
            throw new SerializationException($"A {message.Type.Name} (\"{manifest}\") can't be read: {e.Message}", e);
        }
    }

    private static WireMessage Message<T>(string manifest, Action<WireWriter, T> write, Func<WireFields, T> read)
        where T : class => new(manifest, typeof(T), (writer, message) => write(writer, (T)message), read);

    // One in another, with its manifest before it.
    private static WireWriter Message(this WireWriter writer, int manifest, int field, object message)
    {
        var known = Of(message);
        CheckNested(known.Type);
        return writer.Text(manifest, known.Manifest).Part(field, message, known.Write);
    }

    // What can't be read is the reader's to tell: the message around it can.
    private static object Message(this WireFields fields, int manifest, int field)
    {
        var name = fields.Text(manifest);
        try
        {
            if (ByManifest.TryGetValue(name, out var nested))
                CheckNested(nested.Type);
            return Read(name, () => fields.Part(field, static part => part));
        }
        catch (SerializationException e)
        {
            return new Unreadable(name, e.Message);
        }
    }

    // Nor one in one in one, as deep as somebody likes.
    private static void CheckNested(Type type)
    {
        if (type == typeof(LinkMessages.Parcel))
            throw new SerializationException("A parcel isn't put into a parcel.");
    }
}
