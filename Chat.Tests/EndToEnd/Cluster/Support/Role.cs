namespace Chat.Tests.EndToEnd.Cluster.Support;

/// <summary>What a node is for.</summary>
public enum Role
{
    /// <summary>The room is on it.</summary>
    Owner,

    /// <summary>It arbitrates names.</summary>
    Arbiter,

    /// <summary>Both.</summary>
    OwnerAndArbiter,

    /// <summary>It has clients alone.</summary>
    Plain,
}
