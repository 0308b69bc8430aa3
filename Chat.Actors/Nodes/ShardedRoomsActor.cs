using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Chat.Actors.History;
using Chat.Actors.Rooms;
using Chat.Protocol;

namespace Chat.Actors.Nodes;

/// <summary>
/// The rooms of a cluster, as one node's relays and connections see them: finds each by the shard region, passes to it what is for it, and knows, a
/// moment late, how many are in which. In a single gateway <see cref="RoomsActor"/> is in its place.
/// </summary>
/// <remarks>
/// Sharding may drop what it is given while a shard moves. So it is only ever asked where a room is, again and again until the room answers: its relay
/// is told, and tells it all that isn't answered. That, and all else, goes to the room itself, by the node's links.
/// </remarks>
public sealed class ShardedRoomsActor : UntypedActor, IWithTimers
{
    private sealed record AskAgain : INotInfluenceReceiveTimeout;

    private sealed record TellNodes : INotInfluenceReceiveTimeout
    {
        public static readonly TellNodes Instance = new();
    }

    private sealed record RelayLost(RoomName Room, IActorRef Relay);

    // A room that is looked for, for whom, and when it is asked for again.
    private sealed class Call(IActorRef relay)
    {
        public IActorRef Relay => relay;
        public int Asked { get; set; }
        public long AskedAt { get; set; }
        public TimeSpan Wait { get; set; } = AskFirst;
    }

    // What is lost, as while a shard moves, is asked again soon; where it takes long, the region need not keep the question many times.
    private static readonly TimeSpan AskFirst = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AskLast = TimeSpan.FromSeconds(1);

    // Some 20 s: longer than it takes until a lost node's rooms are elsewhere.
    private const int AskedAtMost = 22;

