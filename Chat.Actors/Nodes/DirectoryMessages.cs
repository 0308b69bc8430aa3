using Akka.Event;
using Chat.Actors.Rooms;
using Chat.Protocol;

namespace Chat.Actors.Nodes;

/// <summary>What the nodes tell each other of the rooms that are on them.</summary>
public static class DirectoryMessages
{
    /// <summary>Rooms that are on the sender's node, and rooms that aren't any more. Whole: there are no others.</summary>
    public sealed record Rooms(IReadOnlyList<ChildReports.Population> Here, IReadOnlyList<RoomName> Gone, bool IsWhole) : IDeadLetterSuppression;

    /// <summary>Asks a node which rooms are on which; answered by <see cref="Picture"/>.</summary>
    public sealed record Look
    {
        /// <summary>The only one.</summary>
        public static readonly Look Instance = new();

        private Look() { }
    }

    /// <summary>The rooms of a node: how many, how many members they have, and the names of the most populated.</summary>
    public sealed record OfNode(int Rooms, int Online, IReadOnlyList<string> Names);

    /// <summary>The rooms of each node, by its address.</summary>
    public sealed record Picture(IReadOnlyDictionary<string, OfNode> Nodes);
}
