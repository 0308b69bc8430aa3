using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Contract;

public abstract class BadRequestContract(ChatFixture chat)
{
    /// <summary>What is no JSON object: these can't name the request they answer.</summary>
    public static TheoryData<string> NotJson =>
    [
        "", " ", "hello", "{", "{}}", "[]", "7", "null", "\"ping\"", "{'type':'ping'}", "{type:\"ping\"}", "{\"type\":\"ping\",}",
        "{\"type\":\"ping\"} {\"type\":\"ping\"}", "{\"type\":\"ping\"/* */}", "\ufeff{\"type\":\"ping\"}", "{\"type\":\"ping\",\"x\":NaN}",
        "{\"type\":\"ping\",\"x\":01}", "{\"type\":\"ping\",\"x\":" + new string('[', 8) + new string(']', 8) + "}",
        "{\"type\":\"ping\",\"x\":" + new string('[', 10_000), "{\"type\":\"pi\nng\"}", "{\"type\":\"ping\",\"x\":" + new string('9', 301) + "}",
    ];

    /// <summary>What is an object, and no request.</summary>
    public static TheoryData<string, string> NoRequest => new()
    {
        { """{"id":"x"}""", "bad_request" },
        { """{"id":"x","type":7}""", "bad_request" },
        { """{"id":"x","type":null}""", "bad_request" },
        { """{"id":"x","type":"PING"}""", "unknown_type" },
        { """{"id":"x","type":""}""", "unknown_type" },
        { """{"id":"x","type":"message","room":"general"}""", "unknown_type" },
        { """{"id":"x","type":"login"}""", "bad_request" },
        { """{"id":"x","type":"login","username":"y","session":7}""", "bad_request" },
        { """{"id":"x","type":"login","username":"y","token":{}}""", "bad_request" },
        { """{"id":"x","type":"join"}""", "bad_request" },
        { """{"id":"x","type":"join","room":7}""", "bad_request" },
        { """{"id":"x","type":"join","room":"general","since":"7"}""", "bad_request" },
        { """{"id":"x","type":"join","room":"general","since":-9007199254740992}""", "bad_request" },
        { """{"id":"x","type":"join","room":"general","since":1.5}""", "bad_request" },
        { """{"id":"x","type":"join","room":"general","since":9007199254740992}""", "bad_request" },
        { """{"id":"x","type":"join","room":"general","since":99999999999999999999}""", "bad_request" },
        { """{"id":"x","type":"join","room":"general","epoch":7}""", "bad_request" },
        { """{"id":"x","type":"join","room":"general","history":-1}""", "bad_request" },
        { """{"id":"x","type":"join","room":"general","history":101}""", "bad_request" },
        { """{"id":"x","type":"leave"}""", "bad_request" },
        { """{"id":"x","type":"leave","room":["general"]}""", "bad_request" },
        { """{"id":"x","type":"publish","message":"hi"}""", "bad_request" },
        { """{"id":"x","type":"publish","room":"general"}""", "bad_request" },
        { """{"id":"x","type":"publish","room":"general","message":7}""", "bad_request" },
        { """{"id":"x","type":"publish","room":"general","message":null}""", "bad_request" },
        { """{"id":"x","type":"history"}""", "bad_request" },
        { """{"id":"x","type":"history","room":"general","before":"7"}""", "bad_request" },
        { """{"id":"x","type":"history","room":"general","before":-1}""", "bad_request" },
        { """{"id":"x","type":"history","room":"general","after":true}""", "bad_request" },
        { """{"id":"x","type":"history","room":"general","before":7,"after":3}""", "bad_request" },
        { """{"id":"x","type":"history","room":"general","limit":0}""", "bad_request" },
        { """{"id":"x","type":"history","room":"general","limit":101}""", "bad_request" },
        { """{"id":"x","type":"who"}""", "bad_request" },
        { """{"id":"x","type":"typing"}""", "bad_request" },
        { """{"id":"x","type":"join","room":""}""", "bad_room" },
        { """{"id":"x","type":"join","room":"../etc"}""", "bad_room" },
        { """{"id":"x","type":"join","room":"two words"}""", "bad_room" },
        { """{"id":"x","type":"join","room":"\ud800"}""", "bad_room" },
        { """{"id":"x","type":"join","room":"12345678901234567890123456789012345678901234567890123456789012345"}""", "bad_room" },
        { """{"id":"x","type":"leave","room":"#general"}""", "bad_room" },
        { """{"id":"x","type":"publish","room":"a/b","message":"hi"}""", "bad_room" },
        { """{"id":"x","type":"history","room":"a\u200bb"}""", "bad_room" },
        { """{"id":"x","type":"who","room":"-a"}""", "bad_room" },
        { """{"id":"x","type":"typing","room":"a\u0000"}""", "bad_room" },
        { """{"id":"x","type":"leave","room":"never-entered"}""", "not_in_room" },
        { """{"id":"x","type":"publish","room":"never-entered","message":"hi"}""", "not_in_room" },
        { """{"id":"x","type":"typing","room":"never-entered"}""", "not_in_room" },
    };

