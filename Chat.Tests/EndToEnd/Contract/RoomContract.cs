using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Contract;

public abstract class RoomContract(ChatFixture chat)
{
    [ContractFact]
    public async Task Should_send_a_message_to_everybody_in_the_room_and_ack_it_to_its_sender()
    {
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        await using var ben = await chat.EnterAsync("ben", room);
        await using var out1 = await chat.EnterAsync("out");

        var ack = await ana.PublishAsync(room, "  hello, Ben \n", "m1");
        Assert.Equal(1, ack.Number("seq"));
        Assert.Equal(room, ack["room"]);
        Assert.False(ack.Has("duplicate"));

        var atBen = await ben.ExpectAsync("message");
        Assert.Equal("hello, Ben", atBen["message"]);
        Assert.Equal(ana.User, atBen["user"]);
        Assert.Equal(room, atBen["room"]);
        Assert.Equal("m1", atBen.Id);
        Assert.Equal(1, atBen.Number("seq"));
        Assert.Equal(ack["timestamp"], atBen["timestamp"]);
        var atAna = Assert.Single(ana.Frames, frame => frame.Type == "message");
        Assert.Equal(atBen.Text, atAna.Text);

        await out1.PongAsync();
        Assert.DoesNotContain(out1.Frames, frame => frame["room"] == room);
    }

    [ContractFact]
    public async Task Should_make_an_id_for_a_publish_without_one_and_ack_with_it()
    {
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        await ana.SendAsync("publish", ("room", room), ("message", "hi"));
        var message = await ana.ExpectAsync("message");
        var ack = ana.Frames.FirstOrDefault(frame => frame.Type == "ack") ?? await ana.ExpectAsync("ack");
        Assert.Matches("^[A-Za-z0-9._:-]{1,64}$", message.Id);
        Assert.True(ack.Id is null || ack.Id == message.Id, ack.Text);
    }

    [ContractFact]
    public async Task Should_tell_the_others_who_enters_and_leaves_and_how_many_are_in()
    {
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        await using var ben = await chat.EnterAsync("ben", room);
        var joined = await ana.ExpectAsync("system");
        Assert.True(joined.IsSystem("joined", room));
        Assert.Equal(ben.User, joined["user"]);
        Assert.Equal($"{ben.User} joined the room", joined["message"]);
        Assert.Equal(2, joined.Number("online"));
        Assert.True(joined.Has("timestamp"));

        await ben.SendAsync("leave", ("room", room), ("id", "bye"));
        var own = await ben.AnswerAsync("bye");
        Assert.True(own.IsSystem("left", room));
        Assert.Equal(ben.User, own["user"]);
        Assert.Equal($"{ben.User} left the room", own["message"]);
        Assert.Equal(1, own.Number("online"));
        var left = await ana.ExpectAsync("system");
        Assert.True(left.IsSystem("left", room));
        Assert.Null(left.Id);
        Assert.Equal(ben.User, left["user"]);
        Assert.Equal(1, left.Number("online"));

        await ben.PongAsync();
        Assert.DoesNotContain(ben.Frames, frame => frame.IsSystem("joined"));
        Assert.Single(ben.Frames, frame => frame.IsSystem("left"));
        await ben.SendAsync("publish", ("room", room), ("message", "still here?"), ("id", "x"));
        await ben.RefusalAsync("x", "not_in_room");
    }

    [ContractFact]
    public async Task Should_know_a_room_by_its_folded_name_alone()
    {
        var room = chat.Name("straße");
        var folded = room.Replace("ß", "ss");
        await using var ana = await chat.EnterAsync("ana");
        await ana.SendAsync("join", ("room", room.ToUpperInvariant()), ("id", "j"));
        Assert.Equal(folded, (await ana.AnswerAsync("j"))["room"]);
        Assert.Equal(folded, (await ana.PublishAsync(room, "hi"))["room"]);
        await ana.SendAsync("who", ("room", room), ("id", "w"));
        Assert.Equal(folded, (await ana.AnswerAsync("w"))["room"]);
        await ana.SendAsync("leave", ("room", room), ("id", "l"));
        Assert.Equal(folded, (await ana.AnswerAsync("l"))["room"]);
    }

    [ContractTheory]
    [InlineData("", "empty_message")]
    [InlineData(" \n\t ", "empty_message")]
    [InlineData("a\u0007b", "bad_request")]
    [InlineData("a\rb", "bad_request")]
    [InlineData("a\u0085b", "bad_request")]
    public async Task Should_refuse_a_text_that_breaks_a_rule(string text, string code)
    {
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        await ana.SendAsync("publish", ("room", room), ("message", text), ("id", "x"));
        Assert.Equal(room, (await ana.RefusalAsync("x", code))["room"]);
        Assert.Equal(1, (await ana.PublishAsync(room, "the first one")).Number("seq"));
    }

