namespace Chat.Cli;

/// <summary>The server's address in the forms that people write it in.</summary>
internal static class ServerAddress
{
    public const string Default = "ws://localhost:8181/ws";

    private const int DefaultPort = 8181;
    private const string DefaultPath = "/ws";

    /// <summary>
    /// Reads <c>ws://…</c>, <c>wss://…</c>, <c>http://…</c>, <c>https://…</c>, <c>host</c> or <c>host:port</c>; without a path it
    /// is <c>/ws</c>. Null and a sentence where it is none of these.
    /// </summary>
    public static Uri? Parse(string text, out string problem)
    {
        problem = "";
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? text : "ws://" + text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            return Refuse("is not an address", out problem);
        var scheme = uri.Scheme switch
        {
            "ws" or "http" => "ws",
            "wss" or "https" => "wss",
            _ => null,
        };
        if (scheme is null)
            return Refuse($"has the scheme {uri.Scheme}", out problem);
        if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
            return Refuse("holds a user name or a fragment", out problem);
        if (uri.Port == 0)
            return Refuse("names port 0", out problem);
        var port = hasScheme || !uri.IsDefaultPort || text.EndsWith(":80", StringComparison.Ordinal) ? uri.Port : DefaultPort;
        return new UriBuilder(scheme, uri.Host, port, uri.AbsolutePath is "" or "/" ? DefaultPath : uri.AbsolutePath, uri.Query).Uri;

        static Uri? Refuse(string what, out string problem)
        {
            problem = $"The server's address {what}. Give it as ws://host:port/ws, wss://…, http://…, https://… or host:port.";
            return null;
        }
    }
}
