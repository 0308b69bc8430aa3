using System.Text.Json;
using Newtonsoft.Json.Linq;

namespace Chat.Protocol.Codec;

/// <summary>Events to and from their bytes.</summary>
public static class EventCodec
{
    // A page of a hundred messages has eight hundred, and later versions may add to them.
    private const int MaxFields = 10_000;

    private static ReadOnlySpan<byte> MessagesField => "\"messages\":["u8;

    /// <summary>The frame's bytes for an event.</summary>
    public static byte[] Encode(ServerEvent e) => e switch
    {
        ServerEvent.Welcome w => System("welcome", w, w.Sentence, w.Timestamp).Text("user", w.User).Text("session", w.Session)
            .Flag("resumed", w.Resumed).Texts("rooms", w.JoinedRooms)
            .Object("server", server => server.Text("name", w.Server.Name).Text("version", w.Server.Version))
            .Object("limits", limits => Write(limits, w.Limits)).ToUtf8(),
        ServerEvent.Joined j => System("joined", j, j.Sentence, j.Timestamp, j.Room).Text("user", j.User).Integer("online", j.Online).ToUtf8(),
        ServerEvent.Left l => System("left", l, l.Sentence, l.Timestamp, l.Room).Text("user", l.User).Integer("online", l.Online).ToUtf8(),
        ServerEvent.Presence p => System("presence", p, p.Sentence, p.Timestamp, p.Room)
            .Integer("joined", p.JoinedCount).Integer("left", p.LeftCount).Integer("online", p.Online).ToUtf8(),
        ServerEvent.Notice n => System("notice", n, n.Sentence, n.Timestamp, n.Room).ToUtf8(),
        ServerEvent.Shutdown s => System("shutdown", s, s.Sentence, s.Timestamp).Milliseconds("reconnectIn", s.ReconnectIn).ToUtf8(),
        ServerEvent.Message m => LogLine.Encode(RoomName.Trusted(m.Room), m.Seq, m.Id ?? "", m.User, m.Text, m.Timestamp),
        ServerEvent.Ack a => Start("ack", a).Text("room", a.Room).Integer("seq", a.Seq).Time("timestamp", a.Timestamp)
            .FlagIf("duplicate", a.Duplicate).ToUtf8(),
        ServerEvent.History h => EncodeHistory(h, [.. h.Messages.Select(message => (ReadOnlyMemory<byte>)Encode(message))]),
        ServerEvent.Who w => Start("who", w).Text("room", w.Room).Texts("members", w.Members).Integer("online", w.Online).ToUtf8(),
        ServerEvent.Rooms r => Start("rooms", r).Texts("rooms", r.Names).Counts("online", r.Online).ToUtf8(),
        ServerEvent.Typing t => Start("typing", t).Text("room", t.Room).Text("user", t.User).ToUtf8(),
        ServerEvent.Pong p => Start("pong", p).ToUtf8(),
        ServerEvent.Error x => Start("error", x).Text("code", x.Code).Text("room", x.Room).Text("message", x.Sentence)
            .Milliseconds("retryAfter", x.RetryAfter).ToUtf8(),
        _ => throw new ArgumentException($"No encoding for {e.GetType()}.", nameof(e)),
    };

