using System.Collections;
using System.Globalization;
using System.Text;
using Chat.Protocol;
using Chat.Protocol.Codec;
using CsCheck;
using Xunit;

namespace Chat.Tests.Protocol;

public sealed class EventCodecTests
{
    private static readonly DateTime Time = new(2024, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    private static readonly byte[] Line = LogLine.Encode(RoomName.Trusted("general"), 7, "m1", "Ana", "hi", Time);

    public static TheoryData<ServerEvent, string> Golden => new()
    {
        {
            new ServerEvent.Welcome("Ana", "5e55", false, ["general"], new ServerInfo("chat", "0.1.0"), new Limits(), "Welcome Ana!", Time) { Id = "1" },
            """{"type":"system","id":"1","event":"welcome","message":"Welcome Ana!","timestamp":"2024-01-02T03:04:05.678Z","user":"Ana","session":"5e55","resumed":false,"rooms":["general"],"server":{"name":"chat","version":"0.1.0"},"limits":{"messageCharacters":4000,"frameBytes":65536,"rooms":50,"unansweredRequests":64,"publishRate":10,"publishBurst":20,"readRate":20,"grace":15000}}"""
        },
        {
            new ServerEvent.Joined("general", "Ana", 3, "Ana joined the room", Time),
            """{"type":"system","event":"joined","room":"general","message":"Ana joined the room","timestamp":"2024-01-02T03:04:05.678Z","user":"Ana","online":3}"""
        },
        {
            new ServerEvent.Left("general", "Ana", null, "Ana left the room", null) { Id = "2" },
            """{"type":"system","id":"2","event":"left","room":"general","message":"Ana left the room","user":"Ana"}"""
        },
        {
            new ServerEvent.Presence("general", 2, 1, 101, "2 joined, 1 left", Time),
            """{"type":"system","event":"presence","room":"general","message":"2 joined, 1 left","timestamp":"2024-01-02T03:04:05.678Z","joined":2,"left":1,"online":101}"""
        },
        {
            new ServerEvent.Notice(null, "Line\nbreak\u2028and \"quotes\" \\ \u0001 é 😀", null),
            """{"type":"system","event":"notice","message":"Line\nbreak\u2028and \"quotes\" \\ \u0001 é 😀"}"""
        },
        {
            new ServerEvent.Shutdown(TimeSpan.FromMilliseconds(1500.2), "Back soon.", null),
            """{"type":"system","event":"shutdown","message":"Back soon.","reconnectIn":1501}"""
        },
        {
            new ServerEvent.Message("general", 7, "Ana", "hi", Time, "") { Id = "m1" },
            """{"type":"message","room":"general","seq":7,"id":"m1","user":"Ana","message":"hi","timestamp":"2024-01-02T03:04:05.678Z","crc":"9bcda219"}"""
        },
        {
            new ServerEvent.Ack("general", 7, Time, false) { Id = "m1" },
            """{"type":"ack","id":"m1","room":"general","seq":7,"timestamp":"2024-01-02T03:04:05.678Z"}"""
        },
        {
            new ServerEvent.Ack("general", 7, Time, true) { Id = "m1" },
            """{"type":"ack","id":"m1","room":"general","seq":7,"timestamp":"2024-01-02T03:04:05.678Z","duplicate":true}"""
        },
        {
            new ServerEvent.History("general", "e1", [new("general", 7, "Ana", "hi", Time, "") { Id = "m1" }], 9, true, false, true, [new(8, 9)], 9),
            """{"type":"history","room":"general","epoch":"e1","messages":[{"type":"message","room":"general","seq":7,"id":"m1","user":"Ana","message":"hi","timestamp":"2024-01-02T03:04:05.678Z","crc":"9bcda219"}],"last":9,"more":true,"live":false,"gap":true,"missing":[[8,9]]}"""
        },
        {
            new ServerEvent.History("general", "e1", [], 0, false, true, false, [], 0) { Id = "3" },
            """{"type":"history","id":"3","room":"general","epoch":"e1","messages":[],"last":0,"more":false,"live":true}"""
        },
        {
            new ServerEvent.Who("general", ["Ana", "Bo"], 2),
            """{"type":"who","room":"general","members":["Ana","Bo"],"online":2}"""
        },
        {
            new ServerEvent.Rooms(["general", "a"], new Dictionary<string, int> { ["general"] = 2, ["a"] = 0 }),
            """{"type":"rooms","rooms":["general","a"],"online":{"general":2,"a":0}}"""
        },
        { new ServerEvent.Typing("general", "Ana"), """{"type":"typing","room":"general","user":"Ana"}""" },
        { new ServerEvent.Pong { Id = "p" }, """{"type":"pong","id":"p"}""" },
        {
            new ServerEvent.Error(ErrorCodes.RateLimited, "Wait.", "general", TimeSpan.FromMilliseconds(100)) { Id = "4" },
            """{"type":"error","id":"4","code":"rate_limited","room":"general","message":"Wait.","retryAfter":100}"""
        },
        { new ServerEvent.Error(ErrorCodes.BadJson, "No."), """{"type":"error","code":"bad_json","message":"No."}""" },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Should_write_these_very_bytes(ServerEvent e, string frame)
    {
        Assert.Equal(frame, Encoding.UTF8.GetString(EventCodec.Encode(e)));
        Assert.NotNull(EventCodec.Decode(EventCodec.Encode(e)));
    }

    [Fact]
    public void Should_read_back_every_event_it_writes() =>
        AnyEvent.Sample(
            e =>
            {
                var bytes = EventCodec.Encode(e);
                Assert.DoesNotContain((byte)'\n', bytes);
                var read = EventCodec.Decode(bytes);
                Assert.Equal(Said(e), Said(read));
                Assert.Equal(bytes, EventCodec.Encode(read!));
            },
            iter: 10_000, threads: 1);

    [Theory]
    [InlineData("""{"type":"emoji","id":7,"room":{"x":1}}""", "emoji")]
    [InlineData("""{"type":""}""", "")]
    [InlineData("""{"type":"system","event":"parade","timestamp":7}""", "system parade")]
    public void Should_give_an_unknown_event_when_its_type_is_of_a_later_version(string frame, string type) =>
        Assert.Equal(new ServerEvent.Unknown(type), Read(frame));

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"type":"pong","id":7}""")]
    [InlineData("""{"type":"typing","room":"general"}""")]
    [InlineData("""{"type":"typing","room":"general","user":["Ana"]}""")]
    [InlineData("""{"type":"error","message":"No code."}""")]
    [InlineData("""{"type":"error","code":"busy","retryAfter":-1}""")]
    [InlineData("""{"type":"error","code":"busy","retryAfter":1e3}""")]
    [InlineData("""{"type":"ack","room":"general","seq":0,"timestamp":"2024-01-02T03:04:05.678Z"}""")]
    [InlineData("""{"type":"ack","room":"general","seq":1.0,"timestamp":"2024-01-02T03:04:05.678Z"}""")]
    [InlineData("""{"type":"ack","room":"general","seq":1,"timestamp":"2024-01-02T03:04:05Z"}""")]
    [InlineData("""{"type":"ack","room":"general","seq":1,"timestamp":1704164645678}""")]
    [InlineData("""{"type":"ack","room":"general","seq":1,"timestamp":"2024-01-02T03:04:05.678Z","duplicate":"yes"}""")]
    [InlineData("""{"type":"who","room":"general","members":["a",1],"online":2}""")]
    [InlineData("""{"type":"who","room":"general","members":{"a":1},"online":2}""")]
    [InlineData("""{"type":"who","room":"general","members":[],"online":2147483648}""")]
    [InlineData("""{"type":"who","room":"general","members":[],"online":-1}""")]
    [InlineData("""{"type":"rooms","rooms":"general"}""")]
    [InlineData("""{"type":"rooms","rooms":[],"online":[]}""")]
    [InlineData("""{"type":"rooms","rooms":[null]}""")]
    [InlineData("""{"type":"system","event":7}""")]
    [InlineData("""{"type":"system","event":"welcome","user":"Ana"}""")]
    [InlineData("""{"type":"system","event":"joined","room":"general"}""")]
    [InlineData("""{"type":"system","event":"shutdown","reconnectIn":99999999999999999999}""")]
    [InlineData("""{"type":"message","room":"general","seq":7,"id":"m1","user":"Ana","message":"hi","timestamp":"2024-01-02T03:04:05.678Z"}""")]
    [InlineData("""{"type":"message","room":"general","seq":7,"id":"m1","user":"Ana","message":"ho","timestamp":"2024-01-02T03:04:05.678Z","crc":"9bcda219"}""")]
    [InlineData("""{"type":"message","room":"general","seq":7,"id":"m1","user":"Ana","message":"hi","timestamp":"2024-01-02T03:04:05.678Z","crc":"9BCDA219"}""")]
    [InlineData("""{"type":"message","room":"general","seq":7,"id":"m1","user":"Ana","message":"hi","timestamp":"2024-01-02T03:04:05.678Z","crc":"9bcda219"} """)]
    [InlineData("""{"type":"history","room":"general","epoch":"e","messages":[{}],"last":1}""")]
    [InlineData("""{"type":"history","room":"general","epoch":"e","messages":[7,"x",null,[]],"last":1}""")]
    [InlineData("""{"type":"history","room":"general","epoch":"e","messages":{},"last":1}""")]
    [InlineData("""{"type":"history","room":"general","epoch":"e","messages":[],"messages":7,"last":1}""")]
    [InlineData("""{"type":"history","room":"general","epoch":"e","m\u0065ssages":[{}],"last":1}""")]
    [InlineData("""{"type":"history","room":"general","epoch":"e","messages":[],"last":1,"missing":[[1]]}""")]
    [InlineData("""{"type":"history","room":"general","epoch":"e","messages":[],"last":1,"missing":[[1,"2"]]}""")]
    [InlineData("""{"type":"history","room":"general","epoch":"e","messages":[],"last":1,"missing":7}""")]
    [InlineData("""{"type":"history","room":"general","messages":[],"last":1}""")]
    public void Should_give_null_when_the_frame_is_no_event(string frame) => Assert.Null(Read(frame));

    [Fact]
    public void Should_fill_in_what_the_original_server_leaves_out()
    {
        Assert.Equal(new ServerEvent.Notice(null, "Welcome ana!", null), Read("""{"type":"system","message":"Welcome ana!"}"""));
        Assert.Equal(new ServerEvent.Error("busy", ""), Read("""{"type":"error","code":"busy"}"""));
        Assert.Equal(Said(new ServerEvent.Who("general", [], 0)), Said(Read("""{"type":"who","room":"general"}""")));
    }

    [Fact]
    public void Should_take_the_defaults_when_a_welcomes_limits_make_no_sense()
    {
        var welcome = (ServerEvent.Welcome)Read("""{"type":"system","event":"welcome","user":"a","session":"s","limits":{"rooms":0,"publishRate":"x"}}""")!;
        Assert.Equal(new Limits(), welcome.Limits);
    }

    [Fact]
    public void Should_count_but_leave_out_a_line_of_a_later_type_when_it_stands_in_a_history()
    {
        var edit = WithCrc("""{"type":"edit","seq":8,"id":{"of":"m1"},"text":7""");
        var page = (ServerEvent.History)EventCodec.Decode(EventCodec.EncodeHistory(
            new ServerEvent.History("general", "e", [], 8, false, false, false, [], 0), [Line, edit]))!;
        Assert.Equal([7L], page.Messages.Select(message => message.Seq));
        Assert.Equal(8, page.Through);
    }

    [Fact]
    public void Should_find_the_messages_when_a_fields_name_holds_half_a_surrogate_pair()
    {
        var page = (ServerEvent.History)Read(
            """{"\ud800":1,"m\ud800sages":[],"type":"history","room":"general","epoch":"e","messages":[ """ + Encoding.UTF8.GetString(Line) + """ ],"last":7}""")!;
        Assert.Equal([7L], page.Messages.Select(message => message.Seq));
        Assert.Equal(Line, page.Messages[0].Wire.ToArray());
    }

    [Fact]
    public void Should_give_null_when_any_bit_of_a_history_is_flipped_in_a_message()
    {
        var bytes = EventCodec.EncodeHistory(new ServerEvent.History("general", "e", [], 7, false, false, false, [], 0), [Line]);
        var start = bytes.AsSpan().IndexOf(Line);
        for (var bit = start * 8; bit < (start + Line.Length) * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(EventCodec.Decode(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.NotNull(EventCodec.Decode(bytes));
    }

    [Fact]
    public void Should_put_a_histories_lines_in_as_they_are()
    {
        var lines = Enumerable.Range(1, 100)
            .Select(seq => (ReadOnlyMemory<byte>)LogLine.Encode(RoomName.Trusted("general"), seq, $"m{seq}", "Ana", new string('x', seq) + "😀\uFEFF\u2028", Time))
            .ToList();
        var page = (ServerEvent.History)EventCodec.Decode(
            EventCodec.EncodeHistory(new ServerEvent.History("general", "e", [], 100, false, true, false, [], 0), lines))!;
        Assert.Equal(lines.Select(line => line.ToArray()), page.Messages.Select(message => message.Wire.ToArray()));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "{1}")]
    [InlineData(3, "{1},{2},{3}")]
    public void Should_write_a_histories_lines_between_what_tells_of_the_page(int count, string messages)
    {
        // A room may be called as the field is.
        var page = new ServerEvent.History("messages", "e", [], 3, true, true, true, [new SeqRange(1, 2)], 0) { Id = "h1" };
        var lines = Enumerable.Range(1, count).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"{{{i}}}")).ToList();
        Assert.Equal(
            """{"type":"history","id":"h1","room":"messages","epoch":"e","messages":[""" + messages + """],"last":3,"more":true,"live":true,"gap":true,"missing":[[1,2]]}""",
            Encoding.UTF8.GetString(EventCodec.EncodeHistory(page, lines)));
        Assert.Equal([.. new byte[5], .. EventCodec.EncodeHistory(page, lines)], EventCodec.EncodeHistory(page, lines, headroom: 5));
    }

    [Fact]
    public void Should_allocate_little_more_than_its_bytes_for_a_history()
    {
        var page = new ServerEvent.History("general", "e", [], 16, false, false, false, [], 0);
        var lines = Enumerable.Range(1, 16)
            .Select(seq => (ReadOnlyMemory<byte>)LogLine.Encode(RoomName.Trusted("general"), seq, $"m{seq}", "Ana", new string('x', 4_000), Time)).ToList();
        EventCodec.EncodeHistory(page, lines);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var bytes = EventCodec.EncodeHistory(page, lines);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, bytes.Length, bytes.Length + 4_096);
    }

    [Fact]
    public void Should_throw_when_asked_to_write_an_unknown_event() =>
        Assert.Throws<ArgumentException>(() => EventCodec.Encode(new ServerEvent.Unknown("x")));

    private static ServerEvent? Read(string frame) => EventCodec.Decode(Encoding.UTF8.GetBytes(frame));

    private static byte[] WithCrc(string before) => Encoding.UTF8.GetBytes($"{before},\"crc\":\"{Crc32C.Of(Encoding.UTF8.GetBytes(before)):x8}\"}}");

    private static Gen<ServerEvent> AnyEvent
    {
        get
        {
            var text = AnyText.WellFormed;
            var time = Gen.Long[0, new DateTime(9999, 12, 31).Ticks / TimeSpan.TicksPerMillisecond]
                .Select(ms => new DateTime(ms * TimeSpan.TicksPerMillisecond, DateTimeKind.Utc));
            var count = Gen.Int[0, int.MaxValue];
            var seq = Gen.Long[1, (1L << 53) - 1];
            var span = count.Select(ms => TimeSpan.FromMilliseconds(ms));
            var names = text.Array[0, 5];
            var rate = Gen.OneOf(Gen.Double[0, 1e6], Gen.Int[0, 1000].Select(n => (double)n));
            var limits = Gen.Select(Gen.Int[1, int.MaxValue].Array[5], rate, rate, span).Select(t => new Limits
            {
                MessageCharacters = t.Item1[0],
                FrameBytes = t.Item1[1],
                Rooms = t.Item1[2],
                UnansweredRequests = t.Item1[3],
                PublishBurst = t.Item1[4],
                PublishRate = t.Item2,
                ReadRate = t.Item3,
                Grace = t.Item4,
            });
            var message = Gen.Select(text, seq, text, text, text, time).Select(t =>
            {
                var line = LogLine.Encode(RoomName.Trusted(t.Item1), t.Item2, t.Item3, t.Item4, t.Item5, t.Item6);
                return new ServerEvent.Message(t.Item1, t.Item2, t.Item4, t.Item5, t.Item6, Encoding.ASCII.GetString(line[^10..^2]))
                {
                    Id = t.Item3,
                };
            });
            var missing = Gen.Select(seq, seq).Select(t => new SeqRange(Math.Min(t.Item1, t.Item2), Math.Max(t.Item1, t.Item2))).Array[0, 3];
            var welcome = Gen.Select(text, text, Gen.Bool, names, text, text, limits)
                .Select(Gen.Select(text, time.Nullable()), (w, s) => (ServerEvent)new ServerEvent.Welcome(
                    w.Item1, w.Item2, w.Item3, w.Item4, new ServerInfo(w.Item5, w.Item6), w.Item7, s.Item1, s.Item2));
            var history = Gen.Select(text, text, message.Array[0, 4], seq, Gen.Bool.Array[3], missing).Select(t => (ServerEvent)new ServerEvent.History(
                t.Item1, t.Item2, t.Item3, t.Item4, t.Item5[0], t.Item5[1], t.Item5[2], t.Item6,
                t.Item3.Select(m => m.Seq).Concat(t.Item6.Select(range => range.To)).DefaultIfEmpty().Max()));
            var counts = Gen.Select(text, count).Array[0, 5]
                .Select(pairs => (IReadOnlyDictionary<string, int>)pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2));
            var without = Gen.OneOf(
                welcome,
                Gen.Select(text, text, count.Nullable(), text, time.Nullable())
                    .Select(t => (ServerEvent)new ServerEvent.Joined(t.Item1, t.Item2, t.Item3, t.Item4, t.Item5)),
                Gen.Select(text, text, count.Nullable(), text, time.Nullable())
                    .Select(t => (ServerEvent)new ServerEvent.Left(t.Item1, t.Item2, t.Item3, t.Item4, t.Item5)),
                Gen.Select(text, count, count, count, text, time.Nullable())
                    .Select(t => (ServerEvent)new ServerEvent.Presence(t.Item1, t.Item2, t.Item3, t.Item4, t.Item5, t.Item6)),
                Gen.Select(text.Null(), text, time.Nullable()).Select(t => (ServerEvent)new ServerEvent.Notice(t.Item1, t.Item2, t.Item3)),
                Gen.Select(span, text, time.Nullable()).Select(t => (ServerEvent)new ServerEvent.Shutdown(t.Item1, t.Item2, t.Item3)),
                Gen.Select(text, seq, time, Gen.Bool).Select(t => (ServerEvent)new ServerEvent.Ack(t.Item1, t.Item2, t.Item3, t.Item4)),
                history,
                Gen.Select(text, names, count).Select(t => (ServerEvent)new ServerEvent.Who(t.Item1, t.Item2, t.Item3)),
                Gen.Select(names, counts).Select(t => (ServerEvent)new ServerEvent.Rooms(t.Item1, t.Item2)),
                Gen.Select(text, text).Select(t => (ServerEvent)new ServerEvent.Typing(t.Item1, t.Item2)),
                Gen.Const((ServerEvent)new ServerEvent.Pong()),
                Gen.Select(text, text, text.Null(), span.Nullable())
                    .Select(t => (ServerEvent)new ServerEvent.Error(t.Item1, t.Item2, t.Item3, t.Item4)));
            return Gen.OneOf(
                message.Select(m => (ServerEvent)m),
                Gen.Select(without, text.Null()).Select(t => t.Item1 with { Id = t.Item2 }));
        }
    }

    // All that an event says, its lists' elements too, which a record's own equality compares by reference.
    private static string Said(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        IEnumerable values => $"[{string.Join(", ", values.Cast<object?>().Select(Said))}]",
        _ when value.GetType().Namespace == "Chat.Protocol" =>
            value.GetType().Name + "{" + string.Join(", ", value.GetType().GetProperties()
                .Where(property => property.Name != nameof(ServerEvent.Message.Wire))
                .Select(property => $"{property.Name}: {Said(property.GetValue(value))}")) + "}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
