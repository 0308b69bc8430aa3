using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using Chat.Actors.History;

namespace Chat.Actors.Nodes;

/// <summary>
/// Has this node join the cluster: says whom it waits for, refuses a cluster whose version is too far from its own, begins none beside one that lives, and ends the node when
/// the others have given it up.
/// </summary>
public sealed class MembershipActor : UntypedActor, IWithTimers
{
    private sealed record SayWhoIsAwaited : INotInfluenceReceiveTimeout;

    private sealed record TellThatItLives : INotInfluenceReceiveTimeout;

    private sealed record OthersSeen(IReadOnlyList<string> Nodes);

    private sealed record Living(IReadOnlyList<string> Nodes);

    private sealed record RegisterFailed(Exception Cause);

    /// <summary>Why a node ends that can't be in the cluster.</summary>
    public sealed class Refused : CoordinatedShutdown.Reason
    {
        /// <summary>The only one.</summary>
        public static readonly Refused Instance = new();

        private Refused() { }

        /// <inheritdoc/>
        public override int ExitCode => 1;
    }

    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(5);

    // One that hasn't said so for four times as long doesn't live, or can't reach the database.
    private static readonly TimeSpan LivesEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LivesWithin = TimeSpan.FromSeconds(20);

    // As often as nodes that aren't in this one's cluster have to be seen: a node that is gone is seen four times more.
    private const int LooksApart = 7;

    private readonly ClusterOptions _options;
    private readonly INodeRegister _register;
    private readonly int _version;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ClusterSeed _self;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IReadOnlyList<string> _others = [];
    private int _looksApart;
    private bool _mustLook;

