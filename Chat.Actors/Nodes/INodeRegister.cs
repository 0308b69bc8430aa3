namespace Chat.Actors.Nodes;

/// <summary>
/// Which nodes live, as they say in the database that they share: what a first seed that starts anew while it can't reach the others has to know. Calls block, and
/// throw <see cref="History.StorageException"/> where the storage fails.
/// </summary>
public interface INodeRegister
{
    /// <summary>A node lives.</summary>
    void Touch(string node);

    /// <summary>A node goes away.</summary>
    void Forget(string node);

    /// <summary>Those that lived within that time.</summary>
    IReadOnlyList<string> Seen(TimeSpan within);
}
