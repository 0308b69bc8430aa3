using System.Collections;
using System.Globalization;
using System.Reflection;
using Akka.Actor;
using Chat.Actors;
using Chat.Actors.History;
using Chat.Actors.Nodes;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Protocol;
using CsCheck;

namespace Chat.Tests.Nodes.Wire;

/// <summary>One of each message that crosses between nodes with nothing at its default, and any.</summary>
internal static class WireSamples
{
    public const string To = "akka.tcp://chat@10.0.0.2:4053/user/relays/general#1234567";
    public const string From = "akka.tcp://chat@10.0.0.1:4053/user/rooms/general#7654321";

    private static readonly RoomName Room = RoomName.Trusted("straße");
    private static readonly Speaker Ana = new(UserName.Trusted("Ana", "ana"), new SessionId(77), 3);
    private static readonly Speaker Bo = new(UserName.Trusted("bo", "bo"), new SessionId(long.MaxValue), int.MaxValue);
    private static readonly DateTime Time = new(2026, 11, 25, 12, 0, 0, 123, DateTimeKind.Utc);
    private static readonly LogEntry[] Entries = [new(5, "{\"seq\":5}"u8.ToArray()), new(6, "{\"seq\":6}"u8.ToArray())];
    private static readonly SeqRange[] Missing = [new(3, 4), new(7, 7)];
    private static readonly ServerEvent.Error Error = new("busy", "Try again.", "general", TimeSpan.FromSeconds(1)) { Id = "r1" };

    /// <summary>With every field.</summary>
    public static IReadOnlyList<object> Full(Func<string, IActorRef> actor) =>
    [
        new LinkMessages.Parcel(11, 12, actor(To), actor(From), new RoomReplies.Done(Room, 9)),
        new LinkMessages.Receipt(11, 12, true),
        new LinkMessages.Anew(),
        new RoomCommands.Enter(Room, Ana, 9, "::1"),
        new RoomCommands.Leave(Room, Ana, 9),
        new RoomCommands.Post(Room, Ana, "m1", "hi 😀", 9, true, "::1"),
        new RoomCommands.Type(Room, Ana, 9),
        new RoomCommands.ReadPage(Room, 8, 9),
        new RoomCommands.Attach(Room, [Ana, Bo]),
        new RoomCommands.Expect(Room, [Ana, Bo], 9),
        new RoomQueries.Who(Room, "r1", new SessionId(77), 9),
        new RoomQueries.History(Room, "r1", 8, 9, 50, new SessionId(77), 10, true),
        new RoomQueries.Where(Room),
        new RoomReplies.Opening(Room),
        new RoomReplies.Ending(Room, true, [Ana, Bo], HasMoved: true),
        new RoomReplies.Here(Room),
        new RoomReplies.Entered(Room, 9, "e1", 1, 6, 2),
        new RoomReplies.LeftRoom(Room, 9, "Ana", 2, Time),
        new RoomReplies.Refused(Room, 9, Error),
        new RoomReplies.Done(Room, 9),
        new RoomReplies.PageRead(Room, 9, "e1", 5, new LogPage(5, 6, Entries, Missing, 2), 8),
        new RoomReplies.Delivered(Room, Entries, [new RoomReplies.Ack(9, "m1", 5, Time, true)]),
        new RoomReplies.Notice(Room, "{}"u8.ToArray(), new SessionId(77), 1, 2, 3),
        new RoomReplies.Attached(Room, "e1", 1, 6, 2),
        new RoomReplies.WhoIs(Room, 9, "r1", ["Ana", "bo"], 2),
        new RoomReplies.HistoryRead(
            Room, 9, "r1", new ServerEvent.History(Room.Value, "e1", [], 6, true, true, true, Missing, 6) { Id = "r2" }, Entries),
        new RoomReplies.QueryRefused(Room, 9, "r1", Error),
        new NameMessages.Claim(9, Ana.User, new SessionId(77), true),
        new NameMessages.Granted(9, Ana, true, [Room]),
        new NameMessages.Denied(9, "name_taken", "Choose another.", TimeSpan.FromSeconds(1)),
        new NameMessages.Yield(Ana.User, new SessionId(77)),
        new NameMessages.Yielded(Ana.User, new SessionId(77), 3, [Room]),
        new NameMessages.Freed(Ana),
        new NameMessages.Waits(Ana, true),
        new NameMessages.Arbiter(7),
        new NameMessages.Behind(7),
        new NameMessages.Sessions(7, [new NameMessages.Held(Ana, true, true), new NameMessages.Held(Bo, true, true)], true),
        new NameMessages.GoingAway(),
        new DirectoryMessages.Rooms([new ChildReports.Population(Room, 2, true)], [Room], true),
    ];

