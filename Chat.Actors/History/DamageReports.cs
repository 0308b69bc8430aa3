namespace Chat.Actors.History;

/// <summary>Says what is damaged in one log, each place once: a damaged line is met again by every reading of its page.</summary>
internal sealed class DamageReports(Action<StorageWarning> warn)
{
    // A bound on memory, for a disk that is going: after so many places, more of the same tells nobody anything.
    private const int MostPlaces = 1_000;

    private readonly Lock _gate = new();
    private readonly HashSet<(string File, long? Offset)> _said = [];

    public void Line(Segment segment, long offset) => Once(
        segment, offset, "A damaged line, left out of what is read.", "Check the disk; put the line back from a backup if there is one.");

    /// <param name="log">Which log, as sentences call it.</param>
    /// <param name="seq">Which of its messages.</param>
    public void Message(string log, long seq) => Once(
        $"Message {seq} of {log}", null, "It is damaged, and left out of what is read.", "Check the server's disk; put the message back from a backup if there is one.");

    public void Missing(Segment segment, long from, long to) => Once(
        segment, 0, $"Messages {from} to {to} should stand before this file's first.", "Put the file that held them back from a backup.");

    public void Overlap(Segment segment, long offset, Segment next) => Once(
        segment, offset, $"This line and what follows it reach into {next.Path}.", "Remove what doesn't belong, as after a mixed backup.");

    private void Once(Segment segment, long offset, string problem, string remedy) => Once(segment.Path, offset, problem, remedy);

    private void Once(string file, long? offset, string problem, string remedy)
    {
        lock (_gate)
        {
            if (_said.Count >= MostPlaces || !_said.Add((file, offset)))
                return;
            if (_said.Count == MostPlaces)
                problem += " There is more damage in this log than is named from here on.";
        }
        warn(new StorageWarning(file, offset, problem, remedy));
    }
}
