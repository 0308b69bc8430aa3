using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Chat.Actors;
using Chat.Actors.Rooms;
using Chat.Protocol;

namespace Chat.Tests.Fakes;

/// <summary>An actor system whose timers ring when the time is moved, and never by themselves.</summary>
public abstract class ActorSpecs() : TestKit(Configuration)
{
    private const string Configuration = """
        akka.loglevel = INFO
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        akka.test.default-timeout = 30s
        akka.test.single-expect-default = 30s
        """ + "\n" + ChatHosting.Dispatchers;

    private protected ManualTime Time { get; } = new();

    private protected static readonly RoomName General = RoomName.Trusted("general");

    private protected static readonly RoomName Other = RoomName.Trusted("other");

    private protected static Speaker Speaker(string name, long session = 1, int generation = 1) =>
        new(UserName.Parse(name, out _)!.Value, new SessionId(session), generation);

    /// <summary>Moves the clock, and rings what is due.</summary>
    private protected void Advance(TimeSpan time)
    {
        Time.Advance(time);
        ((TestScheduler)Sys.Scheduler).Advance(time);
    }

    /// <summary>A probe asks an actor to answer <paramref name="message"/>: all that it was told before is done then.</summary>
    private protected async Task<T> Asked<T>(IActorRef actor, object message)
    {
        var probe = CreateTestProbe();
        // Not the answer, but that it takes a while.
        probe.IgnoreMessages(answer => answer is RoomReplies.Opening);
        actor.Tell(message, probe.Ref);
        return await probe.ExpectMsgAsync<T>();
    }

    /// <summary>What is addressed to a room, without the address.</summary>
    private protected IActorRef Opened(TestProbe rooms) => Sys.ActorOf(Props.Create(() => new Opener(rooms.Ref)));

    private sealed class Opener : UntypedActor
    {
        private readonly IActorRef _rooms;

        public Opener(IActorRef rooms) => _rooms = rooms;

        protected override void OnReceive(object message) => _rooms.Forward(message is Addressed addressed ? addressed.Command : message);
    }
}
