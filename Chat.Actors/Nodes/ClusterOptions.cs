using System.Security.Cryptography.X509Certificates;

namespace Chat.Actors.Nodes;

/// <summary>This node's place in a cluster.</summary>
public sealed record ClusterOptions
{
    /// <summary>The host name or address that the other nodes reach it by, and that it listens on.</summary>
    public required string Host { get; init; }

    /// <summary>The port; 0 for any free one, which no other node can have as its seed.</summary>
    public int Port { get; init; } = 4053;

    /// <summary>Whether the host is an address of IPv6, or a name that has no other: then names are looked up as such.</summary>
    public bool IsIPv6 { get; init; }

    /// <summary>The nodes that are asked to be let in: the same list on all nodes, the first of which begins the cluster where none answers. Empty: it begins one by itself.</summary>
    public IReadOnlyList<ClusterSeed> Seeds { get; init; } = [];

    /// <summary>What it proves to the others who it is with, and they to it; null: no TLS.</summary>
    public ClusterTls? Tls { get; init; }
}

/// <summary>A node's address.</summary>
public sealed record ClusterSeed(string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

/// <summary>TLS between nodes, both of which show a certificate.</summary>
/// <param name="Certificate">The node's, with its key.</param>
/// <param name="Trusted">Those that the others' are issued by, or are.</param>
public sealed record ClusterTls(X509Certificate2 Certificate, X509Certificate2Collection Trusted)
{
    /// <summary>Whether another node's certificate is good.</summary>
    public bool IsGood(X509Certificate2? theirs)
    {
        if (theirs is null)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(theirs);
    }
}
