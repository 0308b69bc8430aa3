using System.Text;
using Chat.Protocol;
using Chat.Protocol.Client;
using Xunit;

namespace Chat.Tests.Client;

public sealed class SessionLoginTests
{
    [Fact]
    public async Task Should_be_online_when_welcomed()
    {
        var rig = new SessionRig();
        var connecting = rig.Connect();
        Assert.Equal(ConnectionStatus.Connecting, rig.State.Status);
        rig.Open();
        var login = rig.Next<Request.Login>();
        Assert.Equal(("ana", null), (login.Username, login.Session));
        rig.Welcome(login, limits: new Limits { Rooms = 3 });

        Assert.Equal("ana", (await connecting).User);
        Assert.Equal(ConnectionStatus.Online, rig.State.Status);
        Assert.Equal(("ana", 3), (rig.Session.User, rig.Session.Limits.Rooms));
    }

    [Fact]
    public async Task Should_keep_the_sessions_secret_from_everybody_when_welcomed()
    {
        var rig = new SessionRig();
        var connecting = rig.Connect();
        rig.Open();
        rig.Welcome(rig.Next<Request.Login>());

        var told = Assert.Single(rig.Told.OfType<ClientEvent.Received>());
        Assert.DoesNotContain("secret", told.Event.ToString() + Encoding.UTF8.GetString(told.Json.Span) + await connecting);
    }

    [Theory]
    [InlineData(ErrorCodes.NameTaken, 3.0)]
    [InlineData(ErrorCodes.NameTaken, null)]
    [InlineData(ErrorCodes.BadToken, null)]
    [InlineData(ErrorCodes.Busy, 1.0)]
    public async Task Should_tell_the_caller_when_the_first_login_is_refused(string code, double? retryAfter)
    {
        var rig = new SessionRig();
        var connecting = rig.Connect();
        rig.Open();
        rig.Refuse(rig.Next<Request.Login>().Id, code, retryAfter);

        var refusal = await Assert.ThrowsAsync<ChatRefusedException>(() => connecting);
        Assert.Equal((code, retryAfter), (refusal.Code, refusal.RetryAfter?.TotalSeconds));
        Assert.Equal([CloseCodes.Normal], rig.Closed);
        Assert.Null(rig.Session.Due);
        Assert.Equal(ConnectionStatus.Closed, rig.State.Status);
    }

    [Fact]
    public async Task Should_be_able_to_connect_when_the_first_attempt_failed()
    {
        var rig = new SessionRig();
        var first = rig.Connect();
        var waiting = rig.Publish("a", "m");
        rig.Lose();
        await Assert.ThrowsAsync<ChatConnectionException>(() => first);
        await Assert.ThrowsAsync<ChatConnectionException>(() => waiting);

        rig.Online();
        Assert.Equal((2, ConnectionStatus.Online), (rig.Opened, rig.State.Status));
        Assert.Empty(rig.Session.Unacked);
    }

    [Fact]
    public async Task Should_fail_when_no_welcome_comes_in_time()
    {
        var rig = new SessionRig();
        var connecting = rig.Connect();
        rig.Advance(6);
        rig.Open();
        rig.Advance(3.9);
        Assert.False(connecting.IsCompleted);
        rig.Advance(0.1);
        await Assert.ThrowsAsync<ChatConnectionException>(() => connecting);
        Assert.Equal([null], rig.Closed);
    }

    [Fact]
    public void Should_resume_the_session_when_it_comes_back()
    {
        var rig = new SessionRig().Online();
        rig.Lose();
        Assert.Equal("secret", rig.ComeBack().Session);
    }

    [Fact]
    public void Should_log_in_afresh_once_when_the_session_is_bad()
    {
        var rig = new SessionRig().Online();
        rig.Lose();
        rig.Advance(rig.State.RetryIn!.Value);
        rig.Open();
        rig.Refuse(rig.Next<Request.Login>().Id, ErrorCodes.BadSession);
        var again = rig.Next<Request.Login>();
        Assert.Null(again.Session);
        rig.Refuse(again.Id, ErrorCodes.BadSession);
        Assert.True(rig.HasEnded);
    }

