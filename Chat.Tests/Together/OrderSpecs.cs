using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Together;

/// <summary>What is sent without waiting takes effect in the order sent, also while a room is opening.</summary>
public sealed class OrderSpecs : ChatSpecs
{
    [Theory]
    [InlineData(null)]
    [InlineData(StorageCall.Open)]
    [InlineData(StorageCall.ReadWindow)]
    [InlineData(StorageCall.Append)]
    public async Task Should_keep_the_order_of_a_connections_requests_when_the_storage_takes_its_time(StorageCall? slow)
    {
        Stored.Fill(2, Time.Now);
        Start();
        var hold = slow is { } call ? Store.Faults.Hold(call) : null;
        var ana = await Connect();
        ana.Send(
            new Request.Login("ana") { Id = "login" },
            new Request.Join("general", 0) { Id = "join" },
            new Request.Publish("general", "one") { Id = "m1" },
            new Request.Publish("general", "two") { Id = "m2" },
            new Request.Who("general") { Id = "who in" },
            new Request.History("general") { Id = "history" },
            new Request.Leave("general") { Id = "leave" },
            new Request.Who("general") { Id = "who out" },
            new Request.Publish("general", "too late") { Id = "m3" },
            new Request.Join("general", 4) { Id = "back" },
            new Request.Publish("general", "three") { Id = "m4" });
        if (hold is not null)
        {
            await hold.Reached;
            hold.Release();
        }

        await ana.ExpectAnswered(11);
        var frames = ana.Writer.Frames;
        // The leave may come before the join's page was read: then the join's answer says so.
        if (frames.OfType<ServerEvent.History>().SingleOrDefault(history => history.Id == "join") is { } history)
            Assert.Equal([1, 2], history.Messages.Take(2).Select(message => message.Seq));
        else
            Assert.Single(frames.OfType<ServerEvent.Error>(), error => error.Id == "join");
        Assert.Equal(["ana"], frames.OfType<ServerEvent.Who>().Single(who => who.Id == "who in").Members);
        Assert.Equal(4, frames.OfType<ServerEvent.History>().Single(page => page.Id == "history").Messages.Count);
        Assert.Empty(frames.OfType<ServerEvent.Who>().Single(who => who.Id == "who out").Members);
        Assert.Equal("leave", Assert.Single(frames.OfType<ServerEvent.Left>()).Id);
        Assert.Equal(["m3"], frames.OfType<ServerEvent.Error>().Select(error => error.Id).Except(["join"]));
        Assert.Equal(["m1", "m2", "m4"], frames.OfType<ServerEvent.Ack>().Select(ack => ack.Id));
        Assert.Equal([3L, 4, 5], frames.OfType<ServerEvent.Ack>().Select(ack => ack.Seq));
        Assert.Equal(["one", "two", "three"], Stored.Messages.Skip(2).Select(message => message.Text));
    }

    [Fact]
    public async Task Should_show_every_member_the_same_messages_in_the_same_order_when_all_speak_at_once()
    {
        Start();
        var clients = new List<FakeClient>();
        foreach (var name in (string[])["ana", "bob", "eve", "kim"])
            clients.Add(await Member(name));
        for (var i = 0; i < 25; i++)
        {
            foreach (var client in clients)
                client.Send(new Request.Publish("general", $"{i}"));
        }
        foreach (var client in clients)
        {
            await client.Fish<ServerEvent.Message>(message => message.Seq == 100);
            var seen = client.Writer.Frames.OfType<ServerEvent.Message>().ToArray();
            Assert.Equal(Stored.Messages, seen);
        }
        // And each one's own in the order sent.
        foreach (var own in Stored.Messages.GroupBy(message => message.User))
            Assert.Equal(Enumerable.Range(0, 25).Select(i => $"{i}"), own.Select(message => message.Text));
    }

    [Fact]
    public async Task Should_go_into_several_rooms_and_out_of_them_without_mixing_them()
    {
        Start();
        var ana = await Member("ana");
        ana.Send(new Request.Join("other") { Id = "other" });
        await ana.Fish<ServerEvent.History>(history => history.Id == "other");
        var bob = await Member("bob", "other");
        await Publish(bob, "in other", room: "other");
        var seen = await ana.Fish<ServerEvent.Message>();
        Assert.Equal(("other", 1, "in other"), (seen.Room, seen.Seq, seen.Text));
        ana.Send(new Request.Leave("other"));
        await ana.Fish<ServerEvent.Left>();
        await Publish(bob, "unheard", room: "other");
        await Publish(ana, "in general");
        Assert.DoesNotContain(ana.Writer.Frames, frame => frame is ServerEvent.Message { Text: "unheard" });
    }

    [Fact]
    public async Task Should_mean_the_same_room_by_whatever_form_of_its_name()
    {
        Start();
        var ana = await Member("ana", "Café");
        var bob = await Member("bob", "cafe\u0301");
        await Publish(bob, "hello", room: "CAFÉ");
        Assert.Equal("café", (await ana.Fish<ServerEvent.Message>()).Room);
    }
}
