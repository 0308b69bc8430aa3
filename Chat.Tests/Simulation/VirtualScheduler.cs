using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Chat.Tests.Simulation;

/// <summary>Akka's timers, in a simulation's time. Made by Akka, as <see cref="SimulatedSystem"/> configures it.</summary>
public sealed class VirtualScheduler(Config config, ILoggingAdapter log) : SchedulerBase(config, log)
{
    internal Interleaving Interleaving { get; } = new();

    /// <inheritdoc/>
    public override TimeSpan MonotonicClock => Interleaving.Now;

    /// <inheritdoc/>
    public override TimeSpan HighResMonotonicClock => Interleaving.Now;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeNow => DateTimeOffset.UnixEpoch + Interleaving.Now;

    /// <inheritdoc/>
    protected override void InternalScheduleTellOnce(
        TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable? cancelable) =>
        Interleaving.AddTimer(delay, () => receiver.Tell(message, sender), cancelable);

    /// <summary>Asked for by dispatchers without actors alone, to end themselves.</summary>
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable? cancelable) { }

    /// <inheritdoc/>
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable? cancelable) => throw Unexpected();

    /// <inheritdoc/>
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable? cancelable) =>
        throw Unexpected();

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable? cancelable) => throw Unexpected();

    /// <inheritdoc/>
    protected override void InternalScheduleRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable? cancelable) => throw Unexpected();

    private static NotSupportedException Unexpected() => new("Nothing in the chat asks for this; a simulation has no need of it so far.");
}
