using Chat.Bench.Measures;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class KernelQueueTests
{
    private static readonly string[] Lines =
    [
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
        "   0: 0100007F:1FF5 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21506 1 0000000086a1bc7f 100 0 0 10 0",
        "   1: 0100007F:1FF5 0100007F:9C40 01 00000100:00000007 01:00000014 00000000     0        0 21507 2 0000000086a1bc80 20 4 30 10 -1",
        "   2: 0100007F:1FF5 0100007F:9C41 01 0000000A:00000000 01:00000014 00000000     0        0 21508 2 0000000086a1bc81 20 4 30 10 -1",
        "   3: 0100007F:9C41 0100007F:1FF5 01 00000033:00000000 00:00000000 00000000     0        0 21509 1 0000000086a1bc82 20 4 30 10 -1",
        "",
    ];

    [Fact]
    public void Should_add_up_what_the_servers_connections_have_sent() => Assert.Equal(0x10A, KernelQueue.Bytes(Lines, 8_181));

    [Fact]
    public void Should_find_nothing_for_a_port_that_has_no_connections() => Assert.Equal(0, KernelQueue.Bytes(Lines, 81));
}
