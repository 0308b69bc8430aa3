using Chat.Actors;

namespace Chat.Gateway.Configuration;

/// <summary>Secrets that are in files, so that neither <c>ps</c> nor the environment shows them.</summary>
internal static class SecretFiles
{
    private const char Comment = '#';

    /// <summary>The options with what their files say; null, with a line to <paramref name="error"/> for each fault, where that can't be.</summary>
    public static GatewayOptions? Read(GatewayOptions options, TextWriter error)
    {
        var result = options;
        if (options.AccessTokenFile is { } tokenFile)
        {
            if (options.AccessToken is not null)
                return Fail(error, $"--access-token-file: {tokenFile} would be a second access token, beside --access-token. Give one of them.");
            if (Lines(tokenFile, "--access-token-file", error) is not { } lines)
                return null;
            if (lines is not [var token] || !ApiKey.IsSecret(token))
                return Fail(error, $"--access-token-file: {tokenFile} must have one line, of up to 256 visible ASCII characters.");
            result = result with { AccessToken = new Secret(token) };
        }
        if (options.ApiKeysFile is { } keysFile)
        {
            if (Lines(keysFile, "--api-keys-file", error) is not { } lines)
                return null;
            for (var i = 0; i < lines.Count; i++)
            {
                if (ApiKey.Parse(lines[i]) is null)
                    return Fail(error, $"--api-keys-file: {keysFile}: the key number {i + 1} is none; it must be {ApiKey.Allowed}.");
            }
            if (ApiKey.Distinct([.. options.ApiKeys, .. lines.Select(ApiKey.Parse)]) is not { } keys)
                return Fail(error, $"--api-keys-file: {keysFile}: a name is there twice, or in --api-key too. Give each one key.");
            result = result with { ApiKeys = keys };
        }
        return result;
    }

    private static List<string>? Lines(string path, string option, TextWriter error)
    {
        try
        {
            return [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != Comment)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error.WriteLine($"{option}: {path} can't be read: {e.Message}".ReplaceLineEndings(" "));
            return null;
        }
    }

    private static GatewayOptions? Fail(TextWriter error, string sentence)
    {
        error.WriteLine(sentence);
        return null;
    }
}
