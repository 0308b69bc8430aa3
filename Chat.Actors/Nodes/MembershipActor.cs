using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace Chat.Actors.Nodes;

/// <summary>Has this node join the cluster: says whom it waits for, and refuses a cluster whose version is too far from its own.</summary>
public sealed class MembershipActor : UntypedActor, IWithTimers
{
    private sealed record SayWhoIsAwaited : INotInfluenceReceiveTimeout;

    /// <summary>Why a node ends that was refused.</summary>
    public sealed class VersionRefused : CoordinatedShutdown.Reason
    {
        /// <summary>The only one.</summary>
        public static readonly VersionRefused Instance = new();

        private VersionRefused() { }

        /// <inheritdoc/>
        public override int ExitCode => 1;
    }

    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(5);

    private readonly ClusterOptions _options;
    private readonly int _version;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public MembershipActor(ClusterOptions options, int version) => (_options, _version) = (options, version);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of a node's only one; it joins when it starts.</summary>
    public static Props Props(ClusterOptions options, int version = ClusterVersion.Current) =>
        Akka.Actor.Props.Create(() => new MembershipActor(options, version));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Timers.StartPeriodicTimer(nameof(SayWhoIsAwaited), new SayWhoIsAwaited(), SayEvery);
        if (_options.Seeds.Count == 0)
            _cluster.Join(_cluster.SelfAddress);
        else
            _cluster.JoinSeedNodes(_options.Seeds.Select(seed => _cluster.SelfAddress.WithHost(seed.Host).WithPort(seed.Port)));
    }

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SayWhoIsAwaited when _cluster.SelfMember.Status is MemberStatus.Up:
                Timers.Cancel(nameof(SayWhoIsAwaited));
                break;
            case SayWhoIsAwaited:
                _log.Warning("Not in the cluster yet: waiting for {Seeds}", string.Join(" or ", Awaited()));
                break;
            case ClusterEvent.MemberUp up when up.Member.Address == _cluster.SelfAddress:
                _log.Info("In the cluster, as {Node}", _cluster.SelfAddress);
                break;
            case ClusterEvent.IMemberEvent there when there is not (ClusterEvent.MemberRemoved or ClusterEvent.MemberDowned):
                Check(there.Member);
                break;
            case ClusterEvent.IMemberEvent:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private IEnumerable<string> Awaited()
    {
        // Taken in, but not by all: those that can't be reached keep it waiting.
        var unreachable = _cluster.State.Unreachable.Select(member => $"{member.Address.Host}:{member.Address.Port}").ToArray();
        var own = new ClusterSeed(_cluster.SelfAddress.Host, _cluster.SelfAddress.Port ?? 0);
        return unreachable.Length > 0 ? unreachable : _options.Seeds.Where(seed => seed != own).Select(seed => seed.ToString()).DefaultIfEmpty("itself");
    }

    // Who joins refuses: those who were there before go on.
    private void Check(Member member)
    {
        var theirs = ClusterVersion.Of(member);
        if (member.Address == _cluster.SelfAddress || ClusterVersion.AreNeighbours(_version, theirs) || _cluster.SelfMember.Status is MemberStatus.Up && _cluster.SelfMember.IsOlderThan(member))
            return;
        _log.Error(
            "Refused: this node speaks version {Version} of what nodes tell each other, {Node} (program {Program}) speaks version {Theirs}. Renew the cluster by the versions between them",
            _version, member.Address, member.AppVersion, theirs);
        _ = CoordinatedShutdown.Get(Context.System).Run(VersionRefused.Instance);
    }
}
