using System.Text.Json.Nodes;

namespace Chat.Tests.EndToEnd.Cluster.Support;

/// <summary>The cluster as one of its nodes sees it.</summary>
internal sealed record ClusterView(IReadOnlyList<ClusterMember> Members)
{
    /// <summary>What <c>GET /api/cluster</c> answered.</summary>
    public static ClusterView Of(JsonNode json) => new([.. json["members"]!.AsArray().Select(member => new ClusterMember(
        member!["node"]!.ToString(), member["status"]!.ToString(), member["reachable"]!.GetValue<bool>(), member["arbiter"]!.GetValue<bool>(),
        [.. member["names"]!.AsArray().Select(name => name!.ToString())]))]);

    /// <summary>Whether it has so many nodes, all of them in it and in reach.</summary>
    public bool IsWhole(int nodes) => Members.Count == nodes && Members.All(member => member is { Status: "up", IsReachable: true });
}

/// <summary>A node as another sees it: by its address, and with the names of the rooms that are on it.</summary>
internal sealed record ClusterMember(string Node, string Status, bool IsReachable, bool IsArbiter, IReadOnlyList<string> Rooms);
