using Akka.Actor;
using Akka.Hosting;
using Chat.Actors.Connections;
using Chat.Actors.History;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Actors.Users;

namespace Chat.Actors;

/// <summary>Puts the chat into an actor system.</summary>
public static class ChatHosting
{
    // What blocks on disks has threads of its own: in .NET the default blocking dispatcher shares the pool.
    internal const string Dispatchers = $$"""
        {{QuietMailbox.Name}}.mailbox-type = "{{nameof(Chat)}}.{{nameof(Actors)}}.{{nameof(Connections)}}.{{nameof(QuietMailbox)}}, {{nameof(Chat)}}.{{nameof(Actors)}}"
        {{HistoryWriterActor.Dispatcher}} {
          type = ForkJoinDispatcher
          throughput = 1
          dedicated-thread-pool {
            thread-count = 16
            threadtype = background
          }
        }
        {{HistorySyncActor.Dispatcher}}.type = PinnedDispatcher
        {{DiskReads.Dispatcher}} {
          type = ForkJoinDispatcher
          throughput = 1
          dedicated-thread-pool {
            thread-count = 8
            threadtype = background
          }
        }
        """;

    internal const string Guardian = $"akka.actor.guardian-supervisor-strategy = \"{nameof(Chat)}.{nameof(Actors)}.{nameof(EndOnFailure)}, {nameof(Chat)}.{nameof(Actors)}\"";

    /// <summary>Adds the registry, the rooms, their relays, the parent of the connections, and what deletes old messages.</summary>
    public static AkkaConfigurationBuilder AddChat(this AkkaConfigurationBuilder builder, ChatOptions options, IHistoryStore store) => builder
        .AddHocon(Dispatchers, HoconAddMode.Append)
        .AddHocon(Guardian, HoconAddMode.Prepend)
        .WithActors((system, registry) =>
        {
            var sync = system.ActorOf(HistorySyncActor.Props(store), "sync");
            var rooms = system.ActorOf(RoomsActor.Props(options, store, sync), "rooms");
            var relays = system.ActorOf(RelaysActor.Props(options, rooms), "relays");
            var users = system.ActorOf(UserRegistryActor.Props(options, relays), "users");
            var connections = system.ActorOf(ConnectionsActor.Props(options, new ChatActorRefs(users, relays, rooms)), "connections");
            if (store.TrimEvery is { } every)
                system.ActorOf(RetentionActor.Props(store, rooms, every), "retention");
            registry.Register<RoomsActor>(rooms);
            registry.Register<RelaysActor>(relays);
            registry.Register<UserRegistryActor>(users);
            registry.Register<ConnectionsActor>(connections);
        });
}