    /// <summary>Any of each: with nulls, empty lists, limits of numbers, and large ones.</summary>
    public static IReadOnlyList<Gen<object>> Any(Func<string, IActorRef> actor)
    {
        var number = Gen.Frequency((3, Gen.Long), (2, Gen.Long[0, 300]), (1, OneOf(0L, -1L, long.MinValue, long.MaxValue)));
        var count = Gen.Frequency((3, Gen.Int), (1, OneOf(0, -1, int.MinValue, int.MaxValue)));
        var text = AnyText.WellFormed;
        var maybeText = Gen.OneOf(text, Gen.Const((string?)null)!)!;
        var maybeNumber = Gen.OneOf(number.Select(value => (long?)value), Gen.Const((long?)null));
        var session = number.Select(value => new SessionId(value));
        var maybeSession = maybeNumber.Select(value => value is { } some ? new SessionId(some) : (SessionId?)null);
        var flag = Gen.Bool;
        var room = text.Select(RoomName.Trusted);
        var time = Gen.OneOf(Gen.Long[0, DateTime.MaxValue.Ticks], OneOf(0L, DateTime.MaxValue.Ticks))
            .Select(ticks => new DateTime(ticks, DateTimeKind.Utc));
        var user = Gen.Select(text, text, flag).Select((name, folded, isSame) => UserName.Trusted(name, isSame ? name : folded));
        var speaker = Gen.Select(user, session, count).Select((who, number, generation) => new Speaker(who, number, generation));
        var speakers = speaker.Array[0, 5];
        var rooms = room.Array[0, 5];
        var line = Gen.Frequency((8, Gen.Byte.Array[0, 300]), (1, Gen.Byte.Array[20_000]));
        var entries = Gen.Select(number, line).Select((seq, bytes) => new LogEntry(seq, bytes)).Array[0, 12];
        var ranges = Gen.Select(number, number).Select((from, to) => new SeqRange(from, to)).Array[0, 4];
        var acks = Gen.Select(number, text, number, time, flag)
            .Select((ticket, id, seq, at, duplicate) => new RoomReplies.Ack(ticket, id, seq, at, duplicate)).Array[0, 12];
        var error = Gen.Select(text, text, maybeText, maybeNumber, maybeText)
            .Select((code, sentence, of, after, id) =>
                new ServerEvent.Error(code, sentence, of, after is { } ticks ? TimeSpan.FromTicks(ticks) : null) { Id = id });
        var page = Gen.Select(number, number, entries, ranges, number)
            .Select((from, through, of, missing, first) => new LogPage(from, through, of, missing, first));
        var history = Gen.Select(Gen.Select(text, text, number, number), Gen.Select(flag, flag, flag), ranges, maybeText)
            .Select((names, flags, missing, id) => new ServerEvent.History(
                names.Item1, names.Item2, [], names.Item3, flags.Item1, flags.Item2, flags.Item3, missing, names.Item4)
            { Id = id });

        var inner = new List<Gen<object>>
        {
            Gen.Select(number, number, flag).Select((link, next, gap) => (object)new LinkMessages.Receipt(link, next, gap)),
            Gen.Const((object)new LinkMessages.Anew()),
            Gen.Select(room, speaker, number, maybeText).Select((of, who, ticket, from) => (object)new RoomCommands.Enter(of, who, ticket, from)),
            Gen.Select(room, speaker, number).Select((of, who, ticket) => (object)new RoomCommands.Leave(of, who, ticket)),
            Gen.Select(room, speaker, Gen.Select(maybeText, text, number), Gen.Select(flag, maybeText)).Select((of, who, what, guest) =>
                (object)new RoomCommands.Post(of, who, what.Item1, what.Item2, what.Item3, guest.Item1, guest.Item2)),
            Gen.Select(room, speaker, number).Select((of, who, ticket) => (object)new RoomCommands.Type(of, who, ticket)),
            Gen.Select(room, number, number).Select((of, from, ticket) => (object)new RoomCommands.ReadPage(of, from, ticket)),
            Gen.Select(room, speakers).Select((of, all) => (object)new RoomCommands.Attach(of, all)),
            Gen.Select(room, speakers, number).Select((of, all, ticket) => (object)new RoomCommands.Expect(of, all, ticket)),
            Gen.Select(room, maybeText, maybeSession, number).Select((of, id, by, ticket) => (object)new RoomQueries.Who(of, id, by, ticket)),
            Gen.Select(Gen.Select(room, maybeText), Gen.Select(maybeNumber, maybeNumber), Gen.Select(count, maybeSession), Gen.Select(number, flag))
                .Select((of, where, how, rest) => (object)new RoomQueries.History(
                    of.Item1, of.Item2, where.Item1, where.Item2, how.Item1, how.Item2, rest.Item1, rest.Item2)),
            room.Select(of => (object)new RoomQueries.Where(of)),
            room.Select(of => (object)new RoomReplies.Opening(of)),
            Gen.Select(room, flag, speakers, flag).Select((of, failed, expected, moved) => (object)new RoomReplies.Ending(of, failed, expected, moved)),
            room.Select(of => (object)new RoomReplies.Here(of)),
            Gen.Select(room, number, text, number, number, count)
                .Select((of, ticket, epoch, first, last, online) => (object)new RoomReplies.Entered(of, ticket, epoch, first, last, online)),
            Gen.Select(room, number, text, count, time)
                .Select((of, ticket, who, online, at) => (object)new RoomReplies.LeftRoom(of, ticket, who, online, at)),
            Gen.Select(room, number, error).Select((of, ticket, why) => (object)new RoomReplies.Refused(of, ticket, why)),
            Gen.Select(room, number).Select((of, ticket) => (object)new RoomReplies.Done(of, ticket)),
            Gen.Select(room, number, text, number, page, number)
                .Select((of, ticket, epoch, from, what, last) => (object)new RoomReplies.PageRead(of, ticket, epoch, from, what, last)),
            Gen.Select(room, entries, acks).Select((of, all, answers) => (object)new RoomReplies.Delivered(of, all, answers)),
            Gen.Select(room, line, maybeSession, count, count, count)
                .Select((of, json, except, joined, left, online) => (object)new RoomReplies.Notice(of, json, except, joined, left, online)),
            Gen.Select(room, text, number, number, count)
                .Select((of, epoch, first, last, online) => (object)new RoomReplies.Attached(of, epoch, first, last, online)),
            Gen.Select(room, number, maybeText, text.Array[0, 9], count)
                .Select((of, ticket, id, members, online) => (object)new RoomReplies.WhoIs(of, ticket, id, members, online)),
            Gen.Select(room, number, maybeText, history, entries)
                .Select((of, ticket, id, what, lines) => (object)new RoomReplies.HistoryRead(of, ticket, id, what, lines)),
            Gen.Select(room, number, maybeText, error)
                .Select((of, ticket, id, why) => (object)new RoomReplies.QueryRefused(of, ticket, id, why)),
            Gen.Select(number, user, maybeSession, flag).Select((ticket, name, of, grace) => (object)new NameMessages.Claim(ticket, name, of, grace)),
            Gen.Select(number, speaker, flag, rooms).Select((ticket, who, resumed, all) => (object)new NameMessages.Granted(ticket, who, resumed, all)),
            Gen.Select(number, text, text, maybeNumber).Select((ticket, code, sentence, after) =>
                (object)new NameMessages.Denied(ticket, code, sentence, after is { } ticks ? TimeSpan.FromTicks(ticks) : null)),
            Gen.Select(user, session).Select((name, of) => (object)new NameMessages.Yield(name, of)),
            Gen.Select(user, session, count, rooms).Select((name, of, generation, all) => (object)new NameMessages.Yielded(name, of, generation, all)),
            speaker.Select(who => (object)new NameMessages.Freed(who)),
            Gen.Select(speaker, flag).Select((who, waits) => (object)new NameMessages.Waits(who, waits)),
            number.Select(term => (object)new NameMessages.Arbiter(term)),
            number.Select(term => (object)new NameMessages.Behind(term)),
            Gen.Select(number, Gen.Select(speaker, flag, flag).Select((who, grace, waits) => new NameMessages.Held(who, grace, waits)).Array[0, 5], flag)
                .Select((term, all, more) => (object)new NameMessages.Sessions(term, all, more)),
            Gen.Const((object)new NameMessages.GoingAway()),
            Gen.Select(Gen.Select(room, count, flag).Select((of, online, log) => new ChildReports.Population(of, online, log)).Array[0, 5], rooms, flag)
                .Select((here, gone, whole) => (object)new DirectoryMessages.Rooms(here, gone, whole)),
        };
        var anybody = OneOf<IActorRef>(actor(To), actor(From), ActorRefs.Nobody);
        var parcel = Gen.Select(number, number, anybody, anybody, Gen.OneOf([.. inner]))
            .Select((link, n, to, from, message) => (object)new LinkMessages.Parcel(link, n, to, from, message));
        return [parcel, .. inner];
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>All that a message says, as lists and bytes are equal only to themselves.</summary>
    public static string Show(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool or byte or int or long => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        DateTime time => $"{time.Ticks} {time.Kind}",
        TimeSpan time => $"{time.Ticks}",
        UserName name => $"{name.Value}/{name.Folded}",
        RoomName name => name.Value,
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        IActorRef actor => actor.Path.ToSerializationFormat(),
        IEnumerable all => $"[{string.Join(", ", all.Cast<object>().Select(Show))}]",
        _ => $"{value.GetType().Name} {{ {string.Join(", ", value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => $"{property.Name} = {Show(property.GetValue(value))}"))} }}",
    };
}
