using Chat.Actors.History;
using Chat.Tests.Fakes;
using Xunit;
using Xunit.Sdk;

namespace Chat.Tests.History;

/// <summary>
/// Each call to the disk fails, or is the process's last, one after the other: loops over the number of the call until it is
/// beyond the last.
/// </summary>
public class EveryCallTests
{
    private const int Ends = 4;
    private const int Fewest = 20;

    [Theory]
    [InlineData(Durability.Always, DiskFault.Error, false)]
    [InlineData(Durability.Always, DiskFault.Error, true)]
    [InlineData(Durability.Always, DiskFault.NoSpace, false)]
    [InlineData(Durability.Always, DiskFault.NoSpace, true)]
    [InlineData(Durability.Always, DiskFault.LateError, false)]
    [InlineData(Durability.Always, DiskFault.LateError, true)]
    [InlineData(Durability.Never, DiskFault.Error, false)]
    [InlineData(Durability.Never, DiskFault.NoSpace, false)]
    [InlineData(Durability.Never, DiskFault.LateError, false)]
    public void Should_lose_and_invent_nothing_when_a_call_fails(Durability durability, DiskFault fault, bool sharesSyncs) => ForEveryCall(Ends, (number, seed) =>
    {
        var disk = new SimulatedDisk(seed);
        var log = new LogUnderFaults(disk, durability, sharesSyncs);
        disk.Fault = At(number, fault);
        Assert.True(log.Work());
        ShouldHoldAfterAnyEnd(log, end: seed, number);
        return disk.Faults > 0;
    });

    [Theory]
    [InlineData(Durability.Always, false, false)]
    [InlineData(Durability.Always, false, true)]
    [InlineData(Durability.Always, true, false)]
    [InlineData(Durability.Always, true, true)]
    [InlineData(Durability.Never, false, false)]
    [InlineData(Durability.Never, true, false)]
    public void Should_lose_nothing_it_promised_when_the_process_or_the_power_ends_in_a_call(Durability durability, bool cutPower, bool sharesSyncs) =>
        ForEveryCall(2 * Ends, (number, seed) =>
        {
            var disk = new SimulatedDisk(seed);
            var log = new LogUnderFaults(disk, durability, sharesSyncs);
            if (!EndsIn(log.Work, log, disk, number, cutPower))
                return false;
            ShouldHoldAfterAnyEnd(log, end: seed, number);
            return true;
        });

    [Theory]
    [InlineData(Durability.Always, DiskFault.Stop, false)]
    [InlineData(Durability.Always, DiskFault.Stop, true)]
    [InlineData(Durability.Always, DiskFault.Error, false)]
    [InlineData(Durability.Always, DiskFault.Error, true)]
    [InlineData(Durability.Always, DiskFault.NoSpace, false)]
    [InlineData(Durability.Always, DiskFault.NoSpace, true)]
    [InlineData(Durability.Always, DiskFault.LateError, false)]
    [InlineData(Durability.Always, DiskFault.LateError, true)]
    [InlineData(Durability.Never, DiskFault.Stop, false)]
    [InlineData(Durability.Never, DiskFault.Error, false)]
    [InlineData(Durability.Never, DiskFault.NoSpace, false)]
    [InlineData(Durability.Never, DiskFault.LateError, false)]
    public void Should_lose_nothing_it_promised_when_a_call_of_the_recovery_fails_too_and_the_power_is_cut(Durability durability, DiskFault fault, bool sharesSyncs) =>
        ForEveryCall(2, (number, seed) =>
        {
            for (var later = 1; ; later++)
            {
                var disk = new SimulatedDisk(seed + later);
                var log = new LogUnderFaults(disk, durability, sharesSyncs);
                if (!EndsIn(log.Continue, log, disk, number, cutPower: seed == 0))
                    return false;
                disk.Fault = At(disk.Calls + later, fault);
                log.Open();
                log.PowerCut(number + later);
                disk.Fault = null;
                ShouldHoldAfterAnyEnd(log, end: later, number);
                if (disk.Faults < 2)
                    return true;
            }
        });

