using Chat.Protocol.Client;

namespace Chat.Cli;

/// <summary>Where to connect, and as whom.</summary>
internal sealed record ConnectionSettings(Uri Server, string? User, string? Token)
{
    /// <summary>The login name, which speaks where no name is given.</summary>
    public static string LoginName => Environment.GetEnvironmentVariable("USER") is { Length: > 0 } user ? user : Environment.UserName;

    /// <summary>A name for one who only looks things up.</summary>
    public static string GuestName() => "guest-" + string.Create(6, Random.Shared, static (letters, random) =>
    {
        foreach (ref var letter in letters)
            letter = "abcdefghijkmnpqrstuvwxyz23456789"[random.Next(32)];
    });

    /// <summary>What a client needs to know.</summary>
    public ChatClientOptions Options(string fallbackUser, bool reconnect = true) =>
        new() { Server = Server, User = User ?? fallbackUser, Token = Token, Reconnect = reconnect };
}