    [ContractFact]
    public async Task Should_count_a_text_in_characters_and_refuse_one_too_many()
    {
        var room = chat.Name("room");
        var longest = string.Concat(Enumerable.Repeat("😀", 4000));
        await using var ana = await chat.EnterAsync("ana", room);
        await ana.SendAsync("publish", ("room", room), ("message", longest + "!"), ("id", "x"));
        await ana.RefusalAsync("x", "message_too_long");
        await ana.PublishAsync(room, " " + longest + " ");
        Assert.Equal(longest, ana.Frames.Single(frame => frame.Type == "message")["message"]);
    }

    [ContractFact]
    public async Task Should_carry_any_text_as_it_is()
    {
        var room = chat.Name("room");
        var text = "\"quoted\" \\ </script> {{x}} \u202e\u200d é e\u0301 😀 \t line\nfeed \u2028 \ufffd %00";
        await using var ana = await chat.EnterAsync("ana", room);
        await ana.PublishAsync(room, text);
        Assert.Equal(text, ana.Frames.Single(frame => frame.Type == "message")["message"]);
    }

    [ContractFact]
    public async Task Should_ack_the_same_id_and_text_again_without_a_second_delivery_and_refuse_another_text()
    {
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        await using var ben = await chat.EnterAsync("ben", room);
        var first = await ana.PublishAsync(room, "once", "m1");
        var again = await ana.PublishAsync(room, " once ", "m1");
        Assert.True(again.Flag("duplicate"));
        Assert.Equal(first.Number("seq"), again.Number("seq"));
        Assert.Equal(first["timestamp"], again["timestamp"]);
        await ana.SendAsync("publish", ("room", room), ("message", "twice"), ("id", "m1"));
        await ana.RefusalAsync("m1", "id_conflict");

        // Ids are each user's own, and each room's.
        Assert.Equal(2, (await ben.PublishAsync(room, "mine", "m1")).Number("seq"));
        await ana.CatchUpAsync(room);
        Assert.Single(ana.Frames, frame => frame.IsMessage(room, "once"));
    }

    [ContractFact]
    public async Task Should_ack_every_copy_that_is_sent_while_the_first_is_being_written()
    {
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        for (var i = 0; i < 20; i++)
            await ana.SendAsync("publish", ("room", room), ("message", "once"), ("id", "m1"));
        await ana.CatchUpAsync(room);
        await ana.PongAsync();
        var acks = ana.Frames.Where(frame => frame.Type == "ack" && frame.Id == "m1").ToArray();
        Assert.Equal(20, acks.Length);
        Assert.All(acks, ack => Assert.Equal(1, ack.Number("seq")));
        Assert.Equal(19, acks.Count(ack => ack.Flag("duplicate")));
        Assert.Single(ana.Frames, frame => frame.IsMessage(room, "once"));
    }

    [ContractFact]
    public async Task Should_refuse_one_room_too_many_and_let_one_in_after_a_leave()
    {
        await using var ana = await chat.EnterAsync("ana");
        var rooms = Enumerable.Range(0, 50).Select(_ => chat.Name("one-of-many")).ToArray();
        foreach (var room in rooms)
            await ana.JoinAsync(room);
        var more = chat.Name("one-too-many");
        await ana.SendAsync("join", ("room", more), ("id", "x"));
        Assert.Equal(more, (await ana.RefusalAsync("x", "too_many_rooms"))["room"]);
        await ana.JoinAsync(rooms[0]);
        await ana.SendAsync("leave", ("room", rooms[0]), ("id", "l"));
        await ana.AnswerAsync("l");
        await ana.JoinAsync(more);
        await ana.SendAsync("who", ("room", rooms[0]), ("id", "w"));
        Assert.Empty((await ana.AnswerAsync("w")).Texts("members"));
    }

    [ContractFact]
    public async Task Should_tell_nobody_when_one_joins_a_room_again()
    {
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        await using var ben = await chat.EnterAsync("ben", room);
        await ana.PublishAsync(room, "hi");
        Assert.Equal([1], (await ben.JoinAsync(room)).Seqs);
        Assert.Empty((await ben.JoinAsync(room, since: 1)).Seqs);
        await ana.CatchUpAsync(room);
        Assert.Single(ana.Frames, frame => frame.Type == "system" && frame["user"] == ben.User);
    }

    [ContractFact]
    public async Task Should_answer_a_join_that_a_later_one_overtakes()
    {
        var room = chat.Name("room");
        await using var ana = await chat.EnterAsync("ana", room);
        for (var i = 0; i < 20; i++)
            await ana.SendAsync("join", ("room", room), ("id", $"j{i}"));
        var last = await ana.AnswerAsync("j19");
        Assert.Equal("history", last.Type);
        await ana.CatchUpAsync(room);
        foreach (var id in Enumerable.Range(0, 20).Select(i => $"j{i}"))
        {
            var answer = Assert.Single(ana.Frames, frame => frame.Id == id);
            Assert.True(answer.Type == "history" || answer["code"] == "not_in_room", answer.Text);
        }
    }
}
