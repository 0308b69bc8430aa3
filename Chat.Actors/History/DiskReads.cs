using Akka.Actor;

namespace Chat.Actors.History;

/// <summary>
/// Reads on threads kept for that, and tells an actor what came of each. No actor of its own: a room at rest costs nothing, and none
/// waits for another's read. Not the writers' threads: a page never waits behind appends.
/// </summary>
internal static class DiskReads
{
    /// <summary>The dispatcher that they run on.</summary>
    public const string Dispatcher = "chat.disk-reads";

    /// <summary>Starts a read; <paramref name="reader"/> is told what <paramref name="success"/> or <paramref name="failure"/> makes of it.</summary>
    public static void Start<T>(
        ActorSystem system, Func<T> read, IActorRef reader, Func<T, object> success, Func<Exception, object> failure) =>
        system.Dispatchers.Lookup(Dispatcher).Schedule(() => reader.Tell(Outcome(read, success, failure), ActorRefs.NoSender));

    private static object Outcome<T>(Func<T> read, Func<T, object> success, Func<Exception, object> failure)
    {
        try
        {
            return success(read());
        }
        catch (Exception cause)
        {
            return failure(cause);
        }
    }
}
