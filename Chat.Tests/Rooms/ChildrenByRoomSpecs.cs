using Akka.Actor;
using Akka.TestKit;
using Chat.Actors;
using Chat.Actors.Rooms;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Rooms;

/// <summary>Every order in which a child's end and new messages for it can meet, each played step by step.</summary>
public sealed class ChildrenByRoomSpecs : ActorSpecs
{
    private sealed record Say(RoomName Room, string Text) : IWithRoom;

    // Tells the probe all it gets, and ends when the probe says so.
    private sealed class Child(IActorRef probe) : UntypedActor
    {
        public sealed record Obey;

        protected override void PreStart() => probe.Tell("started");

        protected override void OnReceive(object message)
        {
            if (message is Obey)
                Context.Stop(Self);
            else
                probe.Forward(message);
        }
    }

    private sealed class Parent : UntypedActor
    {
        private readonly ChildrenByRoom _children;

        public Parent(IActorRef probe) => _children = new ChildrenByRoom(
            Context, _ => Props.Create(() => new Child(probe)), (message, sender, child) => sender.Tell($"{((Say)message).Text} lost", child));

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case ChildReports.IOfItself report:
                    _children.Take(report, Sender);
                    break;
                case ChildReports.Stopped stopped:
                    _children.Stopped(stopped);
                    break;
                case IWithRoom toRoom:
                    _children.Forward(toRoom.Room, toRoom, Sender);
                    break;
                case RoomName room:
                    Sender.Tell(_children.Has(room));
                    break;
            }
        }
    }

    private readonly TestProbe _child;
    private readonly IActorRef _parent;

    public ChildrenByRoomSpecs()
    {
        _child = CreateTestProbe();
        _parent = Sys.ActorOf(Props.Create(() => new Parent(_child.Ref)), "parent");
    }

    private IActorRef Only => Assert.Single(((ActorRefWithCell)_parent).Children);

    private void Tell(string text) => _parent.Tell(new Say(General, text), TestActor);

    private async Task Expect(string text)
    {
        Assert.Equal(text, (await _child.ExpectMsgAsync<Say>()).Text);
        Assert.Equal(TestActor, _child.LastSender);
    }

    private async Task<IActorRef> StartedAsync()
    {
        Tell("first");
        await _child.ExpectMsgAsync("started");
        await Expect("first");
        return Only;
    }

    private async Task LetStop(IActorRef child)
    {
        _parent.Tell(new ChildReports.Idle(General), child);
        await _child.ExpectMsgAsync<ChildReports.Stop>();
    }

    [Fact]
    public async Task Should_hold_what_comes_for_a_stopping_child_until_its_successor_is_there()
    {
        var child = await StartedAsync();
        await LetStop(child);
        Tell("second");
        Tell("third");
        Assert.True(await Asked<bool>(_parent, General));
        Assert.False(_child.HasMessages);
        child.Tell(new Child.Obey());
        await _child.ExpectMsgAsync("started");
        await Expect("second");
        await Expect("third");
        Assert.NotEqual(child, Only);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Should_tell_whoever_comes_for_a_child_that_failed_and_give_its_successor_nothing_of_it(bool wasLetStop)
    {
        var child = await StartedAsync();
        if (wasLetStop)
            await LetStop(child);
        Tell("second");
        _parent.Tell(new ChildReports.Failed(General), child);
        if (!wasLetStop)
        {
            await Expect("second");
            await _child.ExpectMsgAsync<ChildReports.Stop>();
        }
        Tell("third");
        child.Tell(new Child.Obey());
        if (wasLetStop)
            await ExpectMsgAsync("second lost");
        await ExpectMsgAsync("third lost");
        Assert.Equal(child, LastSender);
        await AwaitAssertAsync(async () => Assert.False(await Asked<bool>(_parent, General)));
        Tell("fourth");
        await _child.ExpectMsgAsync("started");
        await Expect("fourth");
    }

    [Fact]
    public async Task Should_give_a_child_what_waited_when_it_has_something_to_do_again()
    {
        var child = await StartedAsync();
        await LetStop(child);
        Tell("second");
        _parent.Tell(new ChildReports.Busy(General), child);
        Tell("third");
        await Expect("second");
        await Expect("third");
        Assert.Equal(child, Only);
        // And may let it stop another time.
        await LetStop(child);
    }

    [Fact]
    public async Task Should_have_no_child_any_more_when_nothing_waited_for_it()
    {
        var child = await StartedAsync();
        await LetStop(child);
        child.Tell(new Child.Obey());
        await AwaitAssertAsync(async () => Assert.False(await Asked<bool>(_parent, General)));
    }

    [Fact]
    public async Task Should_tell_a_child_to_stop_once_when_it_says_twice_that_it_is_idle()
    {
        var child = await StartedAsync();
        await LetStop(child);
        _parent.Tell(new ChildReports.Idle(General), child);
        await Asked<bool>(_parent, General);
        Assert.False(_child.HasMessages);
    }

    [Fact]
    public async Task Should_heed_nobody_but_the_child_itself()
    {
        var child = await StartedAsync();
        _parent.Tell(new ChildReports.Idle(General), TestActor);
        Tell("second");
        await Expect("second");
        await LetStop(child);
        Tell("third");
        // What a predecessor said of itself comes late.
        _parent.Tell(new ChildReports.Busy(General), TestActor);
        await Asked<bool>(_parent, General);
        Assert.False(_child.HasMessages);
    }

    [Fact]
    public async Task Should_make_another_when_a_child_failed_that_was_not_let_stop()
    {
        var child = await StartedAsync();
        child.Tell(new Child.Obey());
        await AwaitAssertAsync(async () => Assert.False(await Asked<bool>(_parent, General)));
        Tell("second");
        await _child.ExpectMsgAsync("started");
        await Expect("second");
    }
}