    /// <summary>Made by <see cref="Props"/> alone.</summary>
    public MembershipActor(ClusterOptions options, INodeRegister register, int version)
    {
        (_options, _register, _version) = (options, register, version);
        _self = new ClusterSeed(_cluster.SelfAddress.Host, _cluster.SelfAddress.Port ?? 0);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of a node's only one; it joins when it starts.</summary>
    public static Props Props(ClusterOptions options, INodeRegister register, int version = ClusterVersion.Current) =>
        Akka.Actor.Props.Create(() => new MembershipActor(options, register, version));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Context.System.EventStream.Subscribe<ThisActorSystemQuarantinedEvent>(Self);
        Timers.StartPeriodicTimer(nameof(SayWhoIsAwaited), new SayWhoIsAwaited(), SayEvery);
        if (_options.Seeds.Count == 0 || _options.Seeds[0] == _self)
            LookForOthers();
        else
            Join(_options.Seeds);
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
                _log.Warning("Not in the cluster yet: waiting for {Seeds}; this node calls itself {Node}", string.Join(" or ", Awaited()), _self);
                if ((_others.Count > 0 || _mustLook) && IsOutside)
                    LookForOthers();
                break;
            case OthersSeen seen:
                JoinBeside([.. seen.Nodes.Where(node => node != _self.ToString())]);
                break;
            case TellThatItLives:
                TellAndLook();
                break;
            case Living living:
                EndIfApart([.. living.Nodes]);
                break;
            case RegisterFailed failed:
                _log.Warning(failed.Cause, "The database can't be told that this node lives, or asked which others do");
                _mustLook = true;
                break;
            case ClusterEvent.MemberUp up when up.Member.Address == _cluster.SelfAddress:
                Self.Tell(new TellThatItLives());
                Timers.StartPeriodicTimer(nameof(TellThatItLives), new TellThatItLives(), LivesEvery);
                break;
            case ClusterEvent.MemberExited exited when exited.Member.Address == _cluster.SelfAddress:
                Timers.Cancel(nameof(TellThatItLives));
                Do(() => _register.Forget(_self.ToString()));
                break;
            case ClusterEvent.IMemberEvent there when there is not (ClusterEvent.MemberRemoved or ClusterEvent.MemberDowned):
                Check(there.Member);
                break;
            case ClusterEvent.IMemberEvent:
                break;
            case ThisActorSystemQuarantinedEvent quarantined:
                End($"{quarantined.RemoteAddress} has given this node up, as it was silent for too long, and the others may have as well. It ends, so that there is one chat");
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // Alone, the first seed, or one that was given none, would begin a cluster: beside another, where it only can't reach that.
    private void JoinBeside(IReadOnlyList<string> others)
    {
        _mustLook = false;
        if (!IsOutside)
            return;
        if (others.Count > 0 && _others.Count == 0)
            _log.Warning("The cluster lives, with {Nodes}: this node waits until one of them takes it in, and begins none of its own", string.Join(", ", others));
        var wasBeside = _others.Count > 0;
        _others = others;
        if (others.Count == 0)
            Join(_options.Seeds);
        else if (!wasBeside)
            Join([.. _options.Seeds.Skip(1), .. others.Select(SeedOf)]);
    }

    private void Join(IReadOnlyList<ClusterSeed> seeds)
    {
        if (seeds.Count == 0)
            _cluster.Join(_cluster.SelfAddress);
        else
            _cluster.JoinSeedNodes(seeds.Select(seed => _cluster.SelfAddress.WithHost(seed.Host).WithPort(seed.Port)));
    }

    // Neither in a cluster nor on its way out of one.
    private bool IsOutside => _cluster.SelfMember.Status is MemberStatus.Removed or MemberStatus.Joining;

    private static ClusterSeed SeedOf(string node)
    {
        var colon = node.LastIndexOf(':');
        return new ClusterSeed(node[..colon].Trim('[', ']'), int.Parse(node.AsSpan(colon + 1), CultureInfo.InvariantCulture));
    }

    private void TellAndLook()
    {
        var (register, self) = (_register, _self.ToString());
        DiskReads.Start(
            Context.System,
            () =>
            {
                register.Touch(self);
                return register.Seen(LivesWithin);
            },
            Self, nodes => new Living(nodes), cause => new RegisterFailed(cause));
    }

    // Two clusters on one database, as after a partition in which one side began anew: the smaller ends, and its nodes join the other when they start again.
    private void EndIfApart(HashSet<string> living)
    {
        string[] ours = [.. _cluster.State.Members.Select(member => new ClusterSeed(member.Address.Host, member.Address.Port ?? 0).ToString()).Where(living.Contains)];
        living.ExceptWith(ours);
        _looksApart = living.Count == 0 ? 0 : _looksApart + 1;
        if (_looksApart < LooksApart || ours.Length > living.Count
            || (ours.Length == living.Count && StringComparer.Ordinal.Compare(ours.Min(StringComparer.Ordinal), living.Min(StringComparer.Ordinal)) < 0))
            return;
        End($"Another cluster lives on this database, with {string.Join(", ", living.Order(StringComparer.Ordinal))}, which this node isn't in. It ends, so that there is one chat");
    }

    private void LookForOthers() => DiskReads.Start(
        Context.System, () => _register.Seen(LivesWithin), Self, nodes => new OthersSeen(nodes), cause => new RegisterFailed(cause));

    private void Do(Action act) => DiskReads.Start(
        Context.System,
        () =>
        {
            act();
            return true;
        },
        Self, _ => Akka.Done.Instance, cause => new RegisterFailed(cause));

    private IEnumerable<string> Awaited()
    {
        // Taken in, but not by all: those that can't be reached keep it waiting.
        var unreachable = _cluster.State.Unreachable.Select(member => $"{member.Address.Host}:{member.Address.Port}").ToArray();
        return unreachable.Length > 0 ? unreachable : _options.Seeds.Where(seed => seed != _self).Select(seed => seed.ToString()).DefaultIfEmpty("itself");
    }

    // Who joins refuses: those who were there before go on.
    private void Check(Member member)
    {
        var theirs = ClusterVersion.Of(member);
        if (member.Address == _cluster.SelfAddress || ClusterVersion.AreNeighbours(_version, theirs) || (_cluster.SelfMember.Status is MemberStatus.Up && _cluster.SelfMember.IsOlderThan(member)))
            return;
        End($"Refused: this node speaks version {_version} of what nodes tell each other, {member.Address} (program {member.AppVersion}) speaks version {theirs}. Renew the cluster by the versions between them");
    }

    private void End(string why)
    {
        _log.Error("{Why}", why);
        _ = CoordinatedShutdown.Get(Context.System).Run(Refused.Instance);
    }
}
