using System.Text;
using Chat.Protocol;
using Chat.Protocol.Codec;
using CsCheck;
using Xunit;

namespace Chat.Tests.Protocol;

public sealed class RequestCodecTests
{
    public static TheoryData<string, Request> Good => new()
    {
        { """{"type":"login","username":"ana"}""", new Request.Login("ana") },
        { """{"type":"login","username":"ana","session":"s","token":"t","id":"1"}""", new Request.Login("ana", "s", "t") { Id = "1" } },
        { """{"type":"login","username":"ana","session":null,"token":null,"id":null}""", new Request.Login("ana") },
        { """{"type":"login","username":""}""", new Request.Login("") },
        { """{"type":"join","room":"general"}""", new Request.Join("general") },
        { """{"type":"join","room":"general","since":7,"epoch":"e","id":"a.b_c:d-E9"}""", new Request.Join("general", 7, "e") { Id = "a.b_c:d-E9" } },
        { """{"type":"join","room":"general","since":0,"history":0}""", new Request.Join("general", 0, null, 0) },
        { """{"type":"join","room":"general","since":-0,"history":100}""", new Request.Join("general", 0, null, 100) },
        { """{"type":"join","room":"general","since":9007199254740991}""", new Request.Join("general", 9007199254740991) },
        { """{"type":"join","room":"general","since":null,"epoch":null,"history":null}""", new Request.Join("general") },
        { """{"type":"leave","room":"general"}""", new Request.Leave("general") },
        { """{"type":"publish","room":"general","message":"hi"}""", new Request.Publish("general", "hi") },
        { """{"type":"publish","room":"general","message":"\u0000\ud83d\ude00\n\/","id":"x"}""", new Request.Publish("general", "\0😀\n/") { Id = "x" } },
        { """{"type":"history","room":"general"}""", new Request.History("general") },
        { """{"type":"history","room":"general","before":8,"limit":1}""", new Request.History("general", 8, null, 1) },
        { """{"type":"history","room":"general","after":0,"limit":100}""", new Request.History("general", null, 0, 100) },
        { """{"type":"history","room":"general","after":0,"before":null}""", new Request.History("general", null, 0) },
        { """{"type":"who","room":"general"}""", new Request.Who("general") },
        { """{"type":"rooms"}""", new Request.Rooms() },
        { """{"type":"typing","room":"general"}""", new Request.Typing("general") },
        { """{"type":"ping","id":"p"}""", new Request.Ping { Id = "p" } },
        { """{"type":"logout"}""", new Request.Logout() },
        // Unknown fields, whatever is in them; white space; any order; names written with escapes; of twins, the last.
        { """ { "extra" : { "a" : [ 1, 2.5e-3, null, true, "x", 1e999, 99999999999999999999 ] } , "type" : "ping" } """, new Request.Ping() },
        { "\t{\r\n\"room\":\"general\",\"type\":\"who\"}\n", new Request.Who("general") },
        { """{"\u0074ype":"\u0070ing"}""", new Request.Ping() },
        { """{"type":"who","type":"ping"}""", new Request.Ping() },
        { """{"type":"ping","":1,"$type":"System.Object","$ref":"1","__proto__":{}}""", new Request.Ping() },
        { """{"type":"ping","Type":"who","ROOM":5}""", new Request.Ping() },
        { """{"type":"ping","username":7,"since":"x"}""", new Request.Ping() },
        // Seven arrays in the object are a depth of 8.
        { """{"type":"ping","x":[[[[[[[]]]]]]]}""", new Request.Ping() },
        { """{"type":"ping","x":"2024-01-02T03:04:05.678Z"}""", new Request.Ping() },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public void Should_read_a_request(string frame, Request expected)
    {
        var (request, error) = Read(frame);
        Assert.Null(error);
        Assert.Equal(expected, request);
    }

    [Theory]
    [InlineData("""{"id":"7"}""", "\"type\" is missing")]
    [InlineData("""{"id":"7","type":null}""", "\"type\" is missing")]
    [InlineData("""{"id":"7","type":5}""", "\"type\" must be a string")]
    [InlineData("""{"id":"7","type":["ping"]}""", "\"type\" must be a string")]
    [InlineData("""{"id":"7","type":"login"}""", "\"username\" is missing")]
    [InlineData("""{"id":"7","type":"login","username":null}""", "\"username\" is missing")]
    [InlineData("""{"id":"7","type":"login","Username":"ana"}""", "\"username\" is missing")]
    [InlineData("""{"id":"7","type":"publish","message":"hi"}""", "\"room\" is missing")]
    [InlineData("""{"id":"7","type":"publish","room":"general"}""", "\"message\" is missing")]
    [InlineData("""{"id":"7","type":"join","room":"general","since":1.0}""", "\"since\" must be an integer")]
    [InlineData("""{"id":"7","type":"join","room":"general","since":1e2}""", "\"since\" must be an integer")]
    [InlineData("""{"id":"7","type":"join","room":"general","since":1e999}""", "\"since\" must be an integer")]
    [InlineData("""{"id":"7","type":"join","room":"general","since":-9007199254740992}""", "\"since\" must be an integer from -9007199254740991 to 9007199254740991")]
    [InlineData("""{"id":"7","type":"join","room":"general","since":9007199254740992}""", "\"since\" must be an integer from -9007199254740991")]
    [InlineData("""{"id":"7","type":"join","room":"general","since":9223372036854775807}""", "\"since\" must be an integer from -9007199254740991")]
    [InlineData("""{"id":"7","type":"join","room":"general","since":9223372036854775808}""", "\"since\" must be an integer")]
    [InlineData("""{"id":"7","type":"join","room":"general","history":-1}""", "\"history\" must be an integer from 0 to 100")]
    [InlineData("""{"id":"7","type":"join","room":"general","history":101}""", "\"history\" must be an integer from 0 to 100")]
    [InlineData("""{"id":"7","type":"history","room":"general","limit":0}""", "\"limit\" must be an integer from 1 to 100")]
    [InlineData("""{"id":"7","type":"history","room":"general","limit":101}""", "\"limit\" must be an integer from 1 to 100")]
    [InlineData("""{"id":"7","type":"history","room":"general","before":-1}""", "\"before\" must be an integer from 0")]
    [InlineData("""{"id":"7","type":"history","room":"general","after":-1}""", "\"after\" must be an integer from 0")]
    [InlineData("""{"id":"7","type":"history","room":"general","before":1,"after":1}""", "not both")]
    public void Should_answer_bad_request_when_a_field_is_missing_or_wrong(string frame, string expected)
    {
        var (request, error) = Read(frame);
        Assert.Null(request);
        Assert.Equal((ErrorCodes.BadRequest, "7"), (error?.Code, error?.Id));
        Assert.Contains(expected, error!.Sentence, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> Fields => new()
    {
        { """{"id":"7","type":"login","username":$}""", "username", "string" },
        { """{"id":"7","type":"login","username":"ana","session":$}""", "session", "string" },
        { """{"id":"7","type":"login","username":"ana","token":$}""", "token", "string" },
        { """{"id":"7","type":"join","room":$}""", "room", "string" },
        { """{"id":"7","type":"join","room":"general","since":$}""", "since", "integer" },
        { """{"id":"7","type":"join","room":"general","epoch":$}""", "epoch", "string" },
        { """{"id":"7","type":"join","room":"general","history":$}""", "history", "integer" },
        { """{"id":"7","type":"leave","room":$}""", "room", "string" },
        { """{"id":"7","type":"publish","room":$,"message":"hi"}""", "room", "string" },
        { """{"id":"7","type":"publish","room":"general","message":$}""", "message", "string" },
        { """{"id":"7","type":"history","room":$}""", "room", "string" },
        { """{"id":"7","type":"history","room":"general","before":$}""", "before", "integer" },
        { """{"id":"7","type":"history","room":"general","after":$}""", "after", "integer" },
        { """{"id":"7","type":"history","room":"general","limit":$}""", "limit", "integer" },
        { """{"id":"7","type":"who","room":$}""", "room", "string" },
        { """{"id":"7","type":"typing","room":$}""", "room", "string" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void Should_answer_bad_request_when_a_field_is_of_any_other_type(string frame, string field, string type)
    {
        foreach (var value in new[] { "\"5\"", "5", "5.5", "1e400", "true", "false", "{}", "[]", "[\"x\"]", "{\"x\":1}", new string('9', 300) })
        {
            var (request, error) = Read(frame.Replace("$", value, StringComparison.Ordinal));
            if ((type == "string" && value[0] == '"') || (type == "integer" && value == "5"))
            {
                Assert.NotNull(request);
                continue;
            }
            Assert.Null(request);
            Assert.Equal((ErrorCodes.BadRequest, "7"), (error?.Code, error?.Id));
            Assert.Contains($"The field \"{field}\" must be ", error!.Sentence, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"a b\"")]
    [InlineData("\"a\\n\"")]
    [InlineData("\"a\\u0000\"")]
    [InlineData("\"é\"")]
    [InlineData("\"٣\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"a/b\"")]
    [InlineData("\"12345678901234567890123456789012345678901234567890123456789012345\"")]
    [InlineData("5")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("[\"a\"]")]
    public void Should_answer_bad_request_without_an_id_when_the_id_is_none(string id)
    {
        foreach (var type in new[] { "\"ping\"", "\"nonsense\"", "5" })
        {
            var (request, error) = Read($$"""{"type":{{type}},"id":{{id}}}""");
            Assert.Null(request);
            Assert.Equal((ErrorCodes.BadRequest, null), (error?.Code, error?.Id));
            Assert.Contains("\"id\"", error!.Sentence, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234")]
    [InlineData("a")]
    [InlineData("-._:")]
    public void Should_take_an_id_of_1_to_64_characters(string id) =>
        Assert.Equal(id, Read($$"""{"type":"ping","id":"{{id}}"}""").Request?.Id);

    [Theory]
    [InlineData("Ping")]
    [InlineData("message")]
    [InlineData("")]
    [InlineData("ping\\u0000")]
    [InlineData(" ping")]
    [InlineData("\\ud800")]
    public void Should_answer_unknown_type_when_there_is_no_such_request(string type)
    {
        var (request, error) = Read($$"""{"type":"{{type}}","id":"7"}""");
        Assert.Null(request);
        Assert.Equal((ErrorCodes.UnknownType, "7"), (error?.Code, error?.Id));
    }

    [Fact]
    public void Should_write_what_it_reads()
    {
        var text = AnyText.WellFormed;
        var seq = Gen.Long[0, (1L << 53) - 1].Nullable();
        Gen<Request> request = Gen.OneOf<Request>(
            Gen.Select(text, text.Null(), text.Null()).Select(t => (Request)new Request.Login(t.Item1, t.Item2, t.Item3)),
            Gen.Select(text, seq, text.Null(), Gen.Int[0, 100].Nullable()).Select(t => (Request)new Request.Join(t.Item1, t.Item2, t.Item3, t.Item4)),
            text.Select(t => (Request)new Request.Leave(t)),
            Gen.Select(text, text).Select(t => (Request)new Request.Publish(t.Item1, t.Item2)),
            Gen.Select(text, seq, Gen.Int[1, 100].Nullable()).Select(t => (Request)new Request.History(t.Item1, t.Item2, null, t.Item3)),
            Gen.Select(text, seq, Gen.Int[1, 100].Nullable()).Select(t => (Request)new Request.History(t.Item1, null, t.Item2, t.Item3)),
            text.Select(t => (Request)new Request.Who(t)),
            text.Select(t => (Request)new Request.Typing(t)),
            Gen.Const((Request)new Request.Rooms()),
            Gen.Const((Request)new Request.Ping()),
            Gen.Const((Request)new Request.Logout()));
        var id = Gen.String[Gen.Char["ABCXYZabcxyz0189._:-"], 1, 64].Null();
        Gen.Select(request, id).Sample(
            t =>
            {
                var sent = t.Item1 with { Id = t.Item2 };
                var bytes = RequestCodec.Encode(sent);
                return RequestCodec.Decode(bytes) == (sent, null) && !bytes.Contains((byte)'\n');
            },
            iter: 5_000, threads: 1);
    }

    private static (Request? Request, ServerEvent.Error? Error) Read(string frame) => RequestCodec.Decode(Encoding.UTF8.GetBytes(frame));

    [Fact]
    public void Should_answer_bad_json_when_a_frame_has_more_fields_than_any_request()
    {
        var fields = string.Join(",", Enumerable.Range(0, 4_000).Select(i => $"\"f{i}\":0"));
        var (request, error) = RequestCodec.Decode(System.Text.Encoding.UTF8.GetBytes($$"""{"type":"ping",{{fields}}}"""));
        Assert.Null(request);
        Assert.Equal(ErrorCodes.BadJson, error?.Code);
    }
}