    [ContractTheory]
    [MemberData(nameof(NotJson))]
    public async Task Should_answer_bad_json_and_go_on(string frame)
    {
        await using var ana = await chat.EnterAsync("ana");
        await ana.SendAsync(frame);
        var error = await ana.NextAsync();
        Assert.Equal("error", error.Type);
        Assert.Equal("bad_json", error["code"]);
        Assert.NotEmpty(error["message"]!);
        Assert.False(error.Has("id"));
        await ana.PongAsync();
    }

    [ContractTheory]
    [MemberData(nameof(NoRequest))]
    public async Task Should_refuse_and_name_the_request_and_go_on(string frame, string code)
    {
        await using var ana = await chat.EnterAsync("ana");
        await ana.SendAsync(frame);
        await ana.RefusalAsync("x", code);
        await ana.PongAsync();
    }

    [ContractTheory]
    [InlineData("\"\"")]
    [InlineData("\"two words\"")]
    [InlineData("\"12345678901234567890123456789012345678901234567890123456789012345\"")]
    [InlineData("\"x\\n\"")]
    [InlineData("7")]
    public async Task Should_refuse_an_id_that_is_none(string id)
    {
        await using var ana = await chat.EnterAsync("ana");
        await ana.SendAsync($$"""{"type":"ping","id":{{id}}}""");
        var error = await ana.NextAsync();
        Assert.Equal("bad_request", error["code"]);
        Assert.False(error.Has("id"));
        await ana.PongAsync();
    }

    [ContractFact]
    public async Task Should_ignore_fields_that_it_does_not_know()
    {
        await using var ana = await chat.EnterAsync("ana");
        await ana.SendAsync("""{"type":"ping","id":"x","later":{"a":[1,2,{"b":null}]},"room":7}""");
        Assert.Equal("pong", (await ana.AnswerAsync("x")).Type);
    }

    [ContractFact]
    public async Task Should_close_with_1008_at_the_hundredth_malformed_frame()
    {
        await using var ana = await chat.EnterAsync("ana");
        for (var i = 0; i < 99; i++)
            await ana.SendAsync("not json");
        await ana.PongAsync();
        await ana.SendAsync("not json");
        Assert.Equal(1008, await ana.ClosedAsync());
        Assert.Equal(100, ana.Frames.Count(frame => frame["code"] == "bad_json"));
    }

    [ContractFact]
    public async Task Should_not_close_for_requests_that_are_only_refused()
    {
        await using var ana = await chat.EnterAsync("ana");
        for (var i = 0; i < 150; i++)
            await ana.SendAsync("""{"type":"leave","room":"never-entered"}""");
        await ana.PongAsync();
        Assert.Equal(150, ana.Frames.Count(frame => frame["code"] == "not_in_room"));
    }
}
