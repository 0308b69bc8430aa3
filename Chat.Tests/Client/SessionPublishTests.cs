using Chat.Protocol;
using Chat.Protocol.Client;
using Xunit;
using static Chat.Tests.Client.SessionRig;

namespace Chat.Tests.Client;

public sealed class SessionPublishTests
{
    [Fact]
    public async Task Should_complete_with_the_ack_and_tell_each_step()
    {
        var rig = new SessionRig().Online().In("a");
        var published = rig.Publish("A", "m");
        var request = rig.Next<Request.Publish>();
        Assert.Equal(("a", "m", "m"), (request.Room, request.Text, request.Id));
        Assert.Equal(OutgoingStatus.Sent, Assert.Single(rig.Session.Unacked).Status);
        rig.Ack("a", "m", 1);

        Assert.Equal(1, (await published).Seq);
        Assert.Equal([OutgoingStatus.Queued, OutgoingStatus.Sent, OutgoingStatus.Stored], rig.StatusesTold("m"));
        Assert.Empty(rig.Session.Unacked);
    }

    [Fact]
    public async Task Should_give_each_message_an_id_of_its_own_when_the_user_gives_none()
    {
        var rig = new SessionRig().Online().In("a");
        for (var i = 0; i < 3; i++)
            rig.Session.Publish(new Call<ServerEvent.Ack>(new Request.Publish("a", "same")), rig.Now);
        _ = rig.Publish("a", "last");
        await Task.CompletedTask;
        Assert.Equal(4, rig.Drain().Select(request => request.Id).Distinct().Count());
    }

    [Fact]
    public async Task Should_take_its_own_live_message_for_the_ack()
    {
        var rig = new SessionRig().Online(new Limits { UnansweredRequests = 2 }).In("a");
        var published = rig.Publish("a", "m");
        rig.Next<Request.Publish>();
        rig.Says("a", 1, "ana", "m");
        Assert.Equal(1, (await published).Seq);
        _ = rig.Publish("a", "n");
        rig.SendsNothing();
        rig.Ack("a", "m", 1);
        rig.Next<Request.Publish>();
        Assert.Single(rig.StatusesTold("m"), status => status == OutgoingStatus.Stored);
    }

    [Fact]
    public async Task Should_not_take_anothers_message_of_the_same_id_for_its_own()
    {
        var rig = new SessionRig().Online().In("a");
        var published = rig.Publish("a", "m");
        rig.Says("a", 1, "bob", "m");
        Assert.False(published.IsCompleted);
        rig.Lose();
        rig.Drain();
        rig.ComeBack();
        rig.Receive(Page("a", rig.Next<Request.Join>().Id, 2, [Message("a", 2, "bob", "m")]));
        Assert.Equal("m", rig.Next<Request.Publish>().Id);
        rig.Ack("a", "m", 3);
        Assert.Equal(3, (await published).Seq);
    }

    [Fact]
    public async Task Should_strike_off_what_the_log_holds_and_send_the_rest_again_in_order()
    {
        var rig = new SessionRig().Online().In("a", last: 10);
        var tasks = new[] { "m1", "m2", "m3", "m4" }.Select(text => rig.Publish("a", text)).ToArray();
        Assert.Equal(4, rig.Drain().Length);
        rig.Lose();
        var fifth = rig.Publish("a", "m5");
        rig.ComeBack(resumed: true, "a");
        var join = rig.Next<Request.Join>();
        rig.SendsNothing();
        rig.Receive(Page("a", join.Id, 13, [Message("a", 11), Message("a", 12, "ana", "m1")], live: false));
        rig.SendsNothing();
        Assert.Equal(12, (await tasks[0]).Seq);
        rig.Receive(Page("a", join.Id, 13, [Message("a", 13, "ana", "m3")]));
        Assert.Equal(13, (await tasks[2]).Seq);

        Assert.Equal(["m2", "m4", "m5"], rig.NextPublishes());
        rig.Ack("a", "m2", 14);
        rig.Ack("a", "m4", 15);
        rig.Ack("a", "m5", 16);
        await Task.WhenAll(tasks);
        await fifth;
        Assert.Equal([OutgoingStatus.Queued, OutgoingStatus.Sent, OutgoingStatus.Queued, OutgoingStatus.Sent, OutgoingStatus.Stored], rig.StatusesTold("m2"));
    }