    [Theory]
    [InlineData(Durability.Always, false)]
    [InlineData(Durability.Always, true)]
    [InlineData(Durability.Never, false)]
    public void Should_trust_no_later_sync_when_one_has_failed_whenever_the_process_or_the_power_ends(Durability durability, bool sharesSyncs)
    {
        foreach (var sync in SyncsOf(durability, sharesSyncs))
        {
            ForEveryCall(2, (number, seed) =>
            {
                var disk = new SimulatedDisk(seed);
                var log = new LogUnderFaults(disk, durability, sharesSyncs);
                disk.Fault = request => request.Number == sync ? DiskFault.Error : At(sync + number, DiskFault.Stop)(request);
                var ended = !log.Work();
                if (seed == 0)
                    log.PowerCut(number);
                else
                    log.Kill();
                disk.Fault = null;
                ShouldHoldAfterAnyEnd(log, end: number, sync);
                return ended;
            });
        }
    }

    [Fact]
    public void Should_make_all_durable_when_a_log_that_was_never_synced_is_opened_to_be() => ForEveryCall(Ends, (number, seed) =>
    {
        var disk = new SimulatedDisk(seed);
        var log = new LogUnderFaults(disk, Durability.Never);
        disk.Fault = At(number, DiskFault.Error);
        Assert.True(log.Work());
        log.Kill();
        log.Durability = Durability.Always;
        Assert.True(log.Open());
        log.PowerCut(number + seed);
        var more = disk.Faults > 0;
        disk.Fault = null;
        ShouldHoldAfterAnyEnd(log, end: seed, number);
        return more;
    });

    // Whether there was such a call.
    private static bool EndsIn(Func<bool> work, LogUnderFaults log, SimulatedDisk disk, int number, bool cutPower)
    {
        disk.Fault = At(number, DiskFault.Stop);
        if (work())
            return false;
        disk.Fault = null;
        if (cutPower)
            log.PowerCut(number);
        return true;
    }

    private static void ShouldHoldAfterAnyEnd(LogUnderFaults log, int end, int seed)
    {
        switch (end % Ends)
        {
            case 0:
                Assert.True(log.Open());
                log.PowerCut(seed);
                break;
            case 1:
                Assert.True(log.Open() && log.Append(1));
                log.PowerCut(seed);
                break;
            case 2:
                Assert.True(log.Continue());
                log.Kill();
                break;
            default:
                Assert.True(log.Continue());
                log.End();
                break;
        }
        Assert.True(log.Continue());
        log.End();
        log.PowerCut(seed);
        Assert.True(log.Open());
        log.End();
    }

    private static Func<DiskRequest, DiskFault?> At(int number, DiskFault fault) => request => request.Number == number ? fault : null;

    private static List<int> SyncsOf(Durability durability, bool sharesSyncs)
    {
        var syncs = new List<int>();
        var disk = new SimulatedDisk();
        disk.Fault = request =>
        {
            if (request.Call is DiskCall.Sync or DiskCall.SyncData or DiskCall.SyncVolume)
                syncs.Add(request.Number);
            return null;
        };
        Assert.True(new LogUnderFaults(disk, durability, sharesSyncs).Work());
        return syncs;
    }

    // Until it tells that there was no such call.
    private static void ForEveryCall(int seeds, Func<int, int, bool> run)
    {
        var (number, more) = (0, true);
        while (more)
        {
            (number, more) = (number + 1, false);
            for (var seed = 0; seed < seeds; seed++)
            {
                try
                {
                    more |= run(number, seed);
                }
                catch (Exception e)
                {
                    throw new XunitException($"Call {number}, seed {seed}: {e}");
                }
            }
        }
        Assert.True(number > Fewest, $"Only {number} calls were made: something ended the loop before its time.");
    }
}
