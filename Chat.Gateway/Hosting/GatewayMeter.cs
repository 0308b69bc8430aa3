using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Hosting;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.Nodes;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;
using Chat.Gateway.Sockets;

namespace Chat.Gateway.Hosting;

/// <summary>What is looked at when it is asked for, beside what <see cref="ChatMeter"/> counts as it happens.</summary>
internal sealed class GatewayMeter
{
    public GatewayMeter(IMeterFactory meters, ClientConnections clients, ActorRegistry actors, ClusterView? cluster = null)
    {
        var meter = meters.Create(ChatMeter.Name);
        meter.CreateObservableUpDownCounter("chat.connections", () => clients.Count, "{connection}", "WebSockets that are open.");
        meter.CreateObservableUpDownCounter("chat.outbox.bytes", () => clients.Outboxes.Sum(outbox => (long)outbox.Waiting), "By", "Bytes that wait for connections.");
        meter.CreateObservableUpDownCounter(
            "chat.readers.behind", () => clients.Outboxes.Count(outbox => outbox.IsBehind), "{connection}", "Connections that are being fed from history: they join, come back, or are slow.");
        meter.CreateObservableGauge(
            "chat.mailbox.messages", () => Mailboxes(actors), "{message}", "Messages that wait in an actor's mailbox; of rooms, relays and connections, in the fullest of them.");
        if (cluster is null)
            return;
        meter.CreateObservableGauge("chat.cluster.members", () => cluster.Members().Count, "{node}", "Nodes of the cluster, as this one sees it; 0 while it isn't in.");
        meter.CreateObservableGauge("chat.cluster.unreachable", () => cluster.Members().Count(member => !member.IsReachable), "{node}", "Those of them that can't be reached.");
    }

    private static IEnumerable<Measurement<int>> Mailboxes(ActorRegistry actors)
    {
        if (Of<UserRegistryActor>(actors) is { } users)
            yield return new(Depth(users), Actor("users"));
        foreach (var (parent, name, child) in new[]
        {
            (Of<RoomsActor>(actors), "rooms", "room"), (Of<RelaysActor>(actors), "relays", "relay"), (Of<ConnectionsActor>(actors), "connections", "connection"),
        })
        {
            if (parent is null)
                continue;
            yield return new(Depth(parent), Actor(name));
            yield return new(parent.Children.OfType<ActorRefWithCell>().Select(Depth).DefaultIfEmpty().Max(), Actor(child));
        }
    }

    private static ActorRefWithCell? Of<T>(ActorRegistry actors) => actors.TryGet<T>(out var actor) ? actor as ActorRefWithCell : null;

    private static int Depth(ActorRefWithCell actor) => actor.Underlying.NumberOfMessages;

    private static KeyValuePair<string, object?> Actor(string name) => new("actor", name);
}
