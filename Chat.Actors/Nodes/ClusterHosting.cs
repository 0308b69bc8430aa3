using System.Globalization;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Hosting;
using Akka.Remote.Transport.DotNetty;
using Chat.Actors.Connections;
using Chat.Actors.History;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;

namespace Chat.Actors.Nodes;

/// <summary>Puts the chat of one node into an actor system that is part of a cluster.</summary>
public static class ClusterHosting
{
    // A few for each of some tens of nodes; where a node comes or goes, each of its shards takes two writes one after the other, to a majority.
    private const int Shards = 64;

    private const string RoomType = "room";
    private const string NamesName = "names";

    // What moves at once, where a node came: a shard's rooms are open again in a moment.
    private const int ShardsAtOnce = 16;

    private static string Configuration(ClusterOptions options) => $$"""
        akka {
          actor.provider = cluster
          remote {
            # A node that started anew is reached again at once.
            retry-gate-closed-for = 1s
            # Who watches an actor of another node is told its end at once, where thousands end with their node as well.
            resend-limit = 1000
            resend-interval = 500ms
            system-message-buffer-size = 200000
            log-remote-lifecycle-events = off
            dot-netty.tcp {
              hostname = "{{options.Host}}"
              port = {{options.Port.ToString(CultureInfo.InvariantCulture)}}
              dns-use-ipv6 = {{(options.IsIPv6 ? "on" : "off")}}
              maximum-frame-size = 8MiB
              send-buffer-size = 1MiB
              receive-buffer-size = 1MiB
              # One that was begun while the network was cut would else keep back heartbeats for longer than a node is waited for, when it is back.
              connection-timeout = 3s
              enable-ssl = {{(options.Tls is null ? "off" : "on")}}
              # Else a second program could have the same port, beside this one.
              tcp-reuse-addr = off
              # Held back, a publish would wait for others.
              batching.enabled = off
            }
          }
          cluster {
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver {
              active-strategy = keep-majority
              stable-after = 5s
            }
            # Two owners of a room can't both write its log, so none has to wait until the other must be gone.
            down-removal-margin = 1ms
            # More than the 3 s that a busy machine may keep a node from saying that it lives.
            failure-detector.acceptable-heartbeat-pause = 4s
            run-coordinated-shutdown-when-down = on
            # All that is looked at once a second otherwise, a lost node's rooms wait for.
            unreachable-nodes-reaper-interval = 250ms
            leader-actions-interval = 250ms
            gossip-interval = 500ms
            log-info = off
            roles = [{{ClusterVersion.RoleOf(ClusterVersion.Current)}}]
            singleton.hand-over-retry-interval = 200ms
            singleton.min-number-of-hand-over-retries = 50
            sharding {
              state-store-mode = ddata
              passivate-idle-entity-after = off
              retry-interval = 250ms
              waiting-for-state-timeout = 1s
              updating-state-timeout = 1s
              # A majority, and no more: a room's row in the database keeps out who knows no better.
              coordinator-state { write-majority-plus = 0, read-majority-plus = 0 }
              distributed-data.majority-min-cap = 2
              coordinator-failure-backoff = 1s
              # A word of a handover may be lost as a connection breaks, and the shard's rooms wait for it: longer than they take to store what they have.
              handoff-timeout = 10s
              rebalance-interval = 2s
              # Of what is replicated nothing is to outlive the nodes.
              distributed-data.durable.keys = []
            }
          }
          coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout = 10s
        }
        """;

    /// <summary>Makes the actor system a node of a cluster, which it joins when its chat is there.</summary>
    public static AkkaConfigurationBuilder AddCluster(this AkkaConfigurationBuilder builder, ClusterOptions options)
    {
        builder.AddHocon(Wire.ChatSerializer.Binding, HoconAddMode.Prepend).AddHocon(Wire.RefusingSerializer.Binding, HoconAddMode.Prepend)
           .AddHocon(Configuration(options), HoconAddMode.Prepend);
        if (options.Tls is { } tls)
            builder.AddSetup(new DotNettySslSetup(
                tls.Certificate, suppressValidation: false, requireMutualAuthentication: true,
                (certificate, _, _, _, _) => tls.IsGood(certificate)));
        return builder;
    }

    /// <summary>
    /// Adds what <see cref="ChatHosting.AddChat"/> adds, for a node: the rooms are where the cluster has them, and names are arbitrated for all nodes.
    /// </summary>
    /// <param name="builder">The actor system's.</param>
    /// <param name="cluster">The node's place.</param>
    /// <param name="options">The chat's, the same on all nodes.</param>
    /// <param name="store">The history that all nodes share.</param>
    /// <param name="sessions">Where they save their sessions.</param>
    /// <param name="register">Where they say that they live.</param>
    /// <param name="secret">What sessions' tokens are made with, the same on all nodes.</param>
    public static AkkaConfigurationBuilder AddClusteredChat(
        this AkkaConfigurationBuilder builder, ClusterOptions cluster, ChatOptions options, IHistoryStore store, ISessionStore sessions, INodeRegister register, byte[] secret) => builder
        .AddHocon(ChatHosting.Dispatchers, HoconAddMode.Append)
        .AddHocon(ChatHosting.Guardian, HoconAddMode.Prepend)
        .WithActors((system, registry) =>
        {
            List<IActorRef> told = [];
            var links = new NodeLinks(system.ActorOf(LinksActor.Props(options.Time, () => told), LinksActor.Name));
            var sync = system.ActorOf(HistorySyncActor.Props(store), "sync");
            // Half for the picture's way here, and half for the picture.
            var rooms = system.ActorOf(ShardedRoomsActor.Props(options with { RoomsPictureAge = options.RoomsPictureAge / 2 }, store, links), "rooms");
            var relays = system.ActorOf(RelaysActor.Props(options, rooms), "relays");
            var users = system.ActorOf(NodeUsersActor.Props(options, relays, links, new SessionTokens(secret), sessions), NodeUsersActor.Name);
            told.AddRange([relays, rooms, users]);
            var connections = system.ActorOf(ConnectionsActor.Props(options, new ChatActorRefs(users, relays, rooms)), "connections");
            if (store.TrimEvery is { } every)
                system.ActorOf(RetentionActor.Props(store, rooms, every), "retention");
            var sharding = ClusterSharding.Get(system);
            var region = sharding.Start(
                RoomType,
                _ => RoomEntity.Props(options, store, sync, links, rooms),
                ClusterShardingSettings.Create(system),
                new ByRoom(),
                ShardAllocationStrategy.LeastShardAllocationStrategy(ShardsAtOnce, relativeLimit: 1),
                ChildReports.MoveOn.Instance);
            rooms.Tell(new ShardedRoomsActor.RegionIs(region));
            system.ActorOf(
                ClusterSingletonManager.Props(
                    NamesActor.Props(options, sessions, links, relays), PoisonPill.Instance,
                    ClusterSingletonManagerSettings.Create(system).WithSingletonName("arbiter")),
                NamesName);
            // Now that it can answer the others.
            system.ActorOf(MembershipActor.Props(cluster, register), "membership");
            registry.Register<RoomsActor>(rooms);
            registry.Register<RelaysActor>(relays);
            registry.Register<UserRegistryActor>(users);
            registry.Register<ConnectionsActor>(connections);
        });

    private sealed class ByRoom() : HashCodeMessageExtractor(Shards)
    {
        public override string? EntityId(object message) => message is IWithRoom toRoom ? toRoom.Room.Value : null;
    }
}
