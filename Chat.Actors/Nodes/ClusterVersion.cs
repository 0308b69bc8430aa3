using System.Globalization;
using Akka.Cluster;

namespace Chat.Actors.Nodes;

/// <summary>
/// The version of what nodes tell each other. Raised with a change that the one before can't read; two neighbouring versions work in one cluster, so that
/// its nodes can be renewed one after the other. A node that joins those of another is refused. To it belongs also what all have to reckon alike: to change how many shards there
/// are takes two versions that aren't neighbours.
/// </summary>
public static class ClusterVersion
{
    /// <summary>This program's.</summary>
    public const int Current = 1;

    // A member's roles are known to all from the moment it joins.
    private const string Role = "chat-version-";

    /// <summary>The role that tells a node's version.</summary>
    public static string RoleOf(int version) => Role + version.ToString(CultureInfo.InvariantCulture);

    /// <summary>A member's version; 0 for one that tells none.</summary>
    public static int Of(Member member) => member.Roles
        .Where(role => role.StartsWith(Role, StringComparison.Ordinal))
        .Select(role => int.TryParse(role.AsSpan(Role.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0)
        .FirstOrDefault();

    /// <summary>Whether nodes of two versions can be in one cluster.</summary>
    public static bool AreNeighbours(int one, int other) => Math.Abs(one - other) <= 1;
}
