namespace Chat.Actors.History;

/// <summary>Something about the stored logs that a person should know; the chat goes on.</summary>
/// <param name="File">The file's full path; or which log or message of a database, as a sentence calls it.</param>
/// <param name="Offset">The byte in it where the problem starts; null where it is about the file as a whole.</param>
/// <param name="Problem">A sentence: what is wrong, and what was done.</param>
/// <param name="Remedy">A sentence: what helps.</param>
public sealed record StorageWarning(string File, long? Offset, string Problem, string Remedy)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Offset is { } at ? $"{File}, byte {at}: {Problem} {Remedy}" : $"{File}: {Problem} {Remedy}";
}
