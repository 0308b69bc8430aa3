using Akka.Actor;
using Chat.Actors;
using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

public sealed class HistoryWriterSpecs : ActorSpecs
{
    private readonly MemoryStore _store = new();

    private MemoryRoom Stored => _store.Room(General);

    private readonly IActorRef _sync;

    public HistoryWriterSpecs() => _sync = Sys.ActorOf(HistorySyncActor.Props(_store));

    private IActorRef Start() => Sys.ActorOf(HistoryWriterActor.Props(_store.Log(General), _sync));

    private LogEntry Line(long seq) => new(seq, LogLine.Encode(General, seq, $"m{seq}", "ana", "hello", Time.Now));

    [Fact]
    public async Task Should_say_where_the_log_stands_when_it_is_opened()
    {
        Stored.Fill(3, Time.Now).DeleteBelow(2);
        Start().Tell(HistoryWriterActor.Open.Instance, TestActor);
        Assert.Equal(new LogState("epoch-1", 2, 3, Time.Now), (await ExpectMsgAsync<HistoryWriterActor.Opened>()).State);
    }

    [Fact]
    public async Task Should_answer_an_append_only_when_it_is_stored()
    {
        var writer = Start();
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Opened>();
        var hold = _store.Faults.Hold(StorageCall.Append);
        LogEntry[] batch = [Line(1), Line(2)];
        writer.Tell(new HistoryWriterActor.Append(batch), TestActor);
        await hold.Reached;
        Assert.False(HasMessages);
        hold.Release();
        Assert.Same(batch, (await ExpectMsgAsync<HistoryWriterActor.Appended>()).Batch);
        Assert.Equal(2, Stored.Last);
    }

    [Fact]
    public async Task Should_take_one_call_after_the_other()
    {
        var writer = Start();
        var open = _store.Faults.Hold(StorageCall.Open);
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        await open.Reached;
        writer.Tell(new HistoryWriterActor.Append([Line(1)]), TestActor);
        Assert.Equal(0, _store.Faults.Calls(StorageCall.Append));
        open.Release();
        await ExpectMsgAsync<HistoryWriterActor.Opened>();
        await ExpectMsgAsync<HistoryWriterActor.Appended>();
    }

    [Fact]
    public async Task Should_read_the_window_of_ids()
    {
        Stored.Fill(9, Time.Now);
        var writer = Start();
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Opened>();
        writer.Tell(new HistoryWriterActor.ReadWindow(new WindowQuery(Time.Now.AddDays(1), 2, 100, 1, 1_000)), TestActor);
        var window = (await ExpectMsgAsync<HistoryWriterActor.WindowRead>()).Window;
        Assert.Equal([8, 9], window.Ids.Select(id => id.Seq));
        Assert.Equal([9], window.Recent.Seqs());
    }

    private async Task<IActorRef> StartOpen()
    {
        var writer = Start();
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Opened>();
        return writer;
    }

    [Fact]
    public async Task Should_say_where_the_log_begins_when_it_was_trimmed_and_nothing_when_it_was_not()
    {
        Stored.Fill(9, Time.Now);
        var writer = await StartOpen();
        writer.Tell(HistoryWriterActor.Trim.Instance, TestActor);
        Stored.TrimTo = 4;
        writer.Tell(HistoryWriterActor.Trim.Instance, TestActor);
        Assert.Equal(4, (await ExpectMsgAsync<HistoryWriterActor.Trimmed>()).First);
        writer.Tell(HistoryWriterActor.Trim.Instance, TestActor);
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        Assert.Equal(4, (await ExpectMsgAsync<HistoryWriterActor.Opened>()).State.First);
    }