    [Fact]
    public void Should_send_again_what_is_found_under_an_id_that_it_never_sent()
    {
        var rig = new SessionRig().Online().In("a");
        rig.Lose();
        rig.Publish("a", "m");
        rig.ComeBack();
        rig.Receive(Page("a", rig.Next<Request.Join>().Id, 1, [Message("a", 1, "ana", "m")]));
        Assert.Equal(["m"], rig.NextPublishes());
    }

    [Fact]
    public void Should_send_again_room_by_room_as_each_is_live()
    {
        var rig = new SessionRig().Online().In("a").In("b");
        foreach (var (room, text) in new[] { ("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2") })
            _ = rig.Publish(room, text);
        Assert.Equal(["a1", "b1", "a2", "b2"], rig.NextPublishes());
        rig.Lose();
        rig.ComeBack(resumed: false);
        var joins = rig.Drain().Cast<Request.Join>().ToDictionary(join => join.Room, join => join.Id);
        rig.Receive(Page("b", joins["b"], 0));
        Assert.Equal(["b1", "b2"], rig.NextPublishes());
        rig.Receive(Page("a", joins["a"], 0));
        Assert.Equal(["a1", "a2"], rig.NextPublishes());
    }

    [Fact]
    public void Should_hold_what_is_published_before_a_first_join_is_live()
    {
        var rig = new SessionRig().Online();
        _ = rig.Join("a");
        _ = rig.Publish("a", "m");
        var join = rig.Next<Request.Join>();
        rig.SendsNothing();
        rig.Receive(Page("a", join.Id, 0));
        Assert.Equal(["m"], rig.NextPublishes());
    }

    [Theory]
    [InlineData(ErrorCodes.NotInRoom)]
    [InlineData(ErrorCodes.MessageTooLong)]
    [InlineData(ErrorCodes.EmptyMessage)]
    [InlineData(ErrorCodes.IdConflict)]
    [InlineData(ErrorCodes.BadRequest)]
    public async Task Should_fail_when_refused_for_good_and_go_on_with_the_others(string code)
    {
        var rig = new SessionRig().Online().In("a");
        var bad = rig.Publish("a", "m1");
        var good = rig.Publish("a", "m2");
        rig.Drain();
        rig.Refuse("m1", code);
        rig.Ack("a", "m2", 1);
        await good;
        Assert.Equal(code, (await Assert.ThrowsAsync<ChatRefusedException>(() => bad)).Code);
        var told = rig.Told.OfType<ClientEvent.PublishChanged>().Last(told => told.Message.Id == "m1").Message;
        Assert.Equal((OutgoingStatus.Refused, code), (told.Status, told.Error!.Code));
        rig.SendsNothing();
    }

    [Theory]
    [InlineData(ErrorCodes.RateLimited)]
    [InlineData(ErrorCodes.Busy)]
    [InlineData(ErrorCodes.StorageUnavailable)]
    public async Task Should_send_the_refused_and_all_later_ones_again_in_order(string code)
    {
        var rig = new SessionRig().Online().In("a");
        var tasks = new[] { "m1", "m2", "m3", "m4" }.Select(text => rig.Publish("a", text)).ToArray();
        rig.Drain();
        rig.Ack("a", "m1", 1);
        rig.Refuse("m2", code, 2);
        _ = rig.Publish("a", "m5");
        rig.Advance(3);
        rig.SendsNothing();
        rig.Refuse("m3", code, 2);
        rig.Refuse("m4", code, 2);
        rig.Advance(1.9);
        rig.SendsNothing();
        rig.Advance(0.1);
        Assert.Equal(["m2", "m3", "m4", "m5"], rig.NextPublishes());
        foreach (var (id, seq) in new[] { ("m2", 2), ("m3", 3), ("m4", 4), ("m5", 5) })
            rig.Ack("a", id, seq);
        await Task.WhenAll(tasks);
    }

    [Fact]
    public async Task Should_not_send_again_what_was_stored_behind_a_refused_one()
    {
        var rig = new SessionRig().Online().In("a");
        var tasks = new[] { "m1", "m2", "m3" }.Select(text => rig.Publish("a", text)).ToArray();
        rig.Drain();
        rig.Refuse("m1", ErrorCodes.Busy, 1);
        rig.Ack("a", "m2", 1);
        rig.Refuse("m3", ErrorCodes.Busy, 1);
        rig.Advance(1);
        Assert.Equal(["m1", "m3"], rig.NextPublishes());
        rig.Ack("a", "m1", 2);
        rig.Ack("a", "m3", 3);
        await Task.WhenAll(tasks);
    }

