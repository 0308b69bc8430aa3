using Chat.Actors;
using Chat.Actors.Rooms;
using Chat.Protocol;
using CsCheck;
using Xunit;

namespace Chat.Tests.Rooms;

/// <summary>Random lives of a room, failed batches and restarts among them, beside a model that is too simple to be wrong.</summary>
public sealed class RoomStateTests
{
    private abstract record Step
    {
        public sealed record Enter(int User, int Session, int Generation) : Step;

        public sealed record Leave(int User, int Session, int Generation) : Step;

        public sealed record Post(int User, int Session, int Generation, int Id, int Text) : Step;

        public sealed record BatchStored : Step;

        public sealed record BatchLost : Step;

        public sealed record Restart : Step;

        public sealed record ClockMoves(int Seconds) : Step;
    }

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (3, Gen.Select(Gen.Int[0, 2], Gen.Int[1, 2], Gen.Int[1, 2], (user, session, generation) => (Step)new Step.Enter(user, session, generation))),
        (1, Gen.Select(Gen.Int[0, 2], Gen.Int[1, 2], Gen.Int[1, 2], (user, session, generation) => (Step)new Step.Leave(user, session, generation))),
        (8, Gen.Select(Gen.Int[0, 2], Gen.Int[1, 2], Gen.Int[1, 2], Gen.Int[0, 9], Gen.Int[0, 1],
            (user, session, generation, id, text) => (Step)new Step.Post(user, session, generation, id, text))),
        (3, Gen.Const((Step)new Step.BatchStored())),
        (1, Gen.Const((Step)new Step.BatchLost())),
        (1, Gen.Const((Step)new Step.Restart())),
        (1, Gen.Int[-50, 50].Select(seconds => (Step)new Step.ClockMoves(seconds))));

    [Fact]
    public void Should_keep_its_promises_whatever_happens() =>
        Steps.Array[0, 60].Sample(steps =>
        {
            var world = new World();
            foreach (var step in steps)
                world.Take(step);
        }, iter: 3_000);

    private static readonly RoomName Room = RoomName.Trusted("general");

    private static Speaker Who(int user, int session, int generation) =>
        new(UserName.Parse($"User{user}", out _)!.Value, new SessionId(session * 10 + user), generation);

    private sealed record Line(long Seq, string Id, string User, string Text, DateTime Timestamp);

    private sealed class World
    {
        private readonly List<Line> _stored = [];
        private readonly List<Line> _waiting = [];
        private Dictionary<string, Speaker> _members = [];
        private DateTime _now = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        private RoomState _state = New();

        private static RoomState New() => new(Room, new IdWindow(TimeSpan.FromDays(1), 1_000, 100_000));

        public void Take(Step step)
        {
            switch (step)
            {
                case Step.Enter enter:
                    Enter(Who(enter.User, enter.Session, enter.Generation));
                    break;
                case Step.Leave leave:
                    Leave(Who(leave.User, leave.Session, leave.Generation));
                    break;
                case Step.Post post:
                    Post(Who(post.User, post.Session, post.Generation), $"id{post.Id}", $"text {post.Text}");
                    break;
                case Step.BatchStored when _waiting.Count > 0:
                    _stored.AddRange(_waiting);
                    _waiting.Clear();
                    _state.Apply(new RoomFact.Stored(_stored[^1].Seq));
                    break;
                case Step.BatchLost:
                    _waiting.Clear();
                    _state.Apply(new RoomFact.Lost());
                    break;
                case Step.Restart:
                    Restart();
                    break;
                case Step.ClockMoves moves:
                    _now += TimeSpan.FromSeconds(moves.Seconds);
                    break;
            }
            Check();
        }

        private void Enter(Speaker who)
        {
            var holder = _members.GetValueOrDefault(who.User.Folded);
            var isOutdated = holder is not null
                && (holder.Session == who.Session ? holder.Generation > who.Generation : holder.Session.Value > who.Session.Value);
            switch (_state.Decide(new RoomDemand.Enter(who), _now))
            {
                case RoomDecision.Refused refused:
                    Assert.True(isOutdated);
                    Assert.Equal(ErrorCodes.NotInRoom, refused.Code);
                    break;
                case RoomDecision.Happens happens:
                    Assert.False(isOutdated);
                    Assert.Equal(holder is not null && holder.Session != who.Session, happens.Facts.Any(fact => fact is RoomFact.Left));
                    foreach (var fact in happens.Facts)
                        _state.Apply(fact);
                    _members[who.User.Folded] = who;
                    break;
            }
        }

        private bool IsIn(Speaker who) =>
            _members.TryGetValue(who.User.Folded, out var holder) && holder.Session == who.Session && holder.Generation <= who.Generation;

        private void Leave(Speaker who)
        {
            switch (_state.Decide(new RoomDemand.Leave(who), _now))
            {
                case RoomDecision.Refused:
                    Assert.False(IsIn(who));
                    break;
                case RoomDecision.Happens happens:
                    Assert.True(IsIn(who));
                    foreach (var fact in happens.Facts)
                        _state.Apply(fact);
                    _members.Remove(who.User.Folded);
                    break;
            }
        }

        private void Post(Speaker who, string id, string text)
        {
            var seen = _stored.Concat(_waiting).SingleOrDefault(line => line.User == who.User.Folded && line.Id == id);
            switch (_state.Decide(new RoomDemand.Post(who, id, text), _now))
            {
                case RoomDecision.Refused { Code: ErrorCodes.NotInRoom }:
                    Assert.False(IsIn(who));
                    break;
                case RoomDecision.Refused refused:
                    Assert.Equal(ErrorCodes.IdConflict, refused.Code);
                    Assert.True(IsIn(who));
                    Assert.NotEqual(text, seen!.Text);
                    break;
                case RoomDecision.Known known:
                    Assert.True(IsIn(who));
                    Assert.Equal((seen!.Seq, seen.Timestamp, seen.Text, seen.Id), (known.Seq, known.Timestamp, text, known.Id));
                    Assert.Equal(_stored.Contains(seen), known.IsStored);
                    break;
                case RoomDecision.Happens happens:
                    Assert.True(IsIn(who));
                    Assert.Null(seen);
                    var posted = Assert.IsType<RoomFact.Posted>(Assert.Single(happens.Facts));
                    _state.Apply(posted);
                    _waiting.Add(new Line(posted.Seq, posted.Id, posted.Who.User.Folded, posted.Text, posted.Timestamp));
                    break;
            }
        }

        // What waits is lost with the process, and members come back as their relays attach them.
        private void Restart()
        {
            _waiting.Clear();
            _state = New();
            _state.Recover(_stored.Count, _stored.Count > 0 ? _stored[^1].Timestamp : null);
            foreach (var line in _stored)
                _state.Remember(line.User, line.Id, new SeenId(line.Seq, line.Timestamp, TextDigest.Of(line.Text)));
            var members = _members;
            _members = [];
            foreach (var member in members.Values)
                Enter(member);
        }

        private void Check()
        {
            var lines = _stored.Concat(_waiting).ToArray();
            Assert.Equal(Enumerable.Range(1, lines.Length).Select(seq => (long)seq), lines.Select(line => line.Seq));
            Assert.Equal(lines.Length, lines.Select(line => (line.User, line.Id)).Distinct().Count());
            Assert.All(lines.Zip(lines.Skip(1)), pair => Assert.True(pair.First.Timestamp <= pair.Second.Timestamp));
            Assert.Equal((lines.Length, _stored.Count), (_state.Last, _state.Stored));
            Assert.Equal(_members.Values.OrderBy(who => who.User.Folded), _state.Members.OrderBy(who => who.User.Folded));
            Assert.Equal(_members.Count, _state.Online);
        }
    }
}