    [Fact]
    public async Task Should_trim_a_log_that_began_a_new_segment_behind_the_answer()
    {
        Stored.Fill(3, Time.Now);
        var writer = await StartOpen();
        Stored.TrimTo = 3;
        var trim = _store.Faults.Hold(StorageCall.Trim);
        writer.Tell(new HistoryWriterActor.Append([Line(4)]), TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Appended>();
        await trim.Reached;
        trim.Release();
        Assert.Equal(3, (await ExpectMsgAsync<HistoryWriterActor.Trimmed>()).First);
    }

    [Fact]
    public async Task Should_fail_what_was_sent_behind_a_trim_that_failed_until_the_log_is_open_again()
    {
        Stored.Fill(3, Time.Now);
        var writer = await StartOpen();
        var trim = _store.Faults.Hold(StorageCall.Trim);
        _store.Faults.Fail(StorageCall.Trim);
        writer.Tell(HistoryWriterActor.Trim.Instance, TestActor);
        await trim.Reached;
        object[] behind = [new HistoryWriterActor.Append([Line(4)]), new HistoryWriterActor.ReadWindow(new WindowQuery(Time.Now, 1, 1, 1, 1))];
        foreach (var request in behind)
            writer.Tell(request, TestActor);
        trim.Release();

        Assert.Same(HistoryWriterActor.Trim.Instance, (await ExpectMsgAsync<HistoryWriterActor.Failed>()).Request);
        foreach (var request in behind)
            Assert.Same(request, (await ExpectMsgAsync<HistoryWriterActor.Failed>()).Request);
        Assert.Equal(3, Stored.Last);
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Opened>();
        writer.Tell(behind[0], TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Appended>();
    }

    [Fact]
    public async Task Should_answer_an_append_that_shares_a_sync_only_when_that_is_done()
    {
        _store.SharesSyncs = true;
        var writer = await StartOpen();
        var sync = _store.Faults.Hold(StorageCall.Sync);
        writer.Tell(new HistoryWriterActor.Append([Line(1)]), TestActor);
        await sync.Reached;
        Assert.False(HasMessages);
        // What comes meanwhile waits for it.
        Stored.TrimTo = 2;
        writer.Tell(HistoryWriterActor.Trim.Instance, TestActor);
        sync.Release();
        await ExpectMsgAsync<HistoryWriterActor.Appended>();
        Assert.Equal(2, (await ExpectMsgAsync<HistoryWriterActor.Trimmed>()).First);
        Assert.Equal(1, Stored.Last);
    }

    [Fact]
    public async Task Should_share_the_next_sync_when_several_ask_during_one()
    {
        _store.SharesSyncs = true;
        var first = await StartOpen();
        IActorRef[] others = [await StartOpenIn("one"), await StartOpenIn("two"), await StartOpenIn("three")];
        var sync = _store.Faults.Hold(StorageCall.Sync);
        first.Tell(new HistoryWriterActor.Append([Line(1)]), TestActor);
        await sync.Reached;
        foreach (var (other, room) in others.Zip<IActorRef, string>(["one", "two", "three"]))
            other.Tell(new HistoryWriterActor.Append([new LogEntry(1, LogLine.Encode(RoomName.Trusted(room), 1, "m1", "ana", "hello", Time.Now))]), TestActor);
        await AwaitConditionAsync(() => Task.FromResult(_store.Faults.Calls(StorageCall.Append) == 4));
        // Each has appended, and asks behind that: none is answered before the first is.
        foreach (var other in others)
            await other.Ask<ActorIdentity>(new Identify(1));
        sync.Release();
        for (var i = 0; i < 4; i++)
            await ExpectMsgAsync<HistoryWriterActor.Appended>();
        Assert.Equal(2, _store.Syncs);
    }

    [Fact]
    public async Task Should_fail_an_append_when_the_sync_that_it_shared_failed_and_go_on_when_the_log_is_open_again()
    {
        _store.SharesSyncs = true;
        var writer = await StartOpen();
        _store.Faults.Fail(StorageCall.Sync);
        var append = new HistoryWriterActor.Append([Line(1)]);
        writer.Tell(append, TestActor);
        Assert.Same(append, (await ExpectMsgAsync<HistoryWriterActor.Failed>()).Request);
        Assert.Equal(0, Stored.Last);
        writer.Tell(append, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Failed>();
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Opened>();
        writer.Tell(append, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Appended>();
    }

    private async Task<IActorRef> StartOpenIn(string room)
    {
        var writer = Sys.ActorOf(HistoryWriterActor.Props(_store.Log(RoomName.Trusted(room)), _sync));
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Opened>();
        return writer;
    }

    [Theory]
    [InlineData(StorageCall.Open)]
    [InlineData(StorageCall.ReadWindow)]
    [InlineData(StorageCall.Append)]
    public async Task Should_say_what_failed_and_go_on_when_the_storage_fails(StorageCall call)
    {
        var writer = Start();
        object[] requests = [HistoryWriterActor.Open.Instance, new HistoryWriterActor.ReadWindow(new WindowQuery(Time.Now, 1, 1, 1, 1)), new HistoryWriterActor.Append([Line(1)])];
        _store.Faults.Fail(call);
        foreach (var request in requests)
        {
            writer.Tell(request, TestActor);
            if (await ExpectMsgAsync<object>() is not HistoryWriterActor.Failed failed)
                continue;
            Assert.Same(request, failed.Request);
            Assert.Contains(call.ToString(), failed.Cause.Message);
            break;
        }
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Opened>();
        writer.Tell(new HistoryWriterActor.Append([Line(1)]), TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Appended>();
    }

    [Fact]
    public async Task Should_end_its_log_when_it_stops()
    {
        var writer = Start();
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Opened>();
        Watch(writer);
        Sys.Stop(writer);
        await ExpectTerminatedAsync(writer);
        // Another may have it.
        Start().Tell(HistoryWriterActor.Open.Instance, TestActor);
        await ExpectMsgAsync<HistoryWriterActor.Opened>();
    }

    [Fact]
    public async Task Should_end_when_the_program_is_to_blame()
    {
        var writer = await ChildActorOfAsync(HistoryWriterActor.Props(_store.Log(General), _sync), "writer", StopOnFailure.Strategy);
        Watch(writer);
        _store.Faults.Fail(StorageCall.Open, with: new InvalidDataException("A fault of the program."));
        writer.Tell(HistoryWriterActor.Open.Instance, TestActor);
        await ExpectTerminatedAsync(writer);
    }
}
