using Akka.Actor;

namespace Chat.Actors;

/// <summary>
/// A child that fails is stopped, and whoever watches it acts. A restart would bring it back without its fields and without
/// anybody knowing.
/// </summary>
internal static class StopOnFailure
{
    public static readonly SupervisorStrategy Strategy = new OneForOneStrategy(_ => Directive.Stop);
}