    [Fact]
    public void Should_wait_as_told_when_the_name_is_taken_for_the_grace_of_its_holder()
    {
        var rig = new SessionRig().Online();
        rig.Lose();
        rig.Advance(rig.State.RetryIn!.Value);
        rig.Open();
        rig.Refuse(rig.Next<Request.Login>().Id, ErrorCodes.NameTaken, 7);

        Assert.Equal(CloseCodes.Normal, rig.Closed[^1]);
        Assert.Equal((ConnectionStatus.Waiting, 7.0), (rig.State.Status, rig.State.RetryIn!.Value.TotalSeconds));
        rig.Advance(6.9);
        Assert.Equal(2, rig.Opened);
        rig.Advance(0.1);
        Assert.Equal(3, rig.Opened);
        rig.Open();
        rig.Welcome(rig.Next<Request.Login>());
        Assert.Equal(ConnectionStatus.Online, rig.State.Status);
    }

    [Fact]
    public async Task Should_end_when_the_name_is_taken_for_good_at_a_later_login()
    {
        var rig = new SessionRig().Online();
        var waiting = rig.Publish("a", "m");
        rig.Lose();
        rig.Advance(rig.State.RetryIn!.Value);
        rig.Open();
        rig.Refuse(rig.Drain().OfType<Request.Login>().Single().Id, ErrorCodes.NameTaken);

        Assert.True(rig.HasEnded);
        foreach (var call in new[] { waiting, rig.Publish("a", "later") })
        {
            var ended = await Assert.ThrowsAsync<ChatConnectionException>(() => call);
            Assert.Equal(ErrorCodes.NameTaken, Assert.IsType<ChatRefusedException>(ended.InnerException).Code);
        }
        Assert.Equal("m", Assert.Single(rig.Session.Unacked).Text);
    }

    [Fact]
    public void Should_try_again_for_a_while_when_the_name_may_be_taken_by_a_login_of_its_own_that_got_no_answer()
    {
        var rig = new SessionRig().Online();
        rig.Lose();
        rig.Advance(rig.State.RetryIn!.Value);
        rig.Open();
        rig.Next<Request.Login>();
        rig.Advance(10);
        Assert.Equal(ConnectionStatus.Waiting, rig.State.Status);
        var lost = rig.Now;

        for (var tries = 0; !rig.HasEnded; tries++)
        {
            Assert.True(tries < 20, "It tries again and again.");
            Assert.True(rig.Now - lost < TimeSpan.FromSeconds(90), "It tries for too long.");
            rig.Advance(rig.State.RetryIn!.Value);
            rig.Open();
            rig.Refuse(rig.Next<Request.Login>().Id, ErrorCodes.NameTaken);
        }
        Assert.InRange((rig.Now - lost).TotalSeconds, 90, 120);
    }

    [Fact]
    public void Should_take_the_name_for_anothers_when_a_login_was_answered_since()
    {
        var rig = new SessionRig().Online();
        rig.Lose();
        rig.Advance(rig.State.RetryIn!.Value);
        rig.Open();
        rig.Next<Request.Login>();
        rig.Lose();
        rig.ComeBack();
        rig.Lose();
        rig.Advance(rig.State.RetryIn!.Value);
        rig.Open();
        rig.Refuse(rig.Next<Request.Login>().Id, ErrorCodes.NameTaken);
        Assert.True(rig.HasEnded);
    }

    [Theory]
    [InlineData(ErrorCodes.Busy)]
    [InlineData(ErrorCodes.StorageUnavailable)]
    [InlineData(ErrorCodes.Internal)]
    public void Should_back_off_when_a_later_login_is_refused_for_now(string code)
    {
        var rig = new SessionRig().Online();
        rig.Lose();
        rig.Advance(rig.State.RetryIn!.Value);
        rig.Open();
        rig.Refuse(rig.Next<Request.Login>().Id, code);
        Assert.Equal((ConnectionStatus.Waiting, 0.5), (rig.State.Status, rig.State.RetryIn!.Value.TotalSeconds));
    }
}
