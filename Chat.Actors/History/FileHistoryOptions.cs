namespace Chat.Actors.History;

/// <summary>How <see cref="FileHistoryStore"/> keeps its logs; every default is beside its property.</summary>
public sealed record FileHistoryOptions
{
    /// <summary>When an append is stored.</summary>
    public Durability Durability { get; init; } = Durability.Always;

    /// <summary>Bytes after which a log goes on in a new segment; one batch may reach beyond.</summary>
    public long SegmentBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Logs whose files are kept open for writing, at most; the least recently used is closed.</summary>
    public int OpenLogs { get; init; } = 512;

    /// <summary>Names this run of the machine: another one after an unclean end may have lost what wasn't synced.</summary>
    public string BootId { get; init; } = ThisBoot.Id;

    /// <summary>Throws an <see cref="ArgumentException"/> that lists every fault.</summary>
    public void Validate()
    {
        var faults = new List<string>();
        if (!Enum.IsDefined(Durability))
            faults.Add($"Durability can't be {Durability}.");
        if (SegmentBytes < 1)
            faults.Add($"SegmentBytes must be at least 1, not {SegmentBytes}.");
        if (OpenLogs < 1)
            faults.Add($"OpenLogs must be at least 1, not {OpenLogs}.");
        if (string.IsNullOrWhiteSpace(BootId))
            faults.Add("BootId can't be empty.");
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(" ", faults));
    }

    private static class ThisBoot
    {
        // Where the system doesn't say, every process counts as a boot of its own: too many new epochs rather than too few.
        public static readonly string Id = Read() ?? Guid.NewGuid().ToString();

        private static string? Read()
        {
            try
            {
                var text = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
                return text.Length > 0 ? text : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}
