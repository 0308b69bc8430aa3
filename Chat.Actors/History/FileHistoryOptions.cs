namespace Chat.Actors.History;

/// <summary>How <see cref="FileHistoryStore"/> keeps its logs; every default is beside its property.</summary>
public sealed record FileHistoryOptions
{
    /// <summary>When an append is stored.</summary>
    public Durability Durability { get; init; } = Durability.Always;

    /// <summary>Bytes after which a log goes on in a new segment; one batch may reach beyond.</summary>
    public long SegmentBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long messages are kept; null: for ever. No less than <see cref="WindowTime"/>.</summary>
    public TimeSpan? RetainAge { get; init; }

    /// <summary>
    /// Bytes of messages that each room keeps; 0: no bound. Those that the ids seen need are kept even so: of the last
    /// <see cref="WindowTime"/> and at least the newest <see cref="WindowAtLeast"/>, at most <see cref="WindowAtMost"/>. With a bound,
    /// segments have at most a tenth of it.
    /// </summary>
    public long RetainBytes { get; init; }

    /// <summary>How often all logs are trimmed to what is kept.</summary>
    public TimeSpan TrimEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>See <see cref="RetainBytes"/>.</summary>
    public TimeSpan WindowTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>See <see cref="RetainBytes"/>.</summary>
    public int WindowAtLeast { get; init; } = 1_000;

    /// <summary>See <see cref="RetainBytes"/>.</summary>
    public int WindowAtMost { get; init; } = 100_000;

    /// <summary>The time that ages are counted to.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Of <see cref="OpenLogs"/>.</summary>
    public const int DefaultOpenLogs = 512;

    /// <summary>Logs whose files are kept open for writing, at most; the least recently used is closed.</summary>
    public int OpenLogs { get; init; } = DefaultOpenLogs;

    /// <summary>
    /// Appends at the same time, in different logs, from which on they share a sync of the whole volume instead of each having its own:
    /// with 100 logs that is a sixth of the CPU.
    /// </summary>
    public int ShareSyncsFrom { get; init; } = 4;

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
        if (RetainAge < WindowTime)
            faults.Add($"RetainAge must be at least {WindowTime}, not {RetainAge}.");
        if (RetainBytes < 0)
            faults.Add($"RetainBytes must be at least 0, not {RetainBytes}.");
        if (TrimEvery <= TimeSpan.Zero)
            faults.Add($"TrimEvery must be above 0, not {TrimEvery}.");
        if (OpenLogs < 1)
            faults.Add($"OpenLogs must be at least 1, not {OpenLogs}.");
        if (ShareSyncsFrom < 1)
            faults.Add($"ShareSyncsFrom must be at least 1, not {ShareSyncsFrom}.");
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
