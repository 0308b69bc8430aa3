using Chat.Bench;
using Chat.Bench.Measures;
using Chat.Bench.Peers;
using Xunit;

namespace Chat.Tests.Bench.Compare;

public sealed class ManagedHeapTests
{
    [Fact]
    public async Task Should_have_collected_all_generations_when_it_was_asked_to()
    {
        var before = GC.CollectionCount(GC.MaxGeneration);
        await ManagedHeap.CollectAsync(Environment.ProcessId, CancellationToken.None);
        // As often as it takes until free memory is given back.
        Assert.InRange(GC.CollectionCount(GC.MaxGeneration) - before, 20, int.MaxValue);
    }

    [Fact]
    public async Task Should_ask_the_living_one_when_killed_processes_of_its_id_left_their_sockets()
    {
        string[] left = [.. Enumerable.Range(0, 20).Select(n => Path.Combine(Path.GetTempPath(), $"dotnet-diagnostic-{Environment.ProcessId}-{n}-socket"))];
        try
        {
            foreach (var path in left)
            {
                // A file where nobody listens: to connect to it is refused, as to a dead socket.
                await File.WriteAllTextAsync(path, "");
                File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
            }
            await ManagedHeap.CollectAsync(Environment.ProcessId, CancellationToken.None);
        }
        finally
        {
            foreach (var path in left)
                File.Delete(path);
        }
    }

    [Fact]
    public async Task Should_say_so_when_a_process_has_no_diagnostic_port()
    {
        var e = await Assert.ThrowsAsync<BenchException>(() => ManagedHeap.CollectAsync(1, CancellationToken.None));
        Assert.StartsWith("The process 1 has no diagnostic port", e.Message);
    }

    [Fact]
    public void Should_write_a_command_as_the_protocol_has_it() => Assert.Equal(
        [.. "DOTNET_IPC_V1\0"u8, 22, 0, 2, 1, 0, 0, 7, 8], ManagedHeap.Command(1, [7, 8]));
}

public sealed class DescriptorLimitTests
{
    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 524_288)]
    [InlineData("Max open files            1024                 unlimited            files     ", int.MaxValue)]
    [InlineData("Max processes             10                   10                   processes ", int.MaxValue)]
    public void Should_give_the_most_that_a_process_may_raise_it_to(string line, int expected) =>
        Assert.Equal(expected, DescriptorLimit.Most(["Limit                     Soft Limit           Hard Limit           Units     ", line]));
}
