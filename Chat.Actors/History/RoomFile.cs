using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chat.Actors.History;

/// <summary>
/// What <c>room.json</c> says beside a log's segments.
/// </summary>
/// <param name="Epoch">The log's epoch.</param>
/// <param name="Boot">Where lines were written that may not be synced yet, the boot of the machine that holds them in memory.</param>
/// <param name="Last">Where the log ended cleanly and nothing was appended since, its newest seq.</param>
internal sealed record RoomFile(string Epoch, string? Boot, long? Last = null)
{
    private const string Name = "room.json";
    private const int EpochDigits = 16;
    private const int LongestEpoch = 64;
    private const int Longest = 64 * 1024;

    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static string PathIn(string folder) => Path.Combine(folder, Name);

    public static string NewEpoch() => RandomNumberGenerator.GetHexString(EpochDigits, lowercase: true);

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
            return new RoomFile(epoch, boot, Seq(root, "last"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Replaces the file as a whole, durably: after a crash it says the old or the new.</summary>
    public void Write(IDisk disk, string folder)
    {
        var path = PathIn(folder);
        var draft = path + ".new";
        var json = JsonSerializer.SerializeToUtf8Bytes(new { epoch = Epoch, boot = Boot, last = Last }, WithoutNulls);
        using (var file = disk.CreateOrEmpty(draft))
        {
            file.Write(json, 0);
            file.Sync();
            if (file.Length != json.Length)
                throw new IOException($"Only a part of {draft} was written.");
        }
        disk.Replace(draft, path);
        disk.SyncFolder(folder);
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
