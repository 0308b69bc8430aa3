using System.Text;
using Chat.Actors.History;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.History;

public class CutFaultTests
{
    private static readonly byte[] Torn = Encoding.UTF8.GetBytes("{\"type\":\"message\",\"room\":\"gen");

    private readonly SimulatedLog _log = new(3);
    private readonly byte[] _whole;

    public CutFaultTests()
    {
        _whole = _log[_log.Segments[0]];
        _log[_log.Segments[0]] = [.. _whole, .. Torn];
    }

    [Theory]
    [InlineData(DiskCall.SetLength)]
    [InlineData(DiskCall.SyncFolder)]
    public void Should_keep_one_copy_however_often_the_cut_fails(DiskCall call)
    {
        using var store = _log.Store();
        using var log = store.Log(DataFolder.Room);
        _log.Disk.Fault = request => request.Call == call ? DiskFault.Error : null;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            Assert.Throws<StorageException>(log.Open);
            Assert.Equal([.. _whole, .. Torn], _log[_log.Segments[0]].AsEnumerable());
            Assert.Empty(_log.Cuts);
        }
        Assert.Empty(_log.Warnings);

        _log.Disk.Fault = null;

        Assert.Equal(3, log.Open().Last);
        Assert.Equal(Torn, _log[Assert.Single(_log.Cuts)]);
        Assert.Contains(_log.Cuts[0], Assert.Single(_log.Warnings).Problem);
    }

    [Fact]
    public void Should_tell_of_the_cut_when_it_is_not_durable_yet()
    {
        using var store = _log.Store();
        using var log = store.Log(DataFolder.Room);
        var cut = false;
        _log.Disk.Fault = request =>
        {
            cut |= request.Call == DiskCall.SetLength;
            return cut && request.Call == DiskCall.Sync ? DiskFault.Error : null;
        };
        Assert.Throws<StorageException>(log.Open);
        Assert.Contains(Assert.Single(_log.Cuts), Assert.Single(_log.Warnings).Problem);
        _log.Disk.Fault = null;

        var state = log.Open();
        Assert.Equal((_log.Epoch, 3), (state.Epoch, state.Last));
        _log.Disk.PowerCut(new Random(1));

        Assert.Equal(_whole, _log[_log.Segments[0]]);
        Assert.Equal(Torn, _log[Assert.Single(_log.Cuts)]);
        Assert.Single(_log.Warnings);
    }

    [Theory]
    [InlineData(DiskFault.Error)]
    [InlineData(DiskFault.NoSpace)]
    [InlineData(DiskFault.LateError)]
    [InlineData(DiskFault.Stop)]
    public void Should_keep_all_records_and_what_was_torn_off_when_a_call_fails(DiskFault fault)
    {
        for (var (number, more) = (1, true); more; number++)
        {
            var log = new SimulatedLog(3);
            log[log.Segments[0]] = [.. _whole, .. Torn];
            var at = log.Disk.Calls + number;
            log.Disk.Fault = request => request.Number == at ? fault : null;
            var faults = log.Disk.Faults;
            if (!TryOpen(log))
            {
                log.Disk.PowerCut(new Random(number));
                Assert.True(TryOpen(log), $"call {number}");
            }
            more = log.Disk.Faults > faults;

            Assert.Equal(_whole, log[log.Segments[0]]);
            Assert.InRange(log.Cuts.Count(copy => log[copy].AsSpan().SequenceEqual(Torn)), 1, 2);
            log.Disk.PowerCut(new Random(number));
            Assert.Equal(_whole, log[log.Segments[0]]);
            Assert.Contains(log.Cuts, copy => log[copy].AsSpan().SequenceEqual(Torn));
        }
    }

    private static bool TryOpen(SimulatedLog log)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            try
            {
                log.Open(out var state);
                Assert.Equal((log.Epoch, 3), (state.Epoch, state.Last));
                return true;
            }
            catch (StorageException)
            {
                if (!log.Disk.IsRunning)
                    return false;
            }
        }
        return false;
    }
}
