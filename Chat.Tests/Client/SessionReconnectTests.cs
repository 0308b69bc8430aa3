using Chat.Protocol;
using Chat.Protocol.Client;
using Xunit;

namespace Chat.Tests.Client;

public sealed class SessionReconnectTests
{
    [Fact]
    public void Should_double_its_waits_up_to_the_longest_when_nothing_answers()
    {
        var rig = new SessionRig().Online();
        rig.Lose();
        var waits = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            waits.Add(rig.State.RetryIn!.Value.TotalSeconds);
            rig.Advance(rig.State.RetryIn!.Value);
            rig.Lose();
        }
        // With the lowest chance each is half of 0.5, 1, 2, …, 30.
        Assert.Equal([0.25, 0.5, 1, 2, 4, 8, 15, 15, 15], waits);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.999999)]
    public void Should_keep_a_wait_between_its_half_and_its_whole_whatever_the_chance(double chance)
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30), () => chance);
        for (var whole = 0.5; whole < 200; whole *= 2)
            Assert.InRange(backoff.Next().TotalSeconds, Math.Min(whole, 30) / 2, Math.Min(whole, 30));
        backoff.Reset();
        Assert.InRange(backoff.Next().TotalSeconds, 0.25, 0.5);
    }

    [Fact]
    public void Should_start_with_a_short_wait_again_when_the_connection_held()
    {
        var rig = new SessionRig().Online();
        rig.Lose();
        for (var i = 0; i < 5; i++)
        {
            rig.Advance(rig.State.RetryIn!.Value);
            rig.Lose();
        }
        var before = rig.State.RetryIn!.Value;
        rig.ComeBack();
        rig.Lose();
        Assert.True(rig.State.RetryIn > before, "It fell at once, so the waits go on growing.");
        rig.ComeBack();
        rig.Advance(rig.State.RetryIn ?? TimeSpan.FromSeconds(20));
        rig.Lose();
        Assert.Equal(0.25, rig.State.RetryIn!.Value.TotalSeconds);
    }

    [Fact]
    public void Should_come_back_after_what_a_shutdown_said_when_the_server_went_away()
    {
        var rig = new SessionRig().Online();
        rig.Receive(new ServerEvent.Shutdown(TimeSpan.FromSeconds(4.2), "Going.", null));
        rig.Lose(CloseCodes.GoingAway);
        Assert.Equal(4.2, rig.State.RetryIn!.Value.TotalSeconds);
        rig.Advance(4.2);
        Assert.Equal(2, rig.Opened);
        rig.Lose();
        Assert.Equal(0.25, rig.State.RetryIn!.Value.TotalSeconds);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(4001)]
    public async Task Should_stay_away_when_the_close_code_says_so(int code)
    {
        var rig = new SessionRig().Online();
        var read = rig.Read<ServerEvent.Rooms>(new Request.Rooms());
        rig.Lose(code);

        Assert.True(rig.HasEnded);
        Assert.Null(rig.Session.Due);
        Assert.Equal((ConnectionStatus.Closed, code), (rig.State.Status, rig.State.CloseCode));
        Assert.Equal(code, (await Assert.ThrowsAsync<ChatConnectionException>(() => read)).CloseCode);
        await Assert.ThrowsAsync<ChatConnectionException>(() => rig.Publish("a", "late"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1001)]
    [InlineData(1006)]
    [InlineData(1011)]
    [InlineData(4002)]
    [InlineData(4003)]
    public void Should_come_back_when_the_close_code_allows_it(int? code)
    {
        var rig = new SessionRig().Online();
        rig.Lose(code);
        Assert.Equal((ConnectionStatus.Waiting, code), (rig.State.Status, rig.State.CloseCode));
    }

    [Fact]
    public void Should_stay_away_when_it_was_asked_not_to_reconnect()
    {
        var rig = new SessionRig(new ChatClientOptions { Server = new Uri("ws://h/"), User = "ana", Reconnect = false }).Online();
        rig.Lose();
        Assert.True(rig.HasEnded);
    }

    [Fact]
    public void Should_ping_and_then_give_up_when_nothing_is_heard()
    {
        var rig = new SessionRig().Online();
        rig.Advance(24.9);
        rig.SendsNothing();
        rig.Advance(0.1);
        rig.Next<Request.Ping>();
        rig.Advance(34.9);
        rig.SendsNothing();
        Assert.Equal(ConnectionStatus.Online, rig.State.Status);
        rig.Advance(0.1);
        Assert.Equal(ConnectionStatus.Waiting, rig.State.Status);
        Assert.Equal([null], rig.Closed);
    }

    [Fact]
    public void Should_stay_when_parts_of_frames_or_pongs_are_heard()
    {
        var rig = new SessionRig().Online();
        for (var i = 0; i < 10; i++)
        {
            rig.Advance(20);
            rig.Session.Heard(rig.Now);
        }
        rig.SendsNothing();
        rig.Advance(25);
        rig.Receive(new ServerEvent.Pong { Id = rig.Next<Request.Ping>().Id });
        rig.Advance(25);
        rig.Next<Request.Ping>();
        Assert.Equal(ConnectionStatus.Online, rig.State.Status);
    }

    [Fact]
    public void Should_neither_ping_nor_give_up_when_it_is_itself_that_does_not_read()
    {
        var rig = new SessionRig().Online();
        rig.Session.Pause();
        rig.Advance(500);
        rig.SendsNothing();
        rig.Session.Resume(rig.Now);
        rig.Advance(24.9);
        Assert.Equal(ConnectionStatus.Online, rig.State.Status);
        rig.Advance(0.1);
        rig.Next<Request.Ping>();
    }

    [Fact]
    public void Should_break_the_connection_when_a_frame_is_damaged()
    {
        var rig = new SessionRig().Online();
        rig.ReceiveRaw("{\"type\":\"message\",\"crc\":\"00000000\"}"u8.ToArray());
        Assert.Equal(ConnectionStatus.Waiting, rig.State.Status);
        Assert.Equal([null], rig.Closed);
    }

    [Fact]
    public async Task Should_wait_for_the_servers_close_when_it_logs_out()
    {
        var rig = new SessionRig().Online();
        var logout = rig.Logout();
        var second = rig.Logout();
        rig.Next<Request.Logout>();
        rig.SendsNothing();
        Assert.False(logout.IsCompleted);
        rig.Lose(CloseCodes.Normal);
        Assert.Equal(CloseCodes.Normal, await logout);
        await second;
        Assert.True(rig.HasEnded);
        await rig.Logout();
    }

    [Fact]
    public async Task Should_be_out_when_the_connection_falls_or_hangs_in_a_logout()
    {
        var rig = new SessionRig().Online();
        var logout = rig.Logout();
        rig.Advance(10);
        await logout;
        Assert.True(rig.HasEnded);

        rig = new SessionRig().Online();
        rig.Lose();
        await rig.Logout();
        Assert.True(rig.HasEnded);
    }

    [Fact]
    public async Task Should_close_and_tell_whoever_waits_when_it_is_stopped()
    {
        var rig = new SessionRig().Online().In("a");
        Task[] waiting = [rig.Publish("a", "m"), rig.Join("b"), rig.Leave("a"), rig.Ping(), rig.Read<ServerEvent.Who>(new Request.Who("a"))];
        rig.Stop();
        Assert.Equal([CloseCodes.Normal], rig.Closed);
        foreach (var task in waiting)
            await Assert.ThrowsAsync<ChatConnectionException>(() => task);
        rig.Stop();
        Assert.Single(rig.States, state => state.Status == ConnectionStatus.Closed);
    }
}
