using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.Protocol;

public sealed class HostileFrameTests
{
    private const string Digits381 =
        "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890" +
        "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890" +
        "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901";

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("\0")]
    [InlineData("{")]
    [InlineData("}")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("5")]
    [InlineData("\"ping\"")]
    [InlineData("[]")]
    [InlineData("[{\"type\":\"ping\"}]")]
    [InlineData("ping")]
    [InlineData("{type:\"ping\"}")]
    [InlineData("{'type':'ping'}")]
    [InlineData("{\"type\":'ping'}")]
    [InlineData("{\"type\":\"ping\",}")]
    [InlineData("{,\"type\":\"ping\"}")]
    [InlineData("{\"type\":\"ping\"/**/}")]
    [InlineData("//\n{\"type\":\"ping\"}")]
    [InlineData("{\"type\":\"ping\"} //")]
    [InlineData("{\"type\":\"ping\"}{}")]
    [InlineData("{\"type\":\"ping\"}{\"type\":\"ping\"}")]
    [InlineData("{\"type\":\"ping\"},")]
    [InlineData("{\"type\":\"ping\"}]")]
    [InlineData("{\"type\":\"ping\"}\0")]
    [InlineData("{\"type\":\"ping\"}x")]
    [InlineData("\uFEFF{\"type\":\"ping\"}")]
    [InlineData("\u00A0{\"type\":\"ping\"}")]
    [InlineData("{\"type\":\"pi\nng\"}")]
    [InlineData("{\"type\":\"pi\tng\"}")]
    [InlineData("{\"type\":\"pi\0ng\"}")]
    [InlineData("{\"type\":\"pi\\xng\"}")]
    [InlineData("{\"type\":\"pi\\u12\"}")]
    [InlineData("{\"type\":\"pi\\u{41}\"}")]
    [InlineData("{\"type\":\"ping\\\"}")]
    [InlineData("{\"type\":\"ping}")]
    [InlineData("{\"type\"}")]
    [InlineData("{\"type\":}")]
    [InlineData("{\"type\" \"ping\"}")]
    [InlineData("{5:\"ping\"}")]
    [InlineData("{null:1}")]
    [InlineData("{\"type\":\"ping\",\"x\":NaN}")]
    [InlineData("{\"type\":\"ping\",\"x\":Infinity}")]
    [InlineData("{\"type\":\"ping\",\"x\":-Infinity}")]
    [InlineData("{\"type\":\"ping\",\"x\":undefined}")]
    [InlineData("{\"type\":\"ping\",\"x\":True}")]
    [InlineData("{\"type\":\"ping\",\"x\":01}")]
    [InlineData("{\"type\":\"ping\",\"x\":0x1}")]
    [InlineData("{\"type\":\"ping\",\"x\":+1}")]
    [InlineData("{\"type\":\"ping\",\"x\":.5}")]
    [InlineData("{\"type\":\"ping\",\"x\":5.}")]
    [InlineData("{\"type\":\"ping\",\"x\":1e}")]
    [InlineData("{\"type\":\"ping\",\"x\":--1}")]
    [InlineData("{\"type\":\"ping\",\"x\":1_000}")]
    [InlineData("{\"type\":\"ping\",\"x\":new Date(1)}")]
    [InlineData("{\"type\":\"ping\",\"x\":/a/}")]
    [InlineData("{\"type\":\"ping\",\"x\":[1,]}")]
    [InlineData("{\"type\":\"ping\",\"x\":[,]}")]
    [InlineData("{\"type\":\"ping\",\"x\":[}")]
    [InlineData("{\"type\":\"ping\",\"x\":[[[[[[[[]]]]]]]]}")]
    [InlineData("{\"type\":\"ping\",\"x\":{\"x\":{\"x\":{\"x\":{\"x\":{\"x\":{\"x\":{\"x\":1}}}}}}}}}")]
    [InlineData("{\"type\":\"ping\",\"x\":" + Digits381 + "}")]
    [InlineData("{\"type\":\"ping\",\"x\":-" + Digits381 + ".5}")]
    public void Should_answer_bad_json_when_the_frame_is_not_a_JSON_object_to_the_letter(string frame) => RefusesAsJson(Encoding.UTF8.GetBytes(frame));

    public static TheoryData<byte[]> NotUtf8 =>
    [
        [0xFF],
        [0xEF, 0xBB, 0xBF],
        [.. "{\"type\":\"pi"u8, 0xFF, .. "ng\"}"u8],
        [.. "{\"type\":\"ping\",\"x\":\""u8, 0xC0, 0x80, .. "\"}"u8],
        [.. "{\"type\":\"ping\",\"x\":\""u8, 0xC3, .. "\"}"u8],
        [.. "{\"type\":\"ping\",\"x\":\""u8, 0xED, 0xA0, 0x80, .. "\"}"u8],
        [.. "{\"type\":\"ping\",\"x\":\""u8, 0xF4, 0x90, 0x80, 0x80, .. "\"}"u8],
        [.. "{\"type\":\"ping\",\"x\":\"\\n"u8, 0x80, .. "\"}"u8],
        [.. "{\"type\":\"ping\",\""u8, 0xE2, 0x82, .. "\":1}"u8],
        [.. "{\"type\":\"ping\"}"u8, 0x80],
        [.. Encoding.Unicode.GetBytes("{\"type\":\"ping\"}")],
        [.. Encoding.BigEndianUnicode.GetBytes("{\"type\":\"ping\"}")],
    ];

    [Theory]
    [MemberData(nameof(NotUtf8))]
    public void Should_answer_bad_json_when_the_frame_is_not_UTF8(byte[] frame) => RefusesAsJson(frame);

    [Theory]
    [InlineData("{\"type\":\"ping\",\"x\":\"\\ud800\"}")]
    [InlineData("{\"type\":\"ping\",\"\\ud800\":1}")]
    [InlineData("{\"type\":\"ping\",\"x\":\"\\udc00\\ud800\\u0000\"}")]
    [InlineData("{\"type\":\"ping\",\"x\":1e99999999999999999999}")]
    [InlineData("{\"type\":\"ping\",\"x\":-1E-99999999999999999999}")]
    [InlineData("{\"type\":\"ping\",\"x\":1e2147483648}")]
    [InlineData("{\"type\":\"ping\",\"x\":-0.0e-0}")]
    [InlineData("{\"type\":\"ping\",\"x\":\"\u007F\uFFFF\uFEFF\"}")]
    public void Should_read_the_request_when_the_oddity_is_in_a_field_nobody_reads(string frame) =>
        Assert.Equal((new Request.Ping(), null), RequestCodec.Decode(Encoding.UTF8.GetBytes(frame)));

    [Fact]
    public void Should_give_no_whole_character_in_place_of_half_a_surrogate_pair()
    {
        var (request, _) = RequestCodec.Decode("""{"type":"publish","room":"general","message":"a\ud800b"}"""u8);
        Assert.Null(MessageText.Check(Assert.IsType<Request.Publish>(request).Text, 4_000, out _, out _));
    }

    [Theory]
    [InlineData("{\"type\":\"ping\",\"id\":\"1\",\"id\":\"2\"}", "2")]
    [InlineData("{\"type\":\"ping\",\"id\":\"1\",\"id\":null}", null)]
    [InlineData("{\"x\":{\"id\":\"inner\"},\"y\":[{\"id\":\"inner\"}],\"\\u0074ype\":\"ping\",\"id\":\"outer\"}", "outer")]
    public void Should_take_a_field_of_the_outermost_object_alone_and_the_last_of_its_name(string frame, string? id) =>
        Assert.Equal((new Request.Ping { Id = id }, null), RequestCodec.Decode(Encoding.UTF8.GetBytes(frame)));

    [Fact]
    public void Should_be_quick_when_a_frame_of_64_KiB_is_made_to_be_slow()
    {
        var half = string.Join(",", Enumerable.Range(0, 4_000).Select(i => $"\"{i:x}\":1"));
        string[] frames =
        [
            "{\"type\":\"ping\"," + half + "," + half[..half.LastIndexOf(',')] + "}",
            "{\"type\":\"ping\",\"x\":[" + string.Join(",", Enumerable.Repeat("1e-999", 9_000)) + "]}",
            "{\"type\":\"ping\",\"x\":[" + string.Join(",", Enumerable.Repeat("[]", 21_000)) + "]}",
            "{\"type\":\"ping\",\"x\":[" + string.Join(",", Enumerable.Repeat(new string('9', 300), 200)) + "]}",
            "{\"type\":\"ping\",\"x\":\"" + string.Concat(Enumerable.Repeat("\\u0000", 10_000)) + "\"}",
            "{\"x\":" + new string('[', 65_000),
            "{\"x\":" + new string('9', 65_000) + "}",
            new string(' ', 65_000),
            new string('{', 65_000),
        ];
        foreach (var frame in frames.Select(Encoding.UTF8.GetBytes))
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            RequestCodec.Decode(frame);
            Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
        }
    }

    // Two readers judge a frame, the framework's and Newtonsoft's. Whatever the first one lets through, the second has to read:
    // the outcome is held against the framework's document reader, which is neither.
    [Fact]
    public void Should_never_throw_and_agree_with_another_reader_when_frames_are_mutated()
    {
        var (first, count) = (MutationSeeds.First(preset: 1), MutationSeeds.Count(preset: 100_000));
        var good = 0;
        for (var seed = first; seed < first + count; seed++)
        {
            var frame = Mutate(new Random(seed));
            try
            {
                var (request, error) = RequestCodec.Decode(frame);
                var e = EventCodec.Decode(frame);
                LogLine.Seq(frame);
                LogLine.IsWhole(frame);
                var isObject = IsObject(frame);
                good += isObject ? 1 : 0;
                Assert.True(request is null != error is null);
                Assert.Equal(isObject, error?.Code != ErrorCodes.BadJson);
                Assert.True(isObject || e is null);
            }
            catch (Exception fault)
            {
                Assert.Fail($"With CHAT_FIRST_FRAME={seed} CHAT_FRAMES=1, {Convert.ToBase64String(frame)}: {fault}");
            }
        }
        // Mutations that never leave JSON, or always do, would show little.
        if (count >= 1_000)
            Assert.InRange(good, count / 5, count / 5 * 4);
    }

    private static readonly byte[][] Seeds =
    [
        .. new[]
        {
            """{"type":"login","id":"1","username":"ana","session":"0123456789abcdef","token":null}""",
            """{"type":"join","id":"2","room":"general","since":12,"epoch":"e","history":5}""",
            """{"type":"publish","id":"a.b-c:d_e","room":"general","message":"héllo 😀 \u00e9\ud83d\ude00\n\"q\""}""",
            """{"type":"history","room":"general","before":9007199254740991,"after":null,"limit":50}""",
            """{"type":"ack","id":"x","room":"general","seq":7,"timestamp":"2024-01-02T03:04:05.678Z","duplicate":true}""",
            """{"type":"rooms","rooms":["general","a"],"online":{"general":2,"a":0}}""",
            """{"type":"system","event":"welcome","message":"Welcome ana!","user":"ana","session":"s","resumed":false,"rooms":[],"server":{"name":"n","version":"1"},"limits":{"publishRate":1.5,"grace":15000}}""",
            """{"type":"error","code":"busy","message":"Wait.","retryAfter":100,"room":"general"}""",
            """{"type":"ping","x":[[[[[1e5,-0.5,true,false,null]]]]],"y":{"a":{"b":{}}}}""",
        }.Select(Encoding.UTF8.GetBytes),
        LogLine.Encode(RoomName.Trusted("general"), 1, "id", "ana", "hi", new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc)),
        EventCodec.EncodeHistory(
            new ServerEvent.History("general", "e", [], 2, false, true, true, [new SeqRange(2, 2)], 0),
            [LogLine.Encode(RoomName.Trusted("general"), 1, "id", "ana", "hi", new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc))]),
    ];

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "\\ud800", "\\udc00", "\\u0000", "\\", "\"", "null", "true", "{}", "[]", "[[[[[[[[", "]]", "1e999", "-", ".", "e", "0", "-0", "00", "9999999999999999999",
            new('7', 300), new('7', 301), new('7', 400), "\uFEFF", "//", "/**/", "'", ",", ",}", ":", "NaN", "\u2028", "\n", " ", "\0", "\"type\":", "\"seq\":", "\"messages\":[", "\"id\":",
        }.Select(Encoding.UTF8.GetBytes),
        [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF],
    ];

    private static byte[] Mutate(Random random)
    {
        var frame = new List<byte>(Seeds[random.Next(Seeds.Length)]);
        for (var times = random.Next(1, 3); times > 0 && frame.Count > 0; times--)
        {
            var at = random.Next(frame.Count);
            var length = Math.Min(random.Next(1, 12), frame.Count - at);
            switch (random.Next(9))
            {
                case 0:
                    frame[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    frame[at] = (byte)random.Next(0x20, 0x7F);
                    break;
                case 2:
                    frame.RemoveRange(at, length);
                    break;
                case 3:
                    frame.InsertRange(random.Next(frame.Count), frame.GetRange(at, length));
                    break;
                case 4:
                    frame.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                    break;
                case 5:
                    frame.RemoveRange(at, frame.Count - at);
                    break;
                case 6:
                    // A value in another's place, which often leaves the grammar whole.
                    ReplaceAfter(frame, (byte)':', at, Tokens[random.Next(Tokens.Length)]);
                    break;
                case 7:
                    ReplaceAfter(frame, (byte)'"', at, Tokens[random.Next(Tokens.Length)]);
                    break;
                default:
                    frame[at] = (byte)"0123456789abcxyz"[random.Next(16)];
                    break;
            }
        }
        return [.. frame];
    }

    private static void ReplaceAfter(List<byte> frame, byte mark, int from, byte[] token)
    {
        var start = frame.IndexOf(mark, from) + 1;
        if (start == 0)
            return;
        var end = start;
        while (end < frame.Count && frame[end] is not ((byte)',' or (byte)'}' or (byte)'"'))
            end++;
        frame.RemoveRange(start, end - start);
        frame.InsertRange(start, token);
    }

    private static bool IsObject(byte[] frame)
    {
        if (!Utf8.IsValid(frame))
            return false;
        try
        {
            using var document = JsonDocument.Parse(frame, new JsonDocumentOptions { MaxDepth = 8 });
            return document.RootElement.ValueKind == JsonValueKind.Object && !HoldsLongNumber(document.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool HoldsLongNumber(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(property => HoldsLongNumber(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().Any(HoldsLongNumber),
        JsonValueKind.Number => element.GetRawText().Length > 300,
        _ => false,
    };

    private static void RefusesAsJson(byte[] frame)
    {
        var (request, error) = RequestCodec.Decode(frame);
        Assert.Null(request);
        Assert.Equal((ErrorCodes.BadJson, null), (error?.Code, error?.Id));
        Assert.Contains("Send one JSON object", error!.Sentence, StringComparison.Ordinal);
        Assert.Null(EventCodec.Decode(frame));
    }
}
