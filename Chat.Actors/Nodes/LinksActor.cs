using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Chat.Actors.Rooms;

namespace Chat.Actors.Nodes;

/// <summary>
/// This node's ends of its links to the others. Akka.Remote may lose what is under way when a connection breaks; a link carries all that it is
/// given once and in order as long as both nodes live: numbered, kept until its receipt came, and sent again. Where it can't, it is broken, and
/// begun anew: the relays here are told, and ask their rooms there again.
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
        public TimeSpan Since { get; } = now;
        public LinkOut? Out { get; set; }
        public LinkIn? In { get; set; }
        public long UnknownLink { get; set; }
        public bool OwesReceipt { get; set; }
        public TimeSpan HeardAt { get; set; } = now;
    }

    // Twice the time that a receipt takes under load; the scheduler's ticks are longer than it takes otherwise.
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    // What can't get through after so many attempts never will.
    private const int MostAttempts = 20;

    // For one that isn't a member, as it isn't known yet that it is, or any more that it was.
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly Func<IEnumerable<IActorRef>> _told;
    private readonly long _start;
    private readonly Dictionary<Address, Peer> _peers = [];
    private readonly HashSet<Address> _members = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _owesReceipts;
    private long _lastLink;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public LinksActor(TimeProvider time, Func<IEnumerable<IActorRef>> told) => (_time, _told, _start) = (time, told, time.GetTimestamp());

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of a node's only one; <paramref name="told"/> are those who are told of links that broke.</summary>
    public static Props Props(TimeProvider time, Func<IEnumerable<IActorRef>> told) => Akka.Actor.Props.Create(() => new LinksActor(time, told));

    /// <inheritdoc/>
    protected override void PreStart() =>
        Cluster.Get(Context.System).Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));

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
                Receive(parcel, PeerOf(Sender.Path.Address));
                break;
            case LinkMessages.Receipt receipt:
                Receive(receipt, PeerOf(Sender.Path.Address));
                break;
            case SendReceipts:
                SendAllReceipts();
                break;
            case LookAgain:
                Look();
                break;
            case ClusterEvent.MemberRemoved removed:
                // What watches its actors is told of their end.
                _members.Remove(removed.Member.Address);
                _peers.Remove(removed.Member.Address);
                break;
            case ClusterEvent.IMemberEvent there:
                _members.Add(there.Member.Address);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Send(IActorRef to, IActorRef from, object message)
    {
        var peer = PeerOf(to.Path.Address);
        if (peer.Out is null or { IsQuiet: true })
            peer.HeardAt = Now();
        peer.Out ??= new LinkOut(NewLink());
        peer.Links.Tell(peer.Out.Pack(to, from, message, BytesOf(message)));
        if (peer.Out.IsFull)
            Break(peer, "more waits for it than is kept");
        LookLater();
    }

    private void Receive(LinkMessages.Parcel parcel, Peer peer)
    {
        if (peer.In?.Id != parcel.Link && parcel.Number == 1 && !(peer.In?.Id > parcel.Link))
        {
            // A first link, or one in the place of one that broke there.
            var isAnother = peer.In is not null;
            peer.In = new LinkIn(parcel.Link);
            if (isAnother)
                TellBroken(peer.Links.Path.Address);
        }
        if (peer.In?.Id != parcel.Link)
            peer.UnknownLink = parcel.Link;
        else if (peer.In.Take(parcel.Number))
            parcel.To.Tell(parcel.Message, parcel.From);
        peer.OwesReceipt = true;
        if (!_owesReceipts)
            Self.Tell(SendReceipts.Instance);
        _owesReceipts = true;
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

    private void Receive(LinkMessages.Receipt receipt, Peer peer)
    {
        if (peer.Out is not { } link || link.Id != receipt.Link)
            return;
        peer.HeardAt = Now();
        if (receipt.Next == 0)
            Break(peer, "the other end began anew");
        else
            link.Arrived(receipt.Next);
        if (receipt.HasGap)
            SendAgain(peer, link);
    }

    private void Look()
    {
        var now = Now();
        foreach (var (address, peer) in _peers.ToArray())
        {
            if (!_members.Contains(address) && now - peer.Since > KeptFor)
                _peers.Remove(address);
            else if (peer.Out is { IsQuiet: false } link && now - peer.HeardAt > AgainAfter)
                SendAgain(peer, link);
        }
        LookLater();
    }

    private void SendAgain(Peer peer, LinkOut link)
    {
        if (link.Attempts >= MostAttempts && _members.Contains(peer.Links.Path.Address))
        {
            Break(peer, "it takes nothing");
            return;
        }
        peer.HeardAt = Now();
        foreach (var parcel in link.SendAgain())
            peer.Links.Tell(parcel);
    }

    private void Break(Peer peer, string why)
    {
        var node = peer.Links.Path.Address;
        _log.Warning("The link to {Node} broke, as {Why}; what it carried is asked for again", node, why);
        peer.Out = null;
        TellBroken(node);
    }

    private void TellBroken(Address node)
    {
        foreach (var actor in _told())
            actor.Tell(new LinkBroken(node));
    }

    private void LookLater()
    {
        if (!Timers.IsTimerActive(nameof(LookAgain)) && _peers.Values.Any(peer => peer.Out is { IsQuiet: false }))
            Timers.StartSingleTimer(nameof(LookAgain), new LookAgain(), LookEvery);
    }

    private Peer PeerOf(Address node)
    {
        if (!_peers.TryGetValue(node, out var peer))
        {
            var provider = ((ExtendedActorSystem)Context.System).Provider;
            _peers[node] = peer = new Peer(provider.ResolveActorRef(new RootActorPath(node) / "user" / Name), Now());
        }
        return peer;
    }

    // Those of a node that started anew are higher too.
    private long NewLink() => _lastLink = Math.Max(_lastLink + 1, _time.GetUtcNow().Ticks);

    private TimeSpan Now() => _time.GetElapsedTime(_start);

    // About what it weighs, where that is much.
    private static int BytesOf(object message) => 256 + message switch
    {
        RoomReplies.Delivered delivered => delivered.Entries.Sum(entry => entry.Line.Length) + (delivered.Acks.Count * 64),
        RoomReplies.PageRead read => read.Page.Entries.Sum(entry => entry.Line.Length),
        RoomReplies.HistoryRead read => read.Entries.Sum(entry => entry.Line.Length),
        RoomReplies.Notice notice => notice.Json.Length,
        RoomCommands.Post post => post.Text.Length * 2,
        _ => 0,
    };
}
