using Akka.Actor;
using Akka.TestKit;
using Chat.Actors.History;
using Chat.Actors.Rooms;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

public sealed class RetentionActorSpecs : ActorSpecs
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private readonly MemoryStore _store = new();
    private readonly TestProbe _rooms;

    public RetentionActorSpecs()
    {
        _rooms = CreateTestProbe();
        _store.Room(General).Fill(9, Time.Now).TrimTo = 4;
        _store.Room(Other).Fill(9, Time.Now).TrimTo = 10;
    }

    private IActorRef Start() => Sys.ActorOf(RetentionActor.Props(_store, _rooms, Every));

    private Task ShouldBeTrimmed(long general, long other) => AwaitAssertAsync(
        () => Assert.Equal((general, other), (_store.Room(General).First, _store.Room(Other).First)));

    // A sweep's end starts the timer for the next, so it is told by the next.
    private async Task NextSweep()
    {
        var sweeps = _store.Faults.Calls(StorageCall.Rooms);
        await AwaitAssertAsync(() =>
        {
            Advance(Every);
            Assert.True(_store.Faults.Calls(StorageCall.Rooms) > sweeps);
        });
        await _rooms.ExpectMsgAsync<ChildReports.Trim>();
    }

    [Fact]
    public async Task Should_trim_every_log_at_the_start_and_now_and_then()
    {
        Start();
        await _rooms.ExpectMsgAsync<ChildReports.Trim>();
        await ShouldBeTrimmed(4, 10);

        _store.Room(General).TrimTo = 6;
        await NextSweep();
        await ShouldBeTrimmed(6, 10);
    }

    [Fact]
    public async Task Should_leave_a_log_to_its_writer_when_it_has_one()
    {
        using var log = _store.Log(General);
        log.Open();
        Start();
        await ShouldBeTrimmed(1, 10);
        Assert.Equal(4, log.Trim());
    }

    [Fact]
    public async Task Should_go_on_with_the_others_when_one_can_not_be_trimmed()
    {
        _store.Faults.Fail(StorageCall.Trim);
        await EventFilter.Error(contains: "the room general can't be deleted").ExpectOneAsync(() =>
        {
            Start();
            return Task.CompletedTask;
        });
        await _rooms.ExpectMsgAsync<ChildReports.Trim>();
        await ShouldBeTrimmed(1, 10);
        await NextSweep();
        await ShouldBeTrimmed(4, 10);
    }

    [Fact]
    public async Task Should_try_again_later_when_the_rooms_can_not_be_listed()
    {
        _store.Faults.Fail(StorageCall.Rooms);
        await EventFilter.Error(contains: "can't be listed").ExpectOneAsync(() =>
        {
            Start();
            return Task.CompletedTask;
        });
        await _rooms.ExpectMsgAsync<ChildReports.Trim>();
        await NextSweep();
        await ShouldBeTrimmed(4, 10);
    }
}
