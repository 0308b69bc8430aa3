using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>
/// What <c>room.json</c> says beside a log's segments.
/// </summary>
/// <param name="Epoch">The log's epoch.</param>
/// <param name="Boot">Where lines were written that may not be synced yet, the boot of the machine that holds them in memory.</param>
/// <param name="Last">Where the log ended cleanly and nothing was appended since, its newest seq.</param>
/// <param name="Newest">The segment that is written; null in a file from before it was named.</param>
/// <param name="Time">The time of the newest message before that segment, which may be deleted; null where none is known.</param>
internal sealed record RoomFile(
    string Epoch, string? Boot, long? Last = null, SegmentMark? Newest = null, DateTime? Time = null)
{
    private const string Name = "room.json";
    private const int EpochDigits = 16;
    private const int LongestEpoch = 64;
    private const int Longest = 64 * 1024;

    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static string PathIn(string folder) => Path.Combine(folder, Name);

    public static string NewEpoch() => RandomNumberGenerator.GetHexString(EpochDigits, lowercase: true);

    /// <summary>Whether what was read is a copy of the file that was written.</summary>
    public bool IsCopy { get; private init; }

    /// <summary>Null where the file is missing or damaged.</summary>
    public static RoomFile? Read(IDisk disk, string folder)
    {
        try
        {
            using var json = JsonDocument.Parse(Bytes(disk, PathIn(folder)));
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "epoch") is not { } epoch)
                return null;
            if (epoch.Length is 0 or > LongestEpoch || !epoch.All(char.IsAsciiLetterOrDigit))
                return null;
            var boot = root.TryGetProperty("boot", out _) ? Text(root, "boot") ?? "" : null;
            var newest = Seq(root, "segment") is { } first ? new SegmentMark(first, Text(root, "segmentBirth")) : null;
            return new RoomFile(
                epoch, boot, Seq(root, "last"), newest, Timestamps.TryParse(Text(root, "time"), out var time) ? time : null)
            {
                IsCopy = Text(root, "birth") is { } birth && birth != disk.Birth(PathIn(folder)),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Replaces the file as a whole, durably: after a crash it says the old or the new.</summary>
    public void Write(IDisk disk, string folder)
    {
        var birth = Write(disk, folder, draft => disk.Birth(draft));
        // Some file systems (network ones) give a file another birth when it takes another's name: there it tells nothing.
        if (birth is not null && birth != disk.Birth(PathIn(folder)))
            Write(disk, folder, _ => null);
    }

    // The file names its own birth, so that there is no moment in which it is written and its birth is not.
    private string? Write(IDisk disk, string folder, Func<string, string?> birthOf)
    {
        var path = PathIn(folder);
        var draft = path + ".new";
        string? birth;
        using (var file = disk.CreateOrEmpty(draft))
        {
            birth = birthOf(draft);
            var json = JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    epoch = Epoch,
                    boot = Boot,
                    last = Last,
                    segment = Newest?.First,
                    segmentBirth = Newest?.Birth,
                    time = Time is { } time ? Timestamps.Format(time) : null,
                    birth,
                },
                WithoutNulls);
            file.Write(json, 0);
            file.Sync();
            if (file.Length != json.Length)
                throw new IOException($"Only a part of {draft} was written.");
        }
        disk.Replace(draft, path);
        disk.SyncFolder(folder);
        return birth;
    }

    private static ReadOnlyMemory<byte> Bytes(IDisk disk, string path)
    {
        using var file = disk.Open(path, FileAccess.Read);
        // What is longer is none of ours; its start alone doesn't parse.
        var bytes = new byte[Math.Min(file.Length, Longest)];
        var length = 0;
        for (int read; length < bytes.Length && (read = file.Read(bytes.AsSpan(length), length)) > 0;)
            length += read;
        return bytes.AsMemory(0, length);
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Seq(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seq) ? seq : null;
}
