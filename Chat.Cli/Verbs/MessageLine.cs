using System.Globalization;
using Chat.Protocol;

namespace Chat.Cli.Verbs;

/// <summary>A message as one line for people, in local time.</summary>
internal static class MessageLine
{
    /// <summary><c>HH:mm name: text</c>.</summary>
    public static string Of(ServerEvent.Message message) => Format(message, "HH:mm");

    /// <summary><c>yyyy-MM-dd HH:mm name: text</c>.</summary>
    public static string WithDate(ServerEvent.Message message) => Format(message, "yyyy-MM-dd HH:mm");

    private static string Format(ServerEvent.Message message, string pattern) =>
        $"{message.Timestamp.ToLocalTime().ToString(pattern, CultureInfo.InvariantCulture)} {message.User}: {message.Text}";
}
