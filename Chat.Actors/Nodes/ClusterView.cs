using Akka.Actor;
using Akka.Cluster;

namespace Chat.Actors.Nodes;

/// <summary>A member of the cluster, as this node sees it.</summary>
/// <param name="Node">Its address, as HOST:PORT.</param>
/// <param name="Key">What <see cref="DirectoryMessages.Picture"/> knows it by.</param>
/// <param name="Status"><c>joining</c>, <c>up</c>, <c>leaving</c> and so on.</param>
/// <param name="IsReachable">This node, or one that this node hears of, reaches it.</param>
/// <param name="IsOldest">It arbitrates names.</param>
/// <param name="Program">The version of its program.</param>
public sealed record ClusterMember(string Node, string Key, string Status, bool IsReachable, bool IsOldest, string Program);

/// <summary>The cluster, as one of its nodes sees it at the moment. May be asked from any thread.</summary>
public sealed class ClusterView(ActorSystem system)
{
    private readonly Cluster _cluster = Cluster.Get(system);

    /// <summary>This node's address.</summary>
    public string Self => NameOf(_cluster.SelfAddress);

    /// <summary>Does something, on any thread, when the cluster has taken this node in.</summary>
    public void WhenIn(Action act) => _cluster.RegisterOnMemberUp(act);

    /// <summary>All members, in the order of their addresses.</summary>
    public IReadOnlyList<ClusterMember> Members()
    {
        var state = _cluster.State;
        var oldest = state.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving).Aggregate(
            (Member?)null, (oldest, member) => oldest is null || member.IsOlderThan(oldest) ? member : oldest);
        return
        [
            .. state.Members.Select(member => new ClusterMember(
                NameOf(member.Address), member.Address.ToString(), NameOf(member.Status), !state.Unreachable.Contains(member), member.Equals(oldest),
                member.AppVersion.Version)),
        ];
    }

    /// <summary>Why this node isn't to be sent clients; null where it is: the cluster has taken it in, and it reaches most of it.</summary>
    public string? WhatFails()
    {
        var (status, members, unreachable) = (_cluster.SelfMember.Status, _cluster.State.Members.Count, _cluster.State.Unreachable.Count);
        return status == MemberStatus.Removed ? "the cluster hasn't taken this node in yet"
            : status != MemberStatus.Up ? $"the cluster hasn't taken this node in, or lets it go (it is {NameOf(status)})"
            : unreachable * 2 > members ? $"only {members - unreachable} of the cluster's {members} nodes can be reached"
            : null;
    }

    private static string NameOf(Address node) => new ClusterSeed(node.Host, node.Port ?? 0).ToString();

    private static string NameOf(MemberStatus status) => status.ToString().ToLowerInvariant();
}
