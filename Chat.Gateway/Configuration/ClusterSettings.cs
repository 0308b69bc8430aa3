using System.Globalization;
using System.Net;
using Chat.Actors.Nodes;

namespace Chat.Gateway.Configuration;

/// <summary>The settings of a node of a cluster.</summary>
internal static class ClusterSettings
{
    private const string Host = "cluster-host";

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        new(Host, "", "a host name or an IP address, one that the others can connect to", "Makes this gateway one of several that are one chat: where the others reach it, which is also where it listens for them. Needs --postgres.",
            (options, text) => Uri.CheckHostName(text) is not (UriHostNameType.Unknown or UriHostNameType.Basic) && !IsAny(text) ? options with { ClusterHost = text.ToLowerInvariant() } : null),
        new("cluster-port", "4053", "an integer from 0 to 65535 (0: any free one)", "The port that the other nodes reach it at.",
            (options, text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535 ? options with { ClusterPort = port } : null),
        new("cluster-seeds", "", "HOST:PORT of nodes, with commas between them", "Nodes that are asked to be let in, the same on all nodes; where none answers, the first of them begins the cluster. None: it begins one by itself.",
            (options, text) => Seeds(text) is { } seeds ? options with { ClusterSeeds = seeds } : null),
        new("cluster-certificate", "", "the path of a file", "The certificate that this node shows the others, in PEM, or with its key as PKCS#12 without a password: then nodes speak TLS, and take nobody without one.",
            (options, text) => text.Length > 0 ? options with { ClusterCertificate = text } : null),
        new("cluster-certificate-key", "", "the path of a file", "The key of that, in PEM, where it isn't in the same file.",
            (options, text) => text.Length > 0 ? options with { ClusterCertificateKey = text } : null),
        new("cluster-trust", "", "the path of a file", "Certificates, in PEM, that issued those of the other nodes. Default: the node's own certificate, which all nodes share then.",
            (options, text) => text.Length > 0 ? options with { ClusterTrust = text } : null),
        new("cluster-insecure", "no", "yes or no", "Lets nodes speak without TLS where others than this machine can reach them: whoever can connect to the cluster's port can do all that a node can.",
            (options, text) => text is "yes" or "no" ? options with { ClusterInsecure = text == "yes" } : null),
    ];

    /// <summary>What doesn't go together, a line for each.</summary>
    public static IEnumerable<string> Faults(GatewayOptions options)
    {
        if (options.ClusterHost is not { } host)
        {
            var unused = new[]
            {
                (options.ClusterSeeds.Count > 0, "--cluster-seeds"), (options.ClusterCertificate is not null, "--cluster-certificate"),
                (options.ClusterCertificateKey is not null, "--cluster-certificate-key"), (options.ClusterTrust is not null, "--cluster-trust"),
                (options.ClusterInsecure, "--cluster-insecure"),
            };
            foreach (var (_, option) in unused.Where(option => option.Item1))
                yield return $"{option}: it is of no use without --{Host}, which makes this gateway a node of a cluster.";
            yield break;
        }
        if (options.Postgres is null)
            yield return $"--{Host}: the nodes of a cluster share their history, so they need --postgres.";
        if (options.ClusterCertificate is null && (options.ClusterCertificateKey ?? options.ClusterTrust) is not null)
            yield return "--cluster-certificate-key and --cluster-trust are of no use without --cluster-certificate.";
        if (options.ClusterCertificate is null && !options.ClusterInsecure && !IsLoopback(host))
            yield return $"--{Host}: others than this machine can reach {host}, and whoever connects to the cluster's port can do all that a node can: read and write "
                + "every room. Give --cluster-certificate, so that nodes speak TLS and know each other; or, where nobody else is on that network, --cluster-insecure yes.";
    }

    // Nobody is reached at it.
    private static bool IsAny(string host) => IPAddress.TryParse(host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static ClusterSeed[]? Seeds(string text)
    {
        var seeds = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Seed).ToArray();
        return seeds.Any(seed => seed is null) ? null : [.. seeds.OfType<ClusterSeed>()];
    }

    private static ClusterSeed? Seed(string text) =>
        Uri.TryCreate("tcp://" + text, UriKind.Absolute, out var uri) && uri.Port > 0 && uri.PathAndQuery is "" or "/" && uri.UserInfo == "" && uri.Authority.Equals(text, StringComparison.OrdinalIgnoreCase)
            ? new ClusterSeed(uri.Host.Trim('[', ']'), uri.Port)
            : null;
}