    private readonly ChatOptions _options;
    private readonly NodeLinks _links;
    private readonly RoomDirectory _directory;
    private readonly RoomsUpkeep _upkeep;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly Dictionary<RoomName, Call> _calls = [];
    // Of this node: what each has told last.
    private readonly Dictionary<RoomName, (IActorRef Ref, ChildReports.Population Told)> _here = [];
    private readonly HashSet<RoomName> _changed = [];
    private readonly Dictionary<Address, IActorRef> _others = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IActorRef _region = ActorRefs.Nobody;
    private (long Taken, DirectoryMessages.Picture Picture)? _picture;
    private bool _tellsNow;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public ShardedRoomsActor(ChatOptions options, IHistoryStore store, NodeLinks links)
    {
        (_options, _links, _directory) = (options, links, new RoomDirectory(options));
        _upkeep = new RoomsUpkeep(Context, this, options, store, _directory, () => _here.Values.Select(room => room.Ref));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of a node's only one. It is told the shard region as a <see cref="RegionIs"/>.</summary>
    public static Props Props(ChatOptions options, IHistoryStore store, NodeLinks links) =>
        Akka.Actor.Props.Create(() => new ShardedRoomsActor(options, store, links));

    /// <summary>The shard region of the rooms.</summary>
    internal sealed record RegionIs(IActorRef Region);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _upkeep.ListRooms();
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
    }

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (_upkeep.Takes(message))
            return;
        switch (message)
        {
            case Addressed addressed:
                if (IsAdmitted(addressed.Command))
                    _links.Tell(addressed.To, addressed.Command, Sender);
                break;
            case ChildReports.Population population:
                var isNew = !_here.TryGetValue(population.Room, out var before) || before.Told.Exists != population.Exists;
                _here[population.Room] = (Sender, population);
                _directory.Told(population, _cluster.SelfAddress);
                Changed(population.Room, isNew);
                break;
            case ChildReports.Stopped stopped:
                if (_here.TryGetValue(stopped.Room, out var here) && here.Ref.Equals(stopped.Child))
                {
                    _here.Remove(stopped.Room);
                    _directory.Left(stopped.Room, _cluster.SelfAddress);
                    Changed(stopped.Room);
                }
                _upkeep.Stopped(stopped);
                break;
            case RoomReplies.Here found:
                if (_calls.TryGetValue(found.Room, out var answered))
                {
                    EndCall(found.Room, answered);
                    answered.Relay.Forward(found);
                }
                break;
            case RelayLost lost when _calls.TryGetValue(lost.Room, out var call) && call.Relay.Equals(lost.Relay):
                EndCall(lost.Room, call);
                break;
            case RelayLost:
                break;
            case AskAgain:
                AskDue();
                break;
            case IWithRoom toRoom when !IsAdmitted(toRoom):
                break;
            case IWithRoom toRoom when _directory.AnswerUnknown(toRoom) is { } answer:
                Sender.Tell(answer);
                break;
            case IWithRoom toRoom:
                Find(toRoom.Room);
                break;
            default:
                ReceiveOther(message);
                break;
        }
    }

    private void ReceiveOther(object message)
    {
        switch (message)
        {
            case RegionIs region:
                _region = region.Region;
                break;
            case DirectoryMessages.Rooms told:
                Told(told, Sender.Path.Address);
                break;
            case DirectoryMessages.Look:
                Sender.Tell(Picture());
                break;
            case TellNodes:
                TellChanges();
                break;
            case LinkBroken broken:
                if (_others.TryGetValue(broken.Node, out var other))
                    TellAll(other);
                break;
            case ClusterEvent.MemberRemoved removed:
                _others.Remove(removed.Member.Address);
                _directory.Left(removed.Member.Address);
                break;
            case ClusterEvent.IMemberEvent there when there.Member.Address != _cluster.SelfAddress && !_others.ContainsKey(there.Member.Address):
                var provider = ((ExtendedActorSystem)Context.System).Provider;
                _others[there.Member.Address] = provider.ResolveActorRef(new RootActorPath(there.Member.Address) / "user" / Self.Path.Name);
                TellAll(_others[there.Member.Address]);
                break;
            case ClusterEvent.IMemberEvent:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private bool IsAdmitted(IWithRoom command)
    {
        if (_directory.Admit(command) is not { } error)
            return true;
        Sender.Tell(RoomReplies.Refused.To(command, error));
        return false;
    }

    // ---- first contact

    private void Find(RoomName room)
    {
        if (_calls.TryGetValue(room, out var call))
        {
            if (call.Relay.Equals(Sender))
                return;
            EndCall(room, call);
        }
        _calls[room] = call = new Call(Sender);
        Context.WatchWith(Sender, new RelayLost(room, Sender));
        Ask(room, call);
    }

    private void Ask(RoomName room, Call call)
    {
        call.AskedAt = _options.Time.GetTimestamp();
        if (++call.Asked == AskedAtMost)
            _log.Warning("The room {Room} isn't found: it is on no node that can be reached. What is for it waits; it is looked for further", room);
        _region.Tell(new RoomQueries.Where(room));
        if (!Timers.IsTimerActive(nameof(AskAgain)))
            Timers.StartSingleTimer(nameof(AskAgain), new AskAgain(), AskFirst);
    }

    private void AskDue()
    {
        foreach (var (room, call) in _calls.Where(call => _options.Time.GetElapsedTime(call.Value.AskedAt) >= call.Value.Wait))
        {
            call.Wait = call.Wait * 2 < AskLast ? call.Wait * 2 : AskLast;
            Ask(room, call);
        }
        if (_calls.Count > 0 && !Timers.IsTimerActive(nameof(AskAgain)))
            Timers.StartSingleTimer(nameof(AskAgain), new AskAgain(), AskFirst);
    }

    private void EndCall(RoomName room, Call call)
    {
        _calls.Remove(room);
        Context.Unwatch(call.Relay);
    }

    // ---- the directory

    private void Told(DirectoryMessages.Rooms told, Address node)
    {
        if (told.IsWhole)
            _directory.Left(node);
        foreach (var room in told.Gone)
            _directory.Left(room, node);
        foreach (var room in told.Here)
            _directory.Told(room, node);
    }

    // What they don't know of yet the others would take for a room that never was: that they are told at once.
    private void Changed(RoomName room, bool isNew = false)
    {
        if (_others.Count == 0)
            return;
        _changed.Add(room);
        if (isNew && !_tellsNow)
        {
            _tellsNow = true;
            Self.Tell(TellNodes.Instance);
        }
        else if (!_tellsNow && !Timers.IsTimerActive(nameof(TellNodes)))
            Timers.StartSingleTimer(nameof(TellNodes), TellNodes.Instance, _options.RoomsPictureAge);
    }

    private void TellChanges()
    {
        _tellsNow = false;
        if (_changed.Count == 0)
            return;
        var told = new DirectoryMessages.Rooms(
            [.. _changed.Where(_here.ContainsKey).Select(room => _here[room].Told)], [.. _changed.Where(room => !_here.ContainsKey(room))], IsWhole: false);
        _changed.Clear();
        foreach (var other in _others.Values)
            _links.Tell(other, told, Self);
    }

    private void TellAll(IActorRef other) =>
        _links.Tell(other, new DirectoryMessages.Rooms([.. _here.Values.Select(room => room.Told)], [], IsWhole: true), Self);

    private DirectoryMessages.Picture Picture()
    {
        if (_picture is not { } picture || _options.Time.GetElapsedTime(picture.Taken) > _options.RoomsPictureAge)
            _picture = picture = (_options.Time.GetTimestamp(), TakePicture());
        return picture.Picture;
    }

    private DirectoryMessages.Picture TakePicture() => new(_directory.ByNode()
        .Where(node => node.Key is not null)
        .ToDictionary(
            node => node.Key!.ToString(),
            node => new DirectoryMessages.OfNode(
                node.Count(), node.Sum(room => room.Online),
                [.. node.OrderByDescending(room => room.Online).ThenBy(room => room.Room).Take(Limits.RoomNames).Select(room => room.Room.Value)])));
}
