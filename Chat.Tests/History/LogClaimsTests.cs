using Chat.Actors.History;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

public sealed class LogClaimsTests : IDisposable
{
    private readonly DataFolder _data = new();
    private readonly FileHistoryStore _store;
    private readonly FileRoomLog _one;
    private readonly FileRoomLog _other;
    private readonly LogClaims _claims = new();

    public LogClaimsTests()
    {
        _store = _data.Open();
        (_one, _other) = ((FileRoomLog)_store.Log(DataFolder.Room), (FileRoomLog)_store.Log(DataFolder.Room));
    }

    public void Dispose()
    {
        _store.Dispose();
        _data.Dispose();
    }

    [Fact]
    public void Should_let_one_have_it_until_it_is_released()
    {
        Assert.True(_claims.Claim(DataFolder.Room, _one));
        Assert.True(_claims.Claim(DataFolder.Room, _one));
        Assert.False(_claims.Claim(DataFolder.Room, _other));
        Assert.False(_claims.ClaimShortly(DataFolder.Room, _other));
        _claims.Release(DataFolder.Room, _other);
        Assert.False(_claims.Claim(DataFolder.Room, _other));
        _claims.Release(DataFolder.Room, _one);
        Assert.True(_claims.Claim(DataFolder.Room, _other));
    }

    [Fact]
    public async Task Should_wait_for_one_that_has_it_for_a_short_while()
    {
        Assert.True(_claims.ClaimShortly(DataFolder.Room, _one));
        Assert.True(_claims.Claim(DataFolder.Room, _one));
        var isReleased = false;
        var claim = Task.Run(() => (_claims.Claim(DataFolder.Room, _other), Volatile.Read(ref isReleased)));
        Assert.False(_claims.ClaimShortly(DataFolder.Room, _other));
        Volatile.Write(ref isReleased, true);
        _claims.Release(DataFolder.Room, _one);

        Assert.Equal((true, true), await claim);
    }

    [Fact]
    public async Task Should_open_a_log_whenever_it_is_being_trimmed_and_trim_it_whenever_it_is_not_open()
    {
        const int Rounds = 60;
        var time = new ManualTime();
        var options = new FileHistoryOptions
        {
            Time = time,
            Durability = Durability.Never,
            RetainBytes = 3_000,
            WindowAtLeast = 0,
        };
        using var data = new DataFolder();
        using var store = data.Open(options);
        var isOver = false;
        var trimmer = Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
                store.Trim(DataFolder.Room);
        });

        var last = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            using var log = store.Log(DataFolder.Room);
            Assert.Equal(last, log.Open().Last);
            log.Append(DataFolder.Entries(last + 1, last + 5));
            last += 5;
        }
        Volatile.Write(ref isOver, true);
        await trimmer;

        store.Trim(DataFolder.Room);
        using var reopened = store.Log(DataFolder.Room);
        var state = reopened.Open();
        Assert.InRange(state.First, last - 30, last - 5);
        Assert.Equal(DataFolder.Seqs(state.First, last), reopened.Read(DataFolder.Oldest(1, last)).Entries.Seqs());
        Assert.Empty(data.Warnings);
    }
}
