using Chat.Actors.History;
using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History.Contract;

/// <summary>Opening and appending, of any store.</summary>
public abstract class LogContract : IDisposable
{
    private protected LogContract(IStoredLogs logs) => Logs = logs;

    private protected IStoredLogs Logs { get; }

    public void Dispose()
    {
        Logs.Dispose();
        GC.SuppressFinalize(this);
    }

    [StoreFact]
    public void Should_have_no_log_of_a_room_that_nobody_wrote_in()
    {
        using var store = Logs.Open();
        using (var log = store.Log(DataFolder.Room))
        {
            var state = log.Open();

            Assert.Equal((1, 0, null), (state.First, state.Last, state.LastTimestamp));
            Assert.NotEmpty(state.Epoch);
            Assert.Empty(log.Read(DataFolder.Oldest(1, 0)).Entries);
            Assert.Empty(log.ReadWindow(new WindowQuery(DateTime.MinValue, 10, 10, 10, 1_000)).Ids);
            Assert.Empty(store.Rooms());
        }
        Assert.Empty(store.Rooms());
        store.Probe();
    }

    [StoreTheory]
    [InlineData(Durability.Always)]
    [InlineData(Durability.Never)]
    public void Should_give_back_the_exact_bytes_when_opened_again(Durability durability)
    {
        var options = new FileHistoryOptions { Durability = durability };
        var epoch = Logs.Write(7, options, batch: 3);

        using var store = Logs.Open(options);
        using var log = store.Log(DataFolder.Room);
        var state = log.Open();
        var page = log.Read(DataFolder.Oldest(1, 7));

        Assert.Equal(new LogState(epoch, 1, 7, DataFolder.TimeOf(7)), state);
        Assert.Equal(DataFolder.Seqs(1, 7), page.Entries.Seqs());
        page.ShouldBeAsWritten();
        Assert.Equal([DataFolder.Room], store.Rooms());
        Assert.Empty(Logs.Warnings);
    }

    [StoreFact]
    public void Should_keep_one_epoch_from_before_the_first_append()
    {
        string epoch;
        using (var store = Logs.Open())
        using (var log = store.Log(DataFolder.Room))
        {
            epoch = log.Open().Epoch;
            Assert.Equal(epoch, log.Open().Epoch);
            log.Append(DataFolder.Entries(1, 1));
            Assert.Equal(epoch, log.Open().Epoch);
            log.Append(DataFolder.Entries(2, 3));
        }

        Assert.Equal(epoch, Logs.Write(3));
        Assert.Empty(Logs.Warnings);
    }

    [StoreFact]
    public void Should_give_every_log_an_epoch_of_its_own()
    {
        using var store = Logs.Open();
        using var one = store.Log(DataFolder.Room);
        using var other = store.Log(RoomName.Trusted("other"));

        Assert.NotEqual(one.Open().Epoch, other.Open().Epoch);
    }

    [StoreFact]
    public void Should_list_the_rooms_by_their_names()
    {
        RoomName[] rooms = [.. new[] { "z\u00e9", "a", "b.c", "B" }.Select(name => RoomName.Parse(name, out _)!.Value)];
        using var store = Logs.Open();
        foreach (var room in rooms)
        {
            using var log = store.Log(room);
            log.Open();
            log.Append(DataFolder.Entries(1, 1));
        }

        Assert.Equal(rooms.Distinct().Order(), store.Rooms());
    }

    [StoreFact]
    public void Should_let_readers_read_while_it_is_appended_to()
    {
        using var store = Logs.Open();
        using var log = store.Log(DataFolder.Room);
        log.Open();
        log.Append(DataFolder.Entries(1, 1));
        var stored = 1L;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            for (long last; (last = Volatile.Read(ref stored)) < 60;)
            {
                var page = log.Read(DataFolder.Newest(1, last, 10));
                Assert.Equal(last, page.Through);
                Assert.Empty(page.Missing);
                page.ShouldBeAsWritten();
            }
        })).ToArray();
        for (var seq = 2; seq <= 60; seq += 2)
        {
            log.Append(DataFolder.Entries(seq, seq + 1));
            Volatile.Write(ref stored, seq + 1);
        }
        Task.WaitAll(readers);
    }

    [StoreFact]
    public void Should_hold_a_line_of_the_longest_message()
    {
        var text = string.Concat(Enumerable.Repeat("\u0001\\\"\U0001F600", 1_000));
        using var store = Logs.Open();
        using (var log = store.Log(DataFolder.Room))
        {
            log.Open();
            log.Append([DataFolder.Entry(1, text), DataFolder.Entry(2), DataFolder.Entry(3, text)]);
        }

        using var reopened = store.Log(DataFolder.Room);
        Assert.Equal(3, reopened.Open().Last);
        Assert.Equal([3], reopened.Read(DataFolder.Newest(1, 3, bytes: 100)).Entries.Seqs());
        Assert.Equal(DataFolder.Entry(1, text).Line, reopened.Read(DataFolder.Oldest(1, 3, bytes: 100)).Entries[0].Line.ToArray());
        Assert.Empty(Logs.Warnings);
    }

    [StoreFact]
    public void Should_refuse_what_would_break_the_log_for_good()
    {
        using var store = Logs.Open();
        using var log = store.Log(DataFolder.Room);
        Assert.Throws<InvalidOperationException>(() => log.Append(DataFolder.Entries(1, 1)));
        log.Open();

        Assert.Throws<ArgumentException>(() => log.Append(DataFolder.Entries(2, 2)));
        Assert.Throws<ArgumentException>(() => log.Append([DataFolder.Entry(1), DataFolder.Entry(3)]));
        Assert.Throws<ArgumentException>(() => log.Append([new LogEntry(1, "a\nb"u8.ToArray())]));
        Assert.Throws<ArgumentException>(() => log.Append([new LogEntry(1, new byte[1024 * 1024 + 1])]));
        Assert.Throws<ArgumentException>(() => log.Append([new LogEntry(1, new byte[512 * 1024]), new LogEntry(2, new byte[512 * 1024])]));

        log.Append([]);
        log.Append(DataFolder.Entries(1, 2));
        Assert.Equal([1, 2], log.Read(DataFolder.Oldest(1, 2)).Entries.Seqs());
    }
}
