using Chat.Actors;
using Chat.Protocol;

namespace Chat.Gateway.Configuration;

/// <summary>What lets a program publish over HTTP.</summary>
/// <param name="Name">The user that it speaks as.</param>
/// <param name="Secret">What it has to know.</param>
public sealed record ApiKey(UserName Name, Secret Secret)
{
    // As in a file, or on the command line.
    private const char Between = '=';

    /// <summary>What is allowed.</summary>
    public const string Allowed = "name=secret, the name one that a user may have, the secret visible ASCII characters but the comma";

    /// <summary>Reads <c>name=secret</c>; null where it isn't that.</summary>
    public static ApiKey? Parse(string text) =>
        text.Split(Between, 2) is [var name, var secret] && UserName.Parse(name.Trim(), out _) is { } user && IsSecret(secret.Trim()) && !secret.Contains(',')
            ? new ApiKey(user, new Secret(secret.Trim()))
            : null;

    /// <summary>Reads them with commas between; null where one isn't one, or two have the same name.</summary>
    public static IReadOnlyList<ApiKey>? ParseAll(string text) =>
        Distinct([.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)]);

    /// <summary>Whether a text can be sent in an HTTP header, as secrets are.</summary>
    public static bool IsSecret(string text) => text.Length is > 0 and <= 256 && text.All(c => c is > ' ' and < '\x7F');

    /// <summary>Null where one of them is none, or two have the same name.</summary>
    public static IReadOnlyList<ApiKey>? Distinct(IReadOnlyList<ApiKey?> keys) =>
        keys.Any(key => key is null) || keys.DistinctBy(key => key!.Name).Count() < keys.Count ? null : [.. keys.Select(key => key!)];
}
