using Chat.Actors;
using Chat.Actors.Users;
using Chat.Protocol;
using CsCheck;
using Xunit;

namespace Chat.Tests.Users;

/// <summary>The rules of sessions one by one; then random logins, losses and ends beside a model.</summary>
public sealed class SessionBookTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    private static readonly RoomName General = RoomName.Trusted("general");
    private static readonly RoomName Other = RoomName.Trusted("other");

    private readonly SessionBook _book = new(Grace);

    private static UserName Name(string name) => UserName.Parse(name, out _)!.Value;

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private LoginOutcome.Accepted Login(string name, long connection = 1, string? token = null, double at = 0, bool hasGrace = true) =>
        Assert.IsType<LoginOutcome.Accepted>(_book.Login(Name(name), token, connection, hasGrace, At(at)));

    private LoginOutcome.Refused Refused(string name, string? token = null, double at = 0) =>
        Assert.IsType<LoginOutcome.Refused>(_book.Login(Name(name), token, 99, true, At(at)));

    [Fact]
    public void Should_give_a_fresh_session_when_the_name_is_free()
    {
        var ana = Login("Ana");
        Assert.Equal((false, 1, "Ana", null), (ana.Resumed, ana.Who.Generation, ana.Who.User.Value, ana.Replaces));
        Assert.Empty(ana.Rooms);
        Assert.Matches("^[0-9a-f]{32}$", ana.Token);
        var bob = Login("bob");
        Assert.NotEqual(ana.Token, bob.Token);
        Assert.True(bob.Who.Session.CompareTo(ana.Who.Session) > 0);
    }

    [Theory]
    [InlineData("Ana")]
    [InlineData("ana")]
    [InlineData("ANA")]
    public void Should_refuse_a_name_when_another_session_holds_it_in_whatever_case(string name)
    {
        Login("Ana");
        var refused = Refused(name);
        Assert.Equal((ErrorCodes.NameTaken, null), (refused.Code, refused.RetryAfter));
        Assert.Equal(ErrorCodes.NameTaken, Refused(name, token: "unknown").Code);
    }

    [Fact]
    public void Should_say_when_to_try_again_when_the_holder_is_gone()
    {
        _book.Disconnect(Login("ana").Who, At(10));
        Assert.Equal(At(12), Refused("ana", at: 13).RetryAfter);
        Assert.True(Refused("ana", at: 25).RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public void Should_resume_when_the_token_is_of_a_living_session()
    {
        var first = Login("ana", connection: 1);
        _book.EnterRoom(first.Who, Other);
        _book.EnterRoom(first.Who, General);
        _book.Disconnect(first.Who, At(1));
        var second = Login("ANA", connection: 2, first.Token, at: 2);
        Assert.Equal((true, 2, first.Who.Session, first.Token, null), (second.Resumed, second.Who.Generation, second.Who.Session, second.Token, second.Replaces));
        Assert.Equal([General, Other], second.Rooms);
        Assert.Empty(_book.Expire(At(100)));
    }

    [Fact]
    public void Should_name_the_connection_to_be_replaced_when_it_is_still_there()
    {
        var first = Login("ana", connection: 1);
        Assert.Equal(1, Login("ana", connection: 2, first.Token).Replaces);
        Assert.Equal(2, Login("ana", connection: 3, first.Token).Replaces);
    }

    [Fact]
    public void Should_stay_with_the_newer_connection_when_the_login_of_an_older_one_comes_late()
    {
        var first = Login("ana", connection: 1);
        var third = Login("ana", connection: 3, first.Token);
        Assert.IsType<LoginOutcome.Replaced>(_book.Login(Name("ana"), first.Token, 2, true, At(1)));
        Assert.True(_book.EnterRoom(third.Who, General));
        Assert.Equal(3, Login("ana", connection: 4, first.Token).Replaces);
    }

    [Fact]
    public void Should_resume_on_an_older_connection_when_the_newer_one_is_gone()
    {
        var first = Login("ana", connection: 1);
        _book.Disconnect(Login("ana", connection: 3, first.Token).Who, At(1));
        Assert.True(Login("ana", connection: 2, first.Token, at: 2).Resumed);
    }

    [Fact]
    public void Should_refuse_a_token_when_it_is_of_another_name()
    {
        var ana = Login("ana");
        Assert.Equal(ErrorCodes.BadSession, Refused("bob", ana.Token).Code);
        Assert.Equal(1, _book.Count);
    }

    [Fact]
    public void Should_begin_a_fresh_session_when_the_token_is_unknown_and_the_name_free()
    {
        var ana = Login("ana", token: "of-before-the-restart");
        Assert.False(ana.Resumed);
        Assert.NotEqual("of-before-the-restart", ana.Token);
        _book.Logout(ana.Who);
        Assert.False(Login("ana", token: ana.Token).Resumed);
    }

    [Fact]
    public void Should_end_a_session_with_its_rooms_when_its_grace_period_is_over()
    {
        var ana = Login("ana");
        _book.EnterRoom(ana.Who, General);
        _book.EnterRoom(ana.Who, Other);
        _book.LeaveRoom(ana.Who, Other);
        Assert.Null(_book.Disconnect(ana.Who, At(10)));
        Assert.Equal(At(25), _book.NextDeadline);
        Assert.Empty(_book.Expire(At(24.9)));
        var ended = Assert.Single(_book.Expire(At(25)));
        Assert.Equal((ana.Who, 0), (ended.Who, _book.Count));
        Assert.Equal([General], ended.Rooms);
        Assert.Empty(_book.Expire(At(99)));
    }

    [Fact]
    public void Should_count_the_grace_period_from_the_last_loss_when_it_was_resumed_between()
    {
        var first = Login("ana");
        _book.Disconnect(first.Who, At(0));
        var second = Login("ana", 2, first.Token, at: 14);
        _book.Disconnect(second.Who, At(14.5));
        Assert.Empty(_book.Expire(At(15)));
        Assert.Single(_book.Expire(At(29.5)));
    }

    [Fact]
    public void Should_free_the_name_at_once_when_the_session_logs_out_or_has_no_grace()
    {
        var ana = Login("ana");
        _book.EnterRoom(ana.Who, General);
        Assert.Equal([General], _book.Logout(ana.Who)!.Rooms);
        var again = Login("ana", hasGrace: false);
        _book.EnterRoom(again.Who, Other);
        Assert.Equal([Other], _book.Disconnect(again.Who, At(1))!.Rooms);
        Login("ana");
    }

    [Fact]
    public void Should_change_nothing_when_an_older_connection_speaks()
    {
        var old = Login("ana").Who;
        var now = Login("ana", 2, Login("ana", 2, TokenOf(old)).Token).Who;
        _book.EnterRoom(now, General);
        _book.EnterRoom(old, Other);
        _book.LeaveRoom(old, General);
        Assert.Null(_book.Disconnect(old, At(1)));
        Assert.Null(_book.Logout(old));
        Assert.Null(_book.NextDeadline);
        Assert.Equal([General], _book.Logout(now)!.Rooms);

        // Nor one of a session that ended, once another has the name.
        var later = Login("ana").Who;
        Assert.Null(_book.Logout(now));
        Assert.NotNull(_book.Logout(later));
    }

    private string TokenOf(Speaker who)
    {
        // The book gives a token to its own connection alone; so the session is made anew with a known one.
        _book.Logout(who);
        return Login(who.User.Value).Token;
    }

    private static readonly Gen<(int Kind, int User, int Token, double Wait)> Steps =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[0, 6], Gen.Double[0, 8]);

    [Fact]
    public void Should_have_one_holder_of_a_name_at_every_moment_whatever_happens() =>
        Steps.Array[0, 60].Sample(steps =>
        {
            var model = new Model();
            foreach (var step in steps)
                model.Take(step.Kind, step.User, step.Token, step.Wait);
        }, iter: 3_000);

    private sealed class Model
    {
        private sealed record Holder(Speaker Who, string Token, long? Connection, TimeSpan? Deadline);

        private readonly SessionBook _book = new(Grace);
        private readonly Dictionary<string, Holder> _holders = [];
        private readonly List<(Speaker Who, string Token)> _all = [];
        private TimeSpan _now;
        private long _lastConnection;

        public void Take(int kind, int user, int nth, double wait)
        {
            _now += TimeSpan.FromSeconds(wait);
            Expire();
            // Somebody of those who were ever accepted: often one whose time is over.
            var anyone = _all.Count > 0 ? _all[nth % _all.Count] : default;
            switch (kind)
            {
                case 0:
                    Login(Name($"u{user}"), null);
                    break;
                case 1:
                case 2:
                    Login(anyone.Who?.User ?? Name("u0"), anyone.Token, isLate: kind == 2 && wait < 4);
                    break;
                case 3 when anyone.Token is not null:
                    Login(Name($"u{user}"), anyone.Token);
                    break;
                case 4 when anyone.Who is not null:
                    var isHeld = IsHeld(anyone.Who);
                    Assert.Null(_book.Disconnect(anyone.Who, _now));
                    if (isHeld && _holders[anyone.Who.User.Folded] is { } lost)
                        _holders[anyone.Who.User.Folded] = lost with { Connection = null, Deadline = _now + Grace };
                    break;
                case 5 when anyone.Who is not null:
                    Assert.Equal(IsHeld(anyone.Who), _book.Logout(anyone.Who) is not null);
                    if (IsHeld(anyone.Who))
                        _holders.Remove(anyone.Who.User.Folded);
                    break;
            }
            Assert.Equal(_holders.Count, _book.Count);
        }

        private bool IsHeld(Speaker who) => _holders.TryGetValue(who.User.Folded, out var holder) && holder.Who == who;

        // Late: over a connection that was opened before another one, of which nothing was heard.
        private void Login(UserName name, string? token, bool isLate = false)
        {
            _lastConnection += 2;
            var connection = isLate ? _lastConnection - 3 : _lastConnection;
            var outcome = _book.Login(name, token, connection, hasGrace: true, _now);
            var ofToken = token is null ? null : _holders.Values.SingleOrDefault(holder => holder.Token == token);
            var holder = _holders.GetValueOrDefault(name.Folded);
            switch (outcome)
            {
                case LoginOutcome.Refused { Code: ErrorCodes.BadSession }:
                    Assert.NotEqual(name, ofToken!.Who.User);
                    break;
                case LoginOutcome.Refused refused:
                    Assert.Equal(ErrorCodes.NameTaken, refused.Code);
                    Assert.NotNull(holder);
                    Assert.Null(ofToken);
                    Assert.Equal(holder.Deadline - _now, refused.RetryAfter);
                    break;
                case LoginOutcome.Accepted accepted:
                    Assert.Equal(ofToken is not null, accepted.Resumed);
                    Assert.Equal(ofToken?.Who.User, holder?.Who.User);
                    Assert.Equal(holder?.Connection, accepted.Replaces);
                    Assert.False(accepted.Replaces > connection);
                    Assert.DoesNotContain(_all, before => before.Who == accepted.Who);
                    _holders[name.Folded] = new Holder(accepted.Who, accepted.Token, connection, null);
                    _all.Add((accepted.Who, accepted.Token));
                    break;
                case LoginOutcome.Replaced:
                    Assert.Equal((name, true), (ofToken!.Who.User, ofToken.Connection > connection));
                    break;
            }
        }

        private void Expire()
        {
            var due = _holders.Values.Where(holder => holder.Deadline <= _now).Select(holder => holder.Who).ToHashSet();
            Assert.Equal(due, _book.Expire(_now).Select(ended => ended.Who).ToHashSet());
            foreach (var who in due)
                _holders.Remove(who.User.Folded);
        }
    }

    [Fact]
    public void Should_refuse_a_name_that_is_reserved_however_it_is_written()
    {
        var book = new SessionBook(Grace, new HashSet<string> { "ci" });
        var refused = Assert.IsType<LoginOutcome.Refused>(book.Login(Name("CI"), null, 1, true, At(0)));
        Assert.Equal((ErrorCodes.NameTaken, null), (refused.Code, refused.RetryAfter));
        Assert.IsType<LoginOutcome.Accepted>(book.Login(Name("ci2"), null, 2, true, At(0)));
    }
}
