using System.Globalization;
using Chat.Protocol;
using Chat.Protocol.Client;

namespace Chat.Cli;

/// <summary>Where to connect, and as whom.</summary>
internal sealed record ConnectionSettings(Uri Server, string? User, string? Token)
{
    /// <summary>The login name, which speaks where no name is given.</summary>
    public static string LoginName => Environment.GetEnvironmentVariable("USER") is { Length: > 0 } user ? user : Environment.UserName;

    /// <summary>The login name for one of several programs of its user, which speak at the same time.</summary>
    public static string NumberedLoginName()
    {
        var number = Random.Shared.Next(1000, 10_000).ToString(CultureInfo.InvariantCulture);
        return $"{LoginName[..Math.Min(LoginName.Length, Limits.UserCharacters - number.Length - 1)]}-{number}";
    }

    /// <summary>A name for one who only looks things up.</summary>
    public static string GuestName() => "guest-" + string.Create(6, Random.Shared, static (letters, random) =>
    {
        foreach (ref var letter in letters)
            letter = "abcdefghijkmnpqrstuvwxyz23456789"[random.Next(32)];
    });

    /// <summary>How to give the token whose lack is why the login was refused; nothing where it isn't.</summary>
    public static string TokenHint(ChatRefusedException refused) =>
        refused.Code == ErrorCodes.BadToken ? " --token or CHAT_TOKEN gives it." : "";

    /// <summary>What a client needs to know.</summary>
    public ChatClientOptions Options(string fallbackUser, bool reconnect = true) =>
        new() { Server = Server, User = User ?? fallbackUser, Token = Token, Reconnect = reconnect };
}
