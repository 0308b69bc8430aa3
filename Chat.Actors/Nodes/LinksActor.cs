using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Chat.Actors.Nodes.Wire;

namespace Chat.Actors.Nodes;

/// <summary>
/// This node's ends of its links to the others. Akka.Remote may lose what is under way when a connection breaks; a link carries all that it is
/// given once and in order as long as both nodes live: numbered, kept until its receipt came, and sent again. Where it can't, it is broken, and
/// begun anew: the relays of both nodes are told, and ask their rooms there again.
/// </summary>
public sealed class LinksActor : UntypedActor, IWithTimers
{
    /// <summary>Its name on each node.</summary>
    public const string Name = "links";

    private sealed record LookAgain : INotInfluenceReceiveTimeout;

    private sealed record SendReceipts
    {
        public static readonly SendReceipts Instance = new();
    }

    private sealed class Peer(IActorRef links, TimeSpan now)
    {
        public IActorRef Links => links;
        public Address Node => links.Path.Address;

        // Which of those that the node had since it was first started; 0 until it spoke.
        public long Incarnation { get; set; }
        public long Former { get; set; }

        // Since when it is known, or was no member any more.
        public TimeSpan Since { get; set; } = now;
        public LinkOut? Out { get; set; }
        public LinkIn? In { get; set; }

        // When something got through, or was the first to wait.
        public TimeSpan ArrivedAt { get; set; } = now;

        // A link to it broke, and it wasn't told.
        public bool OwesAnew { get; set; }
        public bool OwesReceipt { get; set; }
        public long UnknownLink { get; set; }
    }

    // Twice the time that a receipt takes under load; the scheduler's ticks are longer than it takes otherwise.
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    // What can't get through to one that is there after so many attempts never will.
    private const int MostAttempts = 20;

    // For one that isn't a member, as it isn't known yet that it is, or any more that it was.
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    // What Akka.Remote puts around a parcel: the paths of two of these, and less.
    private const int Envelope = 1024;

    private readonly TimeProvider _time;
    private readonly Func<IEnumerable<IActorRef>> _told;
    private readonly long _start;
    private readonly ChatSerializer _serializer;
    private readonly long _frame;
    private readonly Dictionary<Address, Peer> _peers = [];
    private readonly Dictionary<Address, int> _members = [];
    private readonly HashSet<Address> _unreachable = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _owesReceipts;
    private long _lastLink;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public LinksActor(TimeProvider time, Func<IEnumerable<IActorRef>> told)
    {
        (_time, _told, _start) = (time, told, time.GetTimestamp());
        _serializer = (ChatSerializer)Context.System.Serialization.FindSerializerForType(typeof(LinkMessages.Parcel));
        _frame = Context.System.Settings.Config.GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size") ?? long.MaxValue;
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of a node's only one; <paramref name="told"/> are those who are told of links that broke.</summary>
    public static Props Props(TimeProvider time, Func<IEnumerable<IActorRef>> told) => Akka.Actor.Props.Create(() => new LinksActor(time, told));

    /// <inheritdoc/>
    protected override void PreStart() => Cluster.Get(Context.System).Subscribe(
        Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));

    /// <inheritdoc/>
    protected override void PostStop() => Cluster.Get(Context.System).Unsubscribe(Self);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case LinkCommands.Send send:
                Send(send.To, Sender, send.Message);
                break;
            case LinkMessages.Parcel parcel:
                if (Speaker() is { } packer)
                    Receive(parcel, packer);
                break;
            case LinkMessages.Receipt receipt:
                if (Speaker() is { } taker)
                    Receive(receipt, taker);
                break;
            case SendReceipts:
                SendAllReceipts();
                break;
            case LookAgain:
                Look();
                break;
            case ClusterEvent.MemberRemoved removed:
                Removed(removed.Member.UniqueAddress);
                break;
            case ClusterEvent.IMemberEvent there:
                _members[there.Member.Address] = there.Member.UniqueAddress.Uid;
                if (_peers.GetValueOrDefault(there.Member.Address) is { OwesAnew: true } peer)
                    BeginAnew(peer);
                break;
            case ClusterEvent.UnreachableMember unreachable:
                _unreachable.Add(unreachable.Member.Address);
                break;
            case ClusterEvent.ReachableMember reachable:
                _unreachable.Remove(reachable.Member.Address);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // ---- sending