    [Fact]
    public void Should_wait_longer_each_time_when_storage_stays_away_and_not_for_each_of_a_volley()
    {
        var rig = new SessionRig().Online().In("a");
        foreach (var text in new[] { "m1", "m2", "m3" })
            _ = rig.Publish("a", text);
        foreach (var wait in new[] { 0.25, 0.5, 1.0, 2.0 })
        {
            Assert.Equal(["m1", "m2", "m3"], rig.NextPublishes());
            foreach (var text in new[] { "m1", "m2", "m3" })
                rig.Refuse(text, ErrorCodes.StorageUnavailable);
            rig.Advance(wait - 0.001);
            rig.SendsNothing();
            rig.Advance(0.001);
        }
    }

    [Fact]
    public void Should_hold_back_all_rooms_when_too_fast_and_only_the_one_when_its_storage_fails()
    {
        var rig = new SessionRig().Online().In("a").In("b");
        _ = rig.Publish("a", "a1");
        rig.Drain();
        rig.Refuse("a1", ErrorCodes.StorageUnavailable, 5);
        _ = rig.Publish("b", "b1");
        Assert.Equal(["b1"], rig.NextPublishes());
        rig.Refuse("b1", ErrorCodes.RateLimited, 7);
        rig.Advance(6.9);
        rig.SendsNothing();
        rig.Advance(0.1);
        Assert.Equal(["a1", "b1"], rig.NextPublishes());
    }

    [Fact]
    public async Task Should_try_a_fault_of_the_servers_a_few_times()
    {
        var rig = new SessionRig().Online().In("a");
        var published = rig.Publish("a", "m");
        for (var i = 0; i < 3; i++)
        {
            Assert.False(published.IsCompleted);
            rig.Next<Request.Publish>();
            rig.Refuse("m", ErrorCodes.Internal);
            rig.Advance(5);
        }
        Assert.Equal(ErrorCodes.Internal, (await Assert.ThrowsAsync<ChatRefusedException>(() => published)).Code);
        rig.SendsNothing();
    }

    [Fact]
    public async Task Should_take_a_late_ack_of_what_it_holds_back()
    {
        var rig = new SessionRig().Online().In("a");
        var published = rig.Publish("a", "m");
        rig.Next<Request.Publish>();
        rig.Refuse("m", ErrorCodes.Busy, 1);
        rig.Ack("a", "m", 1);
        rig.Ack("a", "m", 1);
        Assert.Equal(1, (await published).Seq);
        rig.Advance(1);
        rig.SendsNothing();
    }

    [Fact]
    public async Task Should_have_an_id_under_way_once_at_a_time()
    {
        var rig = new SessionRig().Online().In("a").In("b");
        var first = rig.PublishCall("a", "text", "same").Task;
        var second = rig.PublishCall("a", "text", "same").Task;
        var elsewhere = rig.PublishCall("b", "text", "same").Task;
        Assert.Equal("a", rig.Next<Request.Publish>().Room);
        rig.SendsNothing();
        rig.Ack("a", "same", 1);
        Assert.Equal("a", rig.Next<Request.Publish>().Room);
        rig.Ack("a", "same", 1);
        Assert.Equal("b", rig.Next<Request.Publish>().Room);
        rig.Ack("b", "same", 1);
        await Task.WhenAll(first, second, elsewhere);
    }

    [Fact]
    public async Task Should_go_on_sending_what_was_sent_when_the_caller_waits_no_longer()
    {
        var rig = new SessionRig().Online().In("a");
        var call = rig.PublishCall("a", "m");
        rig.Next<Request.Publish>();
        call.Cancel(new CancellationToken(true));
        rig.Forget(call);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Task);
        rig.Lose();
        rig.ComeBack();
        rig.Receive(Page("a", rig.Next<Request.Join>().Id, 0));
        rig.Next<Request.Publish>();
        rig.Ack("a", "m", 1);
        Assert.Empty(rig.Session.Unacked);
    }
}
