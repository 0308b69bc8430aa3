using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using Chat.Actors.Nodes;
using Chat.Actors.Rooms;
using Chat.Gateway.Sockets;

namespace Chat.Gateway.Web;

/// <summary>The cluster that this gateway is a node of, as operators and orchestrators ask for it.</summary>
internal sealed class ClusterApi(IRequiredActor<RoomsActor> rooms, ClusterView? cluster, Callers callers, Visitors visitors)
{
    private static readonly TimeSpan AskTime = TimeSpan.FromSeconds(5);

    /// <summary>Why the cluster keeps this node from being ready; null for a single gateway, too.</summary>
    public string? WhatFails() => cluster?.WhatFails();

    /// <summary><c>GET /api/cluster</c>: its members, and the rooms of each.</summary>
    public async Task ReadAsync(HttpContext context)
    {
        if (!await callers.MayReadAsync(context, visitors.BudgetOf(context)))
            return;
        if (cluster is null)
        {
            await Problems.WriteAsync(context, StatusCodes.Status404NotFound, "no_cluster", "This is a single gateway. --cluster-host makes it a node of a cluster.");
            return;
        }
        var bytes = Write(cluster, await rooms.ActorRef.Ask<DirectoryMessages.Picture>(DirectoryMessages.Look.Instance, AskTime, context.RequestAborted));
        (context.Response.ContentType, context.Response.ContentLength) = ("application/json", bytes.Length);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(bytes);
    }

    private static byte[] Write(ClusterView cluster, DirectoryMessages.Picture picture)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("self", cluster.Self);
            json.WriteStartArray("members");
            foreach (var member in cluster.Members())
            {
                var rooms = picture.Nodes.GetValueOrDefault(member.Key);
                json.WriteStartObject();
                json.WriteString("node", member.Node);
                json.WriteString("status", member.Status);
                json.WriteBoolean("reachable", member.IsReachable);
                json.WriteBoolean("arbiter", member.IsOldest);
                json.WriteString("program", member.Program);
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
}
