using System.Text;
using Chat.Protocol;

namespace Chat.Actors.History;

/// <summary>
/// A room's name as a folder's name: every byte of its UTF-8 but <c>a-z 0-9 - _</c> as <c>%XX</c>, so that no name can leave the
/// data folder, and none is another's on a disk that folds case.
/// </summary>
internal static class RoomFolder
{
    private const string Hex = "0123456789ABCDEF";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Throws an <see cref="ArgumentException"/> for an empty name, or one that UTF-8 can't hold.</summary>
    public static string Of(RoomName room)
    {
        if (room.Value.Length == 0)
            throw new ArgumentException("A room without a name has no folder.", nameof(room));
        var folder = new StringBuilder();
        foreach (var b in Utf8.GetBytes(room.Value))
        {
            if (IsPlain((char)b))
                folder.Append((char)b);
            else
                folder.Append('%').Append(Hex[b >> 4]).Append(Hex[b & 15]);
        }
        return folder.ToString();
    }

    /// <summary>The room whose folder this is; null where <see cref="Of"/> never makes such a name.</summary>
    public static RoomName? ToRoom(string folder)
    {
        var bytes = new List<byte>(folder.Length);
        for (var i = 0; i < folder.Length; i++)
        {
            if (IsPlain(folder[i]))
            {
                bytes.Add((byte)folder[i]);
                continue;
            }
            if (folder[i] != '%' || i + 2 >= folder.Length)
                return null;
            var (high, low) = (Hex.IndexOf(folder[i + 1]), Hex.IndexOf(folder[i + 2]));
            if (high < 0 || low < 0 || IsPlain((char)(high << 4 | low)))
                return null;
            bytes.Add((byte)(high << 4 | low));
            i += 2;
        }
        try
        {
            return bytes.Count == 0 ? null : RoomName.Trusted(Utf8.GetString(bytes.ToArray()));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool IsPlain(char c) => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-' or '_';
}