    private void Send(IActorRef to, IActorRef from, object message)
    {
        if (BytesOf(to, from, message) is not { } bytes)
            return;
        var peer = PeerOf(to.Path.Address);
        if (peer.Out is null)
            BeginAnew(peer);
        Pack(peer, to, from, message, bytes);
        if (peer.Out!.IsFull)
            Break(peer, "more waits for it than is kept");
    }

    // What can't get through would keep all behind it from getting through: it is lost, which the log tells.
    private int? BytesOf(IActorRef to, IActorRef from, object message)
    {
        try
        {
            var bytes = _serializer.SizeOf(new LinkMessages.Parcel(long.MaxValue, long.MaxValue, to, from, message));
            if (bytes + Envelope <= _frame)
                return bytes;
            _log.Error(
                "A {Message} of {Bytes} bytes for {Actor} is lost, as no more than {Frame} go to another node in one frame", message.GetType().Name, bytes, to, _frame);
        }
        catch (SerializationException cause)
        {
            _log.Error(cause, "A {Message} for {Actor} is lost, as it can't be written", message.GetType().Name, to);
        }
        return null;
    }

    private void Pack(Peer peer, IActorRef to, IActorRef from, object message, int bytes)
    {
        if (peer.Out!.IsQuiet)
            peer.ArrivedAt = Now();
        peer.Out.Pack(to, from, message, bytes);
        SendDue(peer, peer.Out);
        LookLater();
    }

    private static void SendDue(Peer peer, LinkOut link)
    {
        foreach (var (parcel, isAgain) in link.Send())
        {
            peer.Links.Tell(parcel);
            ChatMeter.SentToNode(parcel.Message.GetType().Name, isAgain);
        }
    }

    private void Receive(LinkMessages.Receipt receipt, Peer peer)
    {
        if (peer.Out is not { } link || link.Id != receipt.Link)
            return;
        switch (link.Arrived(receipt.Next, receipt.HasGap))
        {
            case null:
                Break(peer, "the other end began anew");
                return;
            case true:
                peer.ArrivedAt = Now();
                break;
        }
        SendDue(peer, link);
    }

    private void Look()
    {
        var now = Now();
        foreach (var peer in _peers.Values.ToArray())
        {
            if (!_members.ContainsKey(peer.Node) && now - peer.Since > KeptFor)
                Forget(peer);
            else if (peer.Out is { IsQuiet: false } link && now - peer.ArrivedAt > AgainAfter)
                SendAgain(peer, link);
        }
        LookLater();
    }

    private void SendAgain(Peer peer, LinkOut link)
    {
        // Whether one that isn't reached will be again is decided elsewhere.
        if (link.Attempts >= MostAttempts && _members.ContainsKey(peer.Node) && !_unreachable.Contains(peer.Node))
        {
            var (message, to) = (link.Oldest!.Message.GetType().Name, link.Oldest.To);
            Break(peer, $"a {message} for {to.Path.ToStringWithoutAddress()} doesn't get through");
            return;
        }
        peer.ArrivedAt = Now();
        link.NothingArrived();
        SendDue(peer, link);
    }

    // ---- receiving

    private void Receive(LinkMessages.Parcel parcel, Peer peer)
    {
        var isBroken = false;
        if (parcel.Number == 1 && (peer.In is null || parcel.Link > peer.In.Id))
        {
            // A first link, or one in the place of one that broke there.
            isBroken = peer.In is not null || parcel.Message is LinkMessages.Anew;
            peer.In = new LinkIn(parcel.Link);
        }
        if (isBroken)
            TellBroken(peer.Node);
        if (peer.In?.Id != parcel.Link)
            peer.UnknownLink = parcel.Link;
        else if (peer.In.Take(parcel.Number))
            Deliver(parcel);
        peer.OwesReceipt = true;
        if (!_owesReceipts)
            Self.Tell(SendReceipts.Instance);
        _owesReceipts = true;
    }