    /// <summary>
    /// A page whose messages are lines of the log, put in as they are; <c>Messages</c> of <paramref name="page"/> is not read. The first
    /// <paramref name="headroom"/> bytes of what is returned are left for a frame's header.
    /// </summary>
    public static byte[] EncodeHistory(ServerEvent.History page, IReadOnlyList<ReadOnlyMemory<byte>> lines, int headroom = 0)
    {
        var empty = Start("history", page).Text("room", page.Room).Text("epoch", page.Epoch).Texts("messages", []).Integer("last", page.Last)
            .Flag("more", page.More).Flag("live", page.Live).FlagIf("gap", page.Gap).Ranges("missing", page.Missing).ToUtf8();
        // As bytes: made text first, pages would cost several times their size in garbage.
        var start = empty.AsSpan().IndexOf(MessagesField) + MessagesField.Length;
        var commas = Math.Max(lines.Count - 1, 0);
        var bytes = GC.AllocateUninitializedArray<byte>(headroom + empty.Length + lines.Sum(line => line.Length) + commas);
        empty.AsSpan(0, start).CopyTo(bytes.AsSpan(headroom));
        var at = headroom + start;
        foreach (var line in lines)
        {
            if (at > headroom + start)
                bytes[at++] = (byte)',';
            line.Span.CopyTo(bytes.AsSpan(at));
            at += line.Length;
        }
        empty.AsSpan(start).CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    private static JsonLine Start(string type, ServerEvent e) => JsonLine.Start(type).Text("id", e.Id);

    private static JsonLine System(string name, ServerEvent e, string message, DateTime? timestamp, string? room = null) =>
        Start("system", e).Text("event", name).Text("room", room).Text("message", message).Time("timestamp", timestamp);

    private static void Write(JsonLine line, Limits limits) => line
        .Integer("messageCharacters", limits.MessageCharacters)
        .Integer("frameBytes", limits.FrameBytes)
        .Integer("rooms", limits.Rooms)
        .Integer("unansweredRequests", limits.UnansweredRequests)
        .Number("publishRate", limits.PublishRate)
        .Integer("publishBurst", limits.PublishBurst)
        .Number("readRate", limits.ReadRate)
        .Milliseconds("grace", limits.Grace);

    /// <summary>
    /// Reads one frame from a server. Never throws: null where it is no event, or where a message's <c>crc</c> doesn't hold;
    /// an event of a type that is not known here is <see cref="ServerEvent.Unknown"/>.
    /// </summary>
    public static ServerEvent? Decode(ReadOnlyMemory<byte> utf8)
    {
        var json = StrictJson.Parse(utf8.Span, MaxFields);
        if (json is null)
            return null;
        var fields = new EventFields(json);
        var type = fields.Text("type");
        if (fields.Problem is not null)
            return null;
        var id = fields.OptionalText("id");
        var e = type switch
        {
            "system" => ReadSystem(fields),
            "message" => ReadMessage(fields, utf8),
            "ack" => new ServerEvent.Ack(fields.Text("room"), fields.Seq("seq"), fields.Timestamp("timestamp"), fields.Flag("duplicate")),
            "history" => ReadHistory(fields, utf8),
            "who" => new ServerEvent.Who(fields.Text("room"), fields.Texts("members"), fields.OptionalInteger("online", 0, int.MaxValue) ?? 0),
            "rooms" => new ServerEvent.Rooms(fields.Texts("rooms"), ReadCounts(fields.OptionalObject("online"))),
            "typing" => new ServerEvent.Typing(fields.Text("room"), fields.Text("user")),
            "pong" => new ServerEvent.Pong(),
            "error" => new ServerEvent.Error(
                fields.Text("code"), fields.OptionalText("message") ?? "", fields.OptionalText("room"), fields.OptionalMilliseconds("retryAfter")),
            _ => new ServerEvent.Unknown(type),
        };
        // What a later version puts into its own events is its own affair.
        var isEvent = e is ServerEvent.Unknown || (e is not null && fields.Problem is null);
        return isEvent ? e! with { Id = id } : null;
    }

    private static ServerEvent? ReadSystem(EventFields fields)
    {
        var name = fields.OptionalText("event") ?? "notice";
        var message = fields.OptionalText("message") ?? "";
        var timestamp = fields.OptionalTimestamp("timestamp");
        var room = fields.OptionalText("room");
        var online = fields.OptionalInteger("online", 0, int.MaxValue);
        return name switch
        {
            "welcome" => new ServerEvent.Welcome(
                fields.Text("user"), fields.Text("session"), fields.Flag("resumed"), fields.Texts("rooms"),
                ReadServer(fields.OptionalObject("server")), ReadLimits(fields.OptionalObject("limits")), message, timestamp),
            "joined" => new ServerEvent.Joined(fields.Text("room"), fields.Text("user"), online, message, timestamp),
            "left" => new ServerEvent.Left(fields.Text("room"), fields.Text("user"), online, message, timestamp),
            "presence" => new ServerEvent.Presence(
                fields.Text("room"), fields.OptionalInteger("joined", 0, int.MaxValue) ?? 0,
                fields.OptionalInteger("left", 0, int.MaxValue) ?? 0, online ?? 0, message, timestamp),
            "notice" => new ServerEvent.Notice(room, message, timestamp),
            "shutdown" => new ServerEvent.Shutdown(fields.OptionalMilliseconds("reconnectIn") ?? TimeSpan.Zero, message, timestamp),
            _ => new ServerEvent.Unknown("system " + name),
        };
    }

    private static ServerInfo ReadServer(JObject? json)
    {
        if (json is null)
            return new ServerInfo("", "");
        var fields = new EventFields(json);
        return new ServerInfo(fields.OptionalText("name") ?? "", fields.OptionalText("version") ?? "");
    }

    private static Limits ReadLimits(JObject? json)
    {
        var known = new Limits();
        if (json is null)
            return known;
        var fields = new EventFields(json);
        var limits = new Limits
        {
            MessageCharacters = fields.OptionalInteger("messageCharacters", 1, int.MaxValue) ?? known.MessageCharacters,
            FrameBytes = fields.OptionalInteger("frameBytes", 1, int.MaxValue) ?? known.FrameBytes,
            Rooms = fields.OptionalInteger("rooms", 1, int.MaxValue) ?? known.Rooms,
            UnansweredRequests = fields.OptionalInteger("unansweredRequests", 1, int.MaxValue) ?? known.UnansweredRequests,
            PublishRate = fields.OptionalNumber("publishRate", known.PublishRate),
            PublishBurst = fields.OptionalInteger("publishBurst", 1, int.MaxValue) ?? known.PublishBurst,
            ReadRate = fields.OptionalNumber("readRate", known.ReadRate),
            Grace = fields.OptionalMilliseconds("grace") ?? known.Grace,
        };
        return fields.Problem is null ? limits : known;
    }

    private static Dictionary<string, int> ReadCounts(JObject? json)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var property in json?.Properties() ?? [])
        {
            if (property.Value is JValue { Value: long count and >= 0 and <= int.MaxValue })
                counts[property.Name] = (int)count;
        }
        return counts;
    }

    private static ServerEvent.Message? ReadMessage(EventFields fields, ReadOnlyMemory<byte> wire) =>
        !LogLine.IsWhole(wire.Span)
            ? null
            : new ServerEvent.Message(
                fields.Text("room"), fields.Seq("seq"), fields.Text("user"), fields.Text("message"),
                fields.Timestamp("timestamp"), LogLine.Crc(wire.Span))
            { Wire = wire };

    private static ServerEvent.History? ReadHistory(EventFields fields, ReadOnlyMemory<byte> wire)
    {
        var messages = new List<ServerEvent.Message>();
        var through = 0L;
        var slices = Elements(wire.Span, "messages"u8);
        if (slices.Count != (fields.OptionalArray("messages")?.Count ?? 0))
            return null;
        foreach (var slice in slices)
        {
            var line = wire[slice];
            if (!LogLine.IsWhole(line.Span) || LogLine.Seq(line.Span) is not { } seq)
                return null;
            through = Math.Max(through, seq);
            switch (Decode(line))
            {
                case ServerEvent.Message message:
                    messages.Add(message);
                    break;
                case null:
                    return null;
            }
        }
        var missing = new List<SeqRange>();
        foreach (var range in fields.OptionalArray("missing") ?? [])
        {
            if (range is not JArray { Count: 2 } pair || pair[0] is not JValue { Value: long from } || pair[1] is not JValue { Value: long to })
                return null;
            missing.Add(new SeqRange(from, to));
            through = Math.Max(through, to);
        }
        return new ServerEvent.History(
            fields.Text("room"), fields.Text("epoch"), messages, fields.Integer("last"), fields.Flag("more"), fields.Flag("live"),
            fields.Flag("gap"), missing, through);
    }

    // Where the elements of an array of the outermost object lie in the bytes, so that each one's crc can be checked.
    // The bytes are known to be well-formed.
    private static List<Range> Elements(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var elements = new List<Range>();
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                continue;
            // ValueTextEquals throws on an escaped half of a surrogate pair, so a name with escapes is not compared at all.
            var isIt = !reader.ValueIsEscaped && reader.ValueTextEquals(name);
            reader.Read();
            if (!isIt || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }
            elements.Clear();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                elements.Add(start..(int)reader.BytesConsumed);
            }
        }
        return elements;
    }
}
