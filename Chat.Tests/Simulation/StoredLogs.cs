using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.Fakes;

namespace Chat.Tests.Simulation;

/// <summary>
/// What is stored of the rooms' logs: with <see cref="Durability.Always"/> what a power cut would leave at the least, else what the
/// process has written.
/// </summary>
internal sealed class StoredLogs(SimulatedDisk disk, string folder, Durability durability)
{
    private sealed class Log
    {
        public Dictionary<string, int> Read { get; } = new(StringComparer.Ordinal);

        public Dictionary<long, ReadOnlyMemory<byte>> Lines { get; } = [];

        public Dictionary<long, ServerEvent.Message> Messages { get; } = [];
    }

    private readonly Dictionary<string, Log> _logs = new(StringComparer.Ordinal);

    /// <summary>The message that is stored at a seq, where it is this one; else whatever is there, or null.</summary>
    public ServerEvent.Message? Find(string room, long seq, Func<ServerEvent.Message, bool> isThis)
    {
        var found = Line(room, seq);
        if (found is not null && isThis(found))
            return found;
        // What was read before may have been cut off since.
        _logs.Remove(room);
        return Line(room, seq);
    }

    /// <summary>All that is stored of a room, in the order of its files.</summary>
    public IReadOnlyList<ServerEvent.Message> All(string room)
    {
        var all = new List<ServerEvent.Message>();
        foreach (var (_, bytes) in Files(room))
        {
            foreach (var line in LinesOf(bytes, 0))
            {
                if (LogLine.Decode(line) is { } message)
                    all.Add(message);
            }
        }
        return all;
    }

    /// <summary>What was known may not be so any more.</summary>
    public void Forget() => _logs.Clear();

    private ServerEvent.Message? Line(string room, long seq)
    {
        if (!_logs.TryGetValue(room, out var log))
            _logs[room] = log = new Log();
        if (log.Messages.TryGetValue(seq, out var message))
            return message;
        if (!log.Lines.ContainsKey(seq))
            ReadOn(room, log);
        if (!log.Lines.TryGetValue(seq, out var line) || LogLine.Decode(line) is not { } decoded)
            return null;
        return log.Messages[seq] = decoded;
    }

    private void ReadOn(string room, Log log)
    {
        foreach (var (path, bytes) in Files(room))
        {
            var read = log.Read.GetValueOrDefault(path);
            if (bytes.Length < read)
                read = 0;
            foreach (var line in LinesOf(bytes, read))
            {
                read += line.Length + 1;
                if (LogLine.Seq(line.Span) is { } seq)
                    log.Lines[seq] = line;
            }
            log.Read[path] = read;
        }
    }

    private IEnumerable<(string Path, byte[] Bytes)> Files(string room) =>
        disk.Contents(Path.Combine(folder, RoomFolder.Of(RoomName.Trusted(room))), isStored: durability == Durability.Always)
            .Where(file => file.Path.EndsWith(".jsonl", StringComparison.Ordinal));

    private static IEnumerable<ReadOnlyMemory<byte>> LinesOf(byte[] bytes, int from)
    {
        while (true)
        {
            var length = bytes.AsSpan(from).IndexOf((byte)'\n');
            if (length < 0)
                yield break;
            yield return bytes.AsMemory(from, length);
            from += length + 1;
        }
    }
}
