using Chat.Actors;
using Chat.Actors.Users;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.Users;

/// <summary>
/// Connections that race for one name, in every order in which what each of them does, and time, can fall between the others: beside a
/// list of sessions that is searched from end to end.
/// </summary>
public sealed class SessionRaceTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly RoomName General = RoomName.Trusted("general");
    private static readonly RoomName Other = RoomName.Trusted("other");

    private delegate void Step(Race race);

    [Fact]
    public void Should_have_one_holder_when_two_log_in_at_once() => RaceAll(
        [Login("a"), Enter("a", General), Logout("a")],
        [Login("b"), Enter("b", Other), Lose("b"), Login("b2")],
        [Pass(Grace)]);

    [Fact]
    public void Should_go_over_to_the_newer_connection_when_it_resumes_while_the_older_lives() => RaceAll(
        [Enter("first", Other), Leave("first", General), Lose("first")],
        [Resume("second"), Enter("second", General), Lose("second")],
        [Login("thief")],
        [Pass(Grace)]);

    [Fact]
    public void Should_resume_to_the_last_millisecond_and_not_behind_it_when_the_connection_is_lost() => RaceAll(
        [Lose("first")],
        [Pass(Grace - Millisecond), Pass(Millisecond)],
        [Resume("second"), Enter("second", Other)],
        [Login("thief")]);

    [Fact]
    public void Should_end_or_go_on_as_a_whole_when_a_logout_races_a_resume() => RaceAll(
        [Logout("first"), Lose("first")],
        [Resume("second"), Enter("second", General), Logout("second")],
        [Resume("third"), Lose("third")],
        [Pass(Grace)]);

    [Fact]
    public void Should_change_nothing_when_older_connections_end_late() => RaceAll(
        [Lose("first")],
        [Resume("second"), Lose("second")],
        [Resume("third"), Enter("third", Other), Leave("third", General)],
        [Pass(Grace - Millisecond), Pass(Millisecond)]);

    [Fact]
    public void Should_never_go_back_to_an_older_connection_when_its_login_comes_late() => RaceAll(
        [Open("second"), Resume("second"), Enter("second", Other)],
        [Open("third"), Resume("third"), Leave("third", General), Lose("third")],
        [Lose("first")],
        [Pass(Grace)]);

    // Each takes its steps in their order; all begin with one who is in the general room.
    private static void RaceAll(params Step[][] connections)
    {
        var races = 0;
        var order = new List<Step>();
        Extend(new int[connections.Length]);
        Assert.True(races > 20, $"There are {races} orders only.");

        void Extend(int[] taken)
        {
            var isWhole = true;
            for (var i = 0; i < connections.Length; i++)
            {
                if (taken[i] == connections[i].Length)
                    continue;
                isWhole = false;
                order.Add(connections[i][taken[i]++]);
                Extend(taken);
                taken[i]--;
                order.RemoveAt(order.Count - 1);
            }
            if (!isWhole)
                return;
            races++;
            var race = new Race();
            foreach (var step in order)
                step(race);
            race.End();
        }
    }

    private static Step Open(string connection) => race => race.Open(connection);

    private static Step Login(string connection) => race => race.Login(connection, null);

    private static Step Resume(string connection) => race => race.Login(connection, race.Token);

    private static Step Enter(string connection, RoomName room) => race => race.Enter(connection, room);

    private static Step Leave(string connection, RoomName room) => race => race.Leave(connection, room);

    private static Step Lose(string connection) => race => race.Lose(connection);

    private static Step Logout(string connection) => race => race.Logout(connection);

    private static Step Pass(TimeSpan time) => race => race.Pass(time);

    private sealed class Race
    {
        private sealed class Holder(Speaker who, string token)
        {
            public Speaker Who { get; set; } = who;

            public string Token => token;

            public TimeSpan? Deadline { get; set; }

            public HashSet<RoomName> Rooms { get; } = [];
        }

        private static readonly UserName Name = UserName.Parse("ana", out _)!.Value;

        private readonly SessionBook _book = new(Grace);
        private readonly Dictionary<string, Speaker> _speakers = [];
        private readonly Dictionary<string, long> _numbers = [];
        private Holder? _holder;
        private long? _connected;
        private TimeSpan _now;

        public Race()
        {
            Login("first", null);
            Token = _holder!.Token;
            Enter("first", General);
        }

        /// <summary>The first session's.</summary>
        public string Token { get; }

        public void Open(string connection) => _numbers[connection] = _numbers.Count + 1;

        public void Login(string connection, string? token)
        {
            if (!_numbers.ContainsKey(connection))
                Open(connection);
            var outcome = _book.Login(Name, token, _numbers[connection], hasGrace: true, _now);
            if (_holder is { } holder && holder.Token != token)
            {
                var refused = Assert.IsType<LoginOutcome.Refused>(outcome);
                Assert.Equal((ErrorCodes.NameTaken, holder.Deadline - _now), (refused.Code, refused.RetryAfter));
                return;
            }
            if (_holder is not null && _connected > _numbers[connection])
            {
                Assert.IsType<LoginOutcome.Replaced>(outcome);
                return;
            }
            var accepted = Assert.IsType<LoginOutcome.Accepted>(outcome);
            Assert.Equal(_holder is not null, accepted.Resumed);
            Assert.Equal(_holder is null ? null : _connected, accepted.Replaces);
            Assert.Equal((_holder?.Rooms ?? []).Order(), accepted.Rooms);
            Assert.Equal(_holder is null ? 1 : _holder.Who.Generation + 1, accepted.Who.Generation);
            _holder ??= new Holder(accepted.Who, accepted.Token);
            (_holder.Who, _holder.Deadline, _connected) = (accepted.Who, null, _numbers[connection]);
            _speakers[connection] = accepted.Who;
        }

        public void Enter(string connection, RoomName room)
        {
            if (!_speakers.TryGetValue(connection, out var who))
                return;
            Assert.Equal(IsHeldBy(who), _book.EnterRoom(who, room));
            if (IsHeldBy(who))
                _holder!.Rooms.Add(room);
        }

        public void Leave(string connection, RoomName room)
        {
            if (!_speakers.TryGetValue(connection, out var who))
                return;
            _book.LeaveRoom(who, room);
            if (IsHeldBy(who))
                _holder!.Rooms.Remove(room);
        }

        public void Lose(string connection)
        {
            if (!_speakers.Remove(connection, out var who))
                return;
            Assert.Null(_book.Disconnect(who, _now));
            if (IsHeldBy(who))
                (_holder!.Deadline, _connected) = (_now + Grace, null);
        }

        public void Logout(string connection)
        {
            if (_speakers.TryGetValue(connection, out var who))
                Ends(_book.Logout(who), IsHeldBy(who));
        }

        public void Pass(TimeSpan time)
        {
            _now += time;
            Ends(_book.Expire(_now).SingleOrDefault(), _holder?.Deadline <= _now);
        }

        // Whoever is still there goes: nothing stays behind.
        public void End()
        {
            Assert.Equal(_holder is null ? 0 : 1, _book.Count);
            foreach (var connection in _speakers.Keys.ToArray())
                Lose(connection);
            Pass(Grace);
            Assert.Equal((0, null), (_book.Count, _book.NextDeadline));
        }

        private void Ends(EndedSession? ended, bool isDue)
        {
            Assert.Equal(isDue, ended is not null);
            Assert.Equal(isDue ? _holder!.Rooms.ToHashSet() : [], ended?.Rooms.ToHashSet() ?? []);
            if (isDue)
                _holder = null;
        }

        private bool IsHeldBy(Speaker who) => _holder?.Who == who;
    }
}
