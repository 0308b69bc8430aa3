using Chat.Gateway.Configuration;
using Xunit;

namespace Chat.Tests.Hosting;

/// <summary>The options of a node: what they may say, and what doesn't go together.</summary>
public sealed class ClusterSettingsTests
{
    private const string Postgres = "--postgres=Host=127.0.0.1;Username=x;Password=y;Database=z";

    [Theory]
    [InlineData("--cluster-host=127.0.0.1", "they need --postgres")]
    [InlineData("--cluster-seeds=a:1", "--cluster-seeds: it is of no use without --cluster-host")]
    [InlineData("--cluster-certificate=a.pem", "--cluster-certificate: it is of no use without --cluster-host")]
    [InlineData("--cluster-certificate-key=a.key", "--cluster-certificate-key: it is of no use without --cluster-host")]
    [InlineData("--cluster-trust=a.pem", "--cluster-trust: it is of no use without --cluster-host")]
    [InlineData("--cluster-insecure=yes", "--cluster-insecure: it is of no use without --cluster-host")]
    [InlineData($"{Postgres} --cluster-host=10.0.0.1", "others than this machine can reach 10.0.0.1")]
    [InlineData($"{Postgres} --cluster-host=chat.example.org --cluster-insecure=no", "others than this machine can reach chat.example.org")]
    [InlineData($"{Postgres} --cluster-host=10.0.0.1 --cluster-insecure=yes --cluster-trust=a.pem", "no use without --cluster-certificate")]
    [InlineData($"{Postgres} --cluster-host=127.0.0.1 --cluster-certificate-key=a.key", "no use without --cluster-certificate")]
    [InlineData("--cluster-host=two_words!", "--cluster-host")]
    [InlineData("--cluster-host=0.0.0.0", "--cluster-host")]
    [InlineData("--cluster-host=::", "--cluster-host")]
    [InlineData("--cluster-port=65536", "--cluster-port")]
    [InlineData("--cluster-port=-1", "--cluster-port")]
    [InlineData("--cluster-port=+1", "--cluster-port")]
    [InlineData("--cluster-seeds=a", "--cluster-seeds")]
    [InlineData("--cluster-seeds=a:0", "--cluster-seeds")]
    [InlineData("--cluster-seeds=a:1,b", "--cluster-seeds")]
    [InlineData("--cluster-seeds=tcp://a:1", "--cluster-seeds")]
    [InlineData("--cluster-seeds=x@a:1", "--cluster-seeds")]
    [InlineData("--cluster-seeds=a:1/b", "--cluster-seeds")]
    [InlineData("--cluster-insecure=maybe", "--cluster-insecure")]
    public void Should_refuse_what_is_wrong_or_does_not_go_together(string options, string said)
    {
        var error = new StringWriter();
        var start = GatewayConfiguration.Read(options.Split(' '), TextWriter.Null, error);
        Assert.Equal((null, ExitCodes.Usage), (start.Options, start.ExitCode));
        Assert.Contains(said, error.ToString());
        Assert.Single(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("localhost")]
    [InlineData("::1")]
    public void Should_need_no_tls_where_this_machine_alone_can_reach_it(string host) =>
        Assert.Equal(host, Read(Postgres, $"--cluster-host={host}").ClusterHost);

    [Fact]
    public void Should_take_the_nodes_place_from_its_options()
    {
        var options = Read(Postgres, "--cluster-host=node-1.example.org", "--cluster-port=0", "--cluster-seeds=node-1.example.org:4053, 10.0.0.2:4054,[::1]:4055", "--cluster-insecure=yes");
        Assert.Equal(("node-1.example.org", 0), (options.ClusterHost, options.ClusterPort));
        Assert.Equal(["node-1.example.org:4053", "10.0.0.2:4054", "[::1]:4055"], options.ClusterSeeds.Select(seed => seed.ToString()));
        Assert.Equal(4053, Read(Postgres, "--cluster-host=127.0.0.1").ClusterPort);
    }

    [Fact]
    public void Should_take_a_node_for_the_same_however_its_name_is_spelled()
    {
        var options = Read(Postgres, "--cluster-host=Node-A", "--cluster-seeds=NODE-a:4053", "--cluster-insecure=yes");
        Assert.Equal(options.ClusterHost, Assert.Single(options.ClusterSeeds).Host);
    }

    [Fact]
    public void Should_keep_sessions_longer_in_a_cluster_unless_told_otherwise()
    {
        Assert.Equal(15, Read().GraceSeconds);
        Assert.Equal(45, Read(Postgres, "--cluster-host=127.0.0.1").GraceSeconds);
        Assert.Equal(7, Read(Postgres, "--cluster-host=127.0.0.1", "--grace-seconds=7").GraceSeconds);
    }

    private static GatewayOptions Read(params string[] arguments)
    {
        var error = new StringWriter();
        var start = GatewayConfiguration.Read(arguments, TextWriter.Null, error);
        Assert.True(start.Options is not null, error.ToString());
        return start.Options!;
    }
}
