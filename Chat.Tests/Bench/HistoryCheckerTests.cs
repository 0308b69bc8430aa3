using Chat.Bench.Crash;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class HistoryCheckerTests
{
    private const string Text = "hello";

    // Two writers, one message of each acked twice, one found in the history; two readers who saw all.
    private static readonly RoomHistory Good = new(
        "general",
        [Published("ana", "a1"), Published("ben", "b1"), Published("ana", "a2"), Published("ben", "b2")],
        [new("ana", "a1", 1), new("ben", "b1", 2), new("ana", "a2", 3), new("ana", "a1", 1)],
        [Reading("cleo", 1, 2, 3, 4), Reading("dora", 1, 2, 3, 4)],
        ["epoch-1"],
        [Logged(1, "ana", "a1"), Logged(2, "ben", "b1"), Logged(3, "ana", "a2"), Logged(4, "ben", "b2")]);

    [Fact]
    public void Should_find_nothing_when_all_is_as_it_should_be()
    {
        Assert.Empty(Check(Good).First);
        Assert.True(Check(Good).IsEmpty);
        Assert.True(Check(new RoomHistory("general", [], [], [], [], [])).IsEmpty);
        Assert.True(Check(new RoomHistory("general", [], [], [Reading("cleo")], [], [])).IsEmpty);
        Assert.True(Check(Good with { Epochs = ["epoch-1", "epoch-1"] }).IsEmpty);
    }

    [Fact]
    public void Should_let_two_users_have_the_same_id()
    {
        var history = new RoomHistory(
            "general", [Published("ana", "x"), Published("ben", "x")], [new("ben", "x", 2), new("ana", "x", 1)], [], [],
            [Logged(1, "ana", "x"), Logged(2, "ben", "x")]);
        Assert.True(Check(history).IsEmpty);
    }

    [Fact]
    public void Should_find_an_ack_that_is_not_in_the_log() => AssertFinds(
        Good with { Acks = [.. Good.Acks, new("ben", "b3", 5)] }, Offence.Lost, 1, "ben's b3 was acked as seq 5, and is not in the log");

    [Fact]
    public void Should_find_a_message_that_is_gone_from_the_end_of_the_log()
    {
        var history = Good with { Log = [.. Good.Log.SkipLast(1)], Acks = [.. Good.Acks, new("ben", "b2", 4)] };
        var offences = Check(history);
        Assert.Equal(2, offences[Offence.Lost]);
        Assert.Equal(2, offences[Offence.Wrong]);
        Assert.Equal(
        [
            "general: ben's b2 was published, and is not in the log",
            "general: ben's b2 was acked as seq 4, and is not in the log",
            "general: cleo was given seq 4, which is not in the log",
            "general: dora was given seq 4, which is not in the log",
        ], offences.First);
    }

    [Fact]
    public void Should_find_a_publish_that_is_not_in_the_log_though_it_was_never_acked() => AssertFinds(
        Good with { Published = [.. Good.Published, Published("ben", "b3")] }, Offence.Lost, 1, "ben's b3 was published, and is not in the log");

    [Fact]
    public void Should_find_an_ack_with_another_seq_than_the_logs() => AssertFinds(
        Good with { Acks = [new("ben", "b1", 3)] }, Offence.Wrong, 1, "ben's b1 was acked as seq 3, and is in the log as 2");

    [Fact]
    public void Should_find_acks_of_one_id_with_two_seqs() => AssertFinds(
        Good with { Acks = [.. Good.Acks, new("ana", "a2", 4)] }, Offence.Wrong, 1, "ana's a2 was acked as seq 3 and as 4");

    [Fact]
    public void Should_find_an_id_that_is_in_the_log_twice() => AssertFinds(
        Good with
        {
            Log = [.. Good.Log, Logged(5, "ana", "a2")],
            Readings = [Reading("cleo", 1, 2, 3, 4, 5)],
        },
        Offence.Twice, 1, "ana's a2 is in the log as seq 3 and 5");

    [Fact]
    public void Should_find_a_hole_in_the_log() => AssertFinds(
        Good with { Log = [.. Good.Log.SkipLast(1), Logged(7, "ben", "b2")], Readings = [] }, Offence.Lost, 3, "the log goes from seq 3 to 7");

    [Fact]
    public void Should_find_a_log_that_does_not_start_at_its_beginning() => AssertFinds(
        new RoomHistory("general", [Published("ana", "a1")], [], [], [], [Logged(2, "ana", "a1")]), Offence.Lost, 1, "the log goes from seq 0 to 2");

    [Fact]
    public void Should_find_a_log_that_is_not_in_order() => AssertFinds(
        Good with { Log = [Good.Log[0], Good.Log[1], Good.Log[3], Good.Log[2]], Readings = [] },
        Offence.OutOfOrder, 1, "the log has seq 3 after 4", others: 1);

    [Fact]
    public void Should_find_a_line_that_nobody_published() => AssertFinds(
        Good with { Published = [.. Good.Published.SkipLast(1)] }, Offence.Wrong, 1, "seq 4 is ben's b2, which nobody published");

    [Fact]
    public void Should_find_a_text_that_is_not_the_published_one() => AssertFinds(
        Good with { Published = [.. Good.Published.SkipLast(1), new("ben", "b2", ContentDigest.Of("other"))] },
        Offence.Wrong, 1, "seq 4, ben's b2, has another text than was published");

    [Fact]
    public void Should_find_a_writers_messages_that_changed_places() => AssertFinds(
        Good with { Published = [Good.Published[2], Good.Published[1], Good.Published[0], Good.Published[3]] },
        Offence.OutOfOrder, 1, "ana's a1 was sent after a2, and stands before it, as seq 1 before 3");

    [Fact]
    public void Should_find_what_a_reader_was_never_given()
    {
        AssertFinds(With(Reading("cleo", 1, 4)), Offence.Lost, 2, "cleo was never given 2 messages from seq 2 on");
        AssertFinds(With(Reading("cleo", 2, 3, 4)), Offence.Lost, 1, "cleo was never given 1 messages from seq 1 on");
        AssertFinds(With(Reading("cleo", 1, 2, 3)), Offence.Lost, 1, "cleo was never given 1 messages from seq 4 on");
        AssertFinds(With(Reading("cleo")), Offence.Lost, 4, "cleo was never given 4 messages from seq 1 on");
    }

    [Fact]
    public void Should_find_what_a_reader_was_given_twice()
    {
        AssertFinds(With(Reading("cleo", 1, 2, 2, 3, 4)), Offence.Twice, 1, "cleo was given seq 2 twice");
        AssertFinds(With(Reading("cleo", 1, 2, 3, 4, 2, 3, 4)), Offence.Twice, 3, "cleo was given seq 2 twice");
    }

    [Fact]
    public void Should_find_what_a_reader_was_given_out_of_order() =>
        AssertFinds(With(Reading("cleo", 1, 3, 2, 4)), Offence.OutOfOrder, 1, "cleo was given seq 2 after 3");

    [Fact]
    public void Should_find_what_a_reader_was_given_and_is_not_in_the_log() =>
        AssertFinds(With(Reading("cleo", 1, 2, 3, 4, 5)), Offence.Wrong, 1, "cleo was given seq 5, which is not in the log");

    [Fact]
    public void Should_find_a_reader_that_was_given_other_bytes_than_the_logs()
    {
        var reading = new Reading("cleo", [.. Reading("cleo", 1, 2, 3).Sightings, new Sighting(4, Line(3))]);
        AssertFinds(With(reading), Offence.Wrong, 1, "cleo was given seq 4 with other bytes than the log's");
    }

    [Fact]
    public void Should_find_an_epoch_that_changed() => AssertFinds(
        Good with { Epochs = ["epoch-1", "epoch-2"] }, Offence.Wrong, 1, "the epoch changed: epoch-1, epoch-2");

    [Fact]
    public void Should_count_all_and_name_the_first_when_much_is_broken()
    {
        var offences = new Offences();
        for (var number = 1; number <= 3 * Offences.Named; number++)
            HistoryChecker.Check(Good with { Readings = [Reading("cleo", 1, 1, 2, 3, 4)] }, offences);
        Assert.Equal(3 * Offences.Named, offences[Offence.Twice]);
        Assert.Equal(Offences.Named, offences.First.Count);
        Assert.False(offences.IsEmpty);
    }

    private static void AssertFinds(RoomHistory history, Offence kind, long count, string sentence, long others = 0)
    {
        var offences = Check(history);
        Assert.Equal(count, offences[kind]);
        Assert.Contains("general: " + sentence, offences.First);
        Assert.Equal(count + others, Enum.GetValues<Offence>().Sum(each => offences[each]));
    }

    private static Offences Check(RoomHistory history)
    {
        var offences = new Offences();
        HistoryChecker.Check(history, offences);
        return offences;
    }

    private static RoomHistory With(Reading reading) => Good with { Readings = [Good.Readings[1], reading] };

    private static PublishedMessage Published(string user, string id) => new(user, id, ContentDigest.Of(Text));

    private static LoggedMessage Logged(long seq, string user, string id) => new(seq, user, id, ContentDigest.Of(Text), Line(seq));

    private static Reading Reading(string reader, params long[] seqs) => new(reader, [.. seqs.Select(seq => new Sighting(seq, Line(seq)))]);

    private static ulong Line(long seq) => ContentDigest.Of($"line {seq}");
}
