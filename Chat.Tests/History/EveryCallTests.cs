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
    private const int Seeds = 2;

    [Theory]
    [InlineData(Durability.Always, DiskFault.Error)]
    [InlineData(Durability.Always, DiskFault.NoSpace)]
    [InlineData(Durability.Always, DiskFault.LateError)]
    [InlineData(Durability.Never, DiskFault.Error)]
    [InlineData(Durability.Never, DiskFault.NoSpace)]
    [InlineData(Durability.Never, DiskFault.LateError)]
    public void Should_lose_and_invent_nothing_when_a_call_fails(Durability durability, DiskFault fault)
    {
        ForEveryCall((disk, number, seed) =>
        {
            var log = new LogUnderFaults(disk, durability);
            disk.Fault = At(number, fault);
            Assert.True(log.Work());
            ShouldHoldAfterAnyEnd(log, seed);
        });
    }

    [Theory]
    [InlineData(Durability.Always)]
    [InlineData(Durability.Never)]
    public void Should_lose_and_invent_nothing_when_the_process_ends_in_a_call(Durability durability)
    {
        ForEveryCall((disk, number, seed) =>
        {
            var log = new LogUnderFaults(disk, durability);
            disk.Fault = At(number, DiskFault.Stop);
            if (log.Work())
                log.Kill();
            disk.Fault = null;
            ShouldHoldAfterAnyEnd(log, seed);
        });
    }

    [Theory]
    [InlineData(Durability.Always)]
    [InlineData(Durability.Never)]
    public void Should_lose_nothing_that_is_synced_when_the_power_is_cut_in_a_call(Durability durability)
    {
        ForEveryCall((disk, number, seed) =>
        {
            var log = new LogUnderFaults(disk, durability);
            disk.Fault = At(number, DiskFault.Stop);
            log.Work();
            log.PowerCut(seed);
            disk.Fault = null;
            ShouldHoldAfterAnyEnd(log, seed);
        });
    }

    [Theory]
    [InlineData(Durability.Always)]
    [InlineData(Durability.Never)]
    public void Should_lose_nothing_that_is_synced_when_the_power_is_cut_again_while_it_recovers(Durability durability)
    {
        ForEveryCall((number, seed) =>
        {
            var ended = false;
            for (var later = 1; !ended || later == 1; later++)
            {
                var disk = new SimulatedDisk(seed + later);
                var log = new LogUnderFaults(disk, durability);
                disk.Fault = At(number, DiskFault.Stop);
                if (log.Begin())
                    return false;
                if (seed % 2 == 0)
                    log.PowerCut(seed);
                disk.Fault = At(disk.Calls + later, DiskFault.Stop);
                ended = log.Open();
                log.PowerCut(seed + later);
                disk.Fault = null;
                ShouldHoldAfterAnyEnd(log, seed + later);
            }
            return true;
        });
    }

    [Theory]
    [InlineData(Durability.Always)]
    [InlineData(Durability.Never)]
    public void Should_trust_no_later_sync_when_one_has_failed_whenever_the_process_or_the_power_ends(Durability durability)
    {
        foreach (var sync in SyncsOf(durability))
        {
            ForEveryCall((number, seed) =>
            {
                var disk = new SimulatedDisk(seed);
                var log = new LogUnderFaults(disk, durability);
                disk.Fault = request => request.Number == sync ? DiskFault.Error : At(sync + number, DiskFault.Stop)(request);
                if (log.Work())
                    log.Kill();
                else if (seed % 2 == 0)
                    log.PowerCut(seed);
                disk.Fault = null;
                ShouldHoldAfterAnyEnd(log, seed + number);
                return disk.Faults == 2;
            });
        }
    }

    private static void ShouldHoldAfterAnyEnd(LogUnderFaults log, int seed)
    {
        Assert.True(log.Continue());
        switch (seed % 3)
        {
            case 0:
                log.End();
                break;
            case 1:
                log.Kill();
                break;
            default:
                log.PowerCut(seed);
                break;
        }
        Assert.True(log.Continue());
        log.End();
        log.PowerCut(seed + 1);
        Assert.True(log.Open());
        log.End();
    }

    private static Func<DiskRequest, DiskFault?> At(int number, DiskFault fault) => request => request.Number == number ? fault : null;

    private static List<int> SyncsOf(Durability durability)
    {
        var syncs = new List<int>();
        var disk = new SimulatedDisk();
        disk.Fault = request =>
        {
            if (request.Call is DiskCall.Sync or DiskCall.SyncData)
                syncs.Add(request.Number);
            return null;
        };
        Assert.True(new LogUnderFaults(disk, durability).Work());
        return syncs;
    }

    private static void ForEveryCall(Action<SimulatedDisk, int, int> run) => ForEveryCall((number, seed) =>
    {
        var disk = new SimulatedDisk(seed);
        run(disk, number, seed);
        return disk.Faults > 0;
    });

    // Until it tells that there was no such call.
    private static void ForEveryCall(Func<int, int, bool> run)
    {
        var more = true;
        for (var number = 1; more; number++)
        {
            for (var seed = 0; seed < Seeds && more; seed++)
            {
                try
                {
                    more = run(number, seed);
                }
                catch (Exception e)
                {
                    throw new XunitException($"Call {number}, seed {seed}: {e}");
                }
            }
        }
    }
}
