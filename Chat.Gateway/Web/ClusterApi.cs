using System.Text.Json;
using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using Chat.Actors.Nodes;
using Chat.Actors.Rooms;
using Chat.Gateway.Sockets;
using Microsoft.Net.Http.Headers;

namespace Chat.Gateway.Web;

/// <summary>The cluster that this gateway is a node of, as operators and orchestrators ask for it.</summary>
internal sealed class ClusterApi(ActorSystem system, IRequiredActor<RoomsActor> rooms, ClusterOptions? options, Callers callers, Visitors visitors)
{
    private static readonly TimeSpan AskTime = TimeSpan.FromSeconds(5);

    /// <summary>Null where this node is ready for clients: a single gateway, or one that the cluster has taken in and that reaches most of it.</summary>
    public string? WhatFails()
    {
        if (options is null)
            return null;
        var cluster = Cluster.Get(system);
        var (members, unreachable) = (cluster.State.Members, cluster.State.Unreachable);
        return cluster.SelfMember.Status != MemberStatus.Up
            ? $"the cluster hasn't taken this node in (it is {NameOf(cluster.SelfMember.Status)})"
            : unreachable.Count * 2 > members.Count
                ? $"only {members.Count - unreachable.Count} of the cluster's {members.Count} nodes can be reached"
                : null;
    }

    /// <summary><c>GET /api/cluster</c>: its members, and the rooms of each.</summary>
    public async Task ReadAsync(HttpContext context)
    {
        if (!await callers.MayReadAsync(context, visitors.BudgetOf(context)))
            return;
        if (options is null)
        {
            await Problems.WriteAsync(context, StatusCodes.Status404NotFound, "no_cluster", "This is a single gateway. --cluster-host makes it a node of a cluster.");
            return;
        }
        var picture = await rooms.ActorRef.Ask<DirectoryMessages.Picture>(DirectoryMessages.Look.Instance, AskTime, context.RequestAborted);
        var bytes = Write(Cluster.Get(system), picture);
        (context.Response.ContentType, context.Response.ContentLength) = ("application/json", bytes.Length);
        context.Response.Headers[HeaderNames.CacheControl] = "no-store";
        await context.Response.Body.WriteAsync(bytes);
    }

    private static byte[] Write(Cluster cluster, DirectoryMessages.Picture picture)
    {
        var state = cluster.State;
        var oldest = state.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving).Aggregate(
            (Member?)null, (oldest, member) => oldest is null || member.IsOlderThan(oldest) ? member : oldest);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("self", NameOf(cluster.SelfAddress));
            json.WriteStartArray("members");
            foreach (var member in state.Members)
            {
                var rooms = picture.Nodes.GetValueOrDefault(member.Address.ToString());
                json.WriteStartObject();
                json.WriteString("node", NameOf(member.Address));
                json.WriteString("status", NameOf(member.Status));
                json.WriteBoolean("reachable", !state.Unreachable.Contains(member));
                json.WriteBoolean("arbiter", member.Equals(oldest));
                json.WriteString("program", member.AppVersion.Version);
                json.WriteNumber("rooms", rooms?.Rooms ?? 0);
                json.WriteNumber("online", rooms?.Online ?? 0);
                json.WriteStartArray("names");
                foreach (var name in rooms?.Names ?? [])
                    json.WriteStringValue(name);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static string NameOf(Address node) => new ClusterSeed(node.Host, node.Port ?? 0).ToString();

    private static string NameOf(MemberStatus status) => status.ToString().ToLowerInvariant();
}
