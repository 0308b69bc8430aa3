using Akka.Actor;

namespace Chat.Actors;

/// <summary>
/// One of the first actors that fails ends the actor system, and the process with it: a registry that began anew, without its fields, would give
/// names away that are held. Whoever runs the process starts it again, and clients come back into their rooms.
/// </summary>
public sealed class EndOnFailure : SupervisorStrategyConfigurator
{
    /// <inheritdoc/>
    public override SupervisorStrategy Create() => new OneForOneStrategy(_ => Directive.Escalate);
}