    private void Deliver(LinkMessages.Parcel parcel)
    {
        switch (parcel.Message)
        {
            case LinkMessages.Anew:
                break;
            case Unreadable unreadable:
                _log.Error("A message for {Actor} is lost, as it can't be read: {Why}", parcel.To, unreadable.Why);
                break;
            default:
                parcel.To.Tell(parcel.Message, parcel.From);
                break;
        }
    }

    // One for all that came at once.
    private void SendAllReceipts()
    {
        _owesReceipts = false;
        foreach (var peer in _peers.Values.Where(peer => peer.OwesReceipt))
        {
            peer.OwesReceipt = false;
            if (peer.In is { } link)
                peer.Links.Tell(new LinkMessages.Receipt(link.Id, link.Next, link.HasGap));
            if (peer.UnknownLink != 0)
                peer.Links.Tell(new LinkMessages.Receipt(peer.UnknownLink, 0, false));
            peer.UnknownLink = 0;
        }
    }

    // ---- the others

    private Peer PeerOf(Address node)
    {
        if (!_peers.TryGetValue(node, out var peer))
        {
            var provider = ((ExtendedActorSystem)Context.System).Provider;
            _peers[node] = peer = new Peer(provider.ResolveActorRef(new RootActorPath(node) / "user" / Name), Now());
            LookLater();
        }
        return peer;
    }

    // The peer that tells something. One that isn't who it was began anew, and with it both links; null for what is still on its way from the former.
    private Peer? Speaker()
    {
        if (!NodeLinks.IsFar(Sender))
            return null;
        var (peer, incarnation) = (PeerOf(Sender.Path.Address), Sender.Path.Uid);
        if (incarnation == peer.Incarnation)
            return peer;
        if (incarnation == peer.Former)
            return null;
        var isAnother = peer.Incarnation != 0;
        (peer.Former, peer.Incarnation) = (peer.Incarnation, incarnation);
        if (isAnother)
        {
            peer.In = null;
            Break(peer, "its node began anew");
        }
        return peer;
    }

    // What waits was for actors that are gone, of whose end those who watch them are told. But some of it may be for its successor, of which was heard
    // before.
    private void Removed(UniqueAddress node)
    {
        if (_members.TryGetValue(node.Address, out var uid) && uid == node.Uid)
        {
            _members.Remove(node.Address);
            _unreachable.Remove(node.Address);
        }
        if (_peers.GetValueOrDefault(node.Address) is not { } peer)
            return;
        peer.Since = Now();
        if (peer.Out is not null)
            Abandon(peer);
        LookLater();
    }

    private void Forget(Peer peer)
    {
        _peers.Remove(peer.Node);
        if (peer.Out is not { IsQuiet: false })
            return;
        _log.Warning("What waited for {Node} is dropped, as it is no member", peer.Node);
        TellBroken(peer.Node);
    }

    private void Break(Peer peer, string why)
    {
        _log.Warning("The link to {Node} broke, as {Why}; what it carried is asked for again", peer.Node, why);
        Abandon(peer);
        TellBroken(peer.Node);
    }

    // Those there hear of it too, without waiting for what is sent next.
    private void Abandon(Peer peer)
    {
        (peer.Out, peer.OwesAnew) = (null, true);
        if (_members.ContainsKey(peer.Node))
            BeginAnew(peer);
    }

    private void BeginAnew(Peer peer)
    {
        peer.Out = new LinkOut(NewLink(), isAnew: peer.OwesAnew);
        if (peer.OwesAnew)
            Pack(peer, peer.Links, Self, new LinkMessages.Anew(), Envelope);
        peer.OwesAnew = false;
    }

    private void TellBroken(Address node)
    {
        foreach (var actor in _told())
            actor.Tell(new LinkBroken(node));
    }

    private void LookLater()
    {
        if (!Timers.IsTimerActive(nameof(LookAgain)) && _peers.Values.Any(peer => peer.Out is { IsQuiet: false } || !_members.ContainsKey(peer.Node)))
            Timers.StartSingleTimer(nameof(LookAgain), new LookAgain(), LookEvery);
    }

    // Those of a node that started anew are higher too, but where its clock was put back.
    private long NewLink() => _lastLink = Math.Max(_lastLink + 1, _time.GetUtcNow().Ticks);

    private TimeSpan Now() => _time.GetElapsedTime(_start);
}
