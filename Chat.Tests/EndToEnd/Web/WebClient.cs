using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Chat.Tests.EndToEnd.Support;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Web;

/// <summary>Asks a gateway over HTTP, as a script would.</summary>
internal sealed class WebClient(GatewayProcess gateway, string? secret = null, string scheme = "http") : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        AllowAutoRedirect = false,
        ConnectCallback = gateway.ConnectCallback,
        // One connection at a time, as its limits are those of a connection.
        MaxConnectionsPerServer = 1,
    })
    { Timeout = Patience.Limit };

    /// <summary>The address of a path.</summary>
    public Uri Address(string path) => new($"{scheme}://127.0.0.1:{gateway.Port}{path}");

    /// <summary>Asks; the answer is read whole.</summary>
    public async Task<WebAnswer> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var answer = await RequestAsync(method, path, content, HttpCompletionOption.ResponseContentRead, headers);
        return new WebAnswer(answer.StatusCode.GetHashCode(), answer.Headers, answer.Content.Headers, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Gets.</summary>
    public Task<WebAnswer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    /// <summary>Publishes.</summary>
    public Task<WebAnswer> PublishAsync(string room, string text, string? key = null) =>
        PostAsync(room, Json(new JsonObject { ["message"] = text }.ToJsonString()), key is null ? [] : [("Idempotency-Key", key)]);

    /// <summary>Posts any body.</summary>
    public Task<WebAnswer> PostAsync(string room, HttpContent content, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, $"/api/rooms/{Uri.EscapeDataString(room)}/messages", content, headers);

    /// <summary>A body of JSON.</summary>
    public static HttpContent Json(string text) => new StringContent(text, Encoding.UTF8, "application/json");

    /// <summary>Follows a room.</summary>
    public async Task<WebStream> FollowAsync(string room, string? lastEventId = null)
    {
        var answer = await RequestAsync(
            HttpMethod.Get, $"/api/rooms/{room}/events", null, HttpCompletionOption.ResponseHeadersRead, lastEventId is null ? [] : [("Last-Event-ID", lastEventId)]);
        if (!answer.IsSuccessStatusCode)
            throw new XunitException($"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return new WebStream(answer, new StreamReader(await answer.Content.ReadAsStreamAsync()), () => gateway.Report);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> RequestAsync(
        HttpMethod method, string path, HttpContent? content, HttpCompletionOption completion, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Address(path)) { Content = content };
        if (secret is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request, completion);
    }
}

/// <summary>What came back.</summary>
internal sealed record WebAnswer(int Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Text)
{
    /// <summary>The body.</summary>
    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>Its type.</summary>
    public string? Type => ContentHeaders.ContentType?.MediaType;

    /// <summary>Fails unless it is a refusal that says what to do; gives its code.</summary>
    public string Problem(int status)
    {
        if (Status != status || Type != "application/problem+json" || (int?)Json["status"] != status || Json["detail"]?.ToString() is not { Length: > 10 } || Text.Contains("   at ", StringComparison.Ordinal))
            throw new XunitException($"Expected a problem {status}, got {Status} {Type}: {Text}");
        return Json["code"]!.ToString();
    }
}

/// <summary>One server-sent event.</summary>
internal sealed record WebEvent(string Name, string Id, string Data);

/// <summary>Server-sent events, as they come.</summary>
internal sealed class WebStream(HttpResponseMessage answer, StreamReader reader, Func<string> known) : IDisposable
{
    /// <summary>The id that a client would come back with.</summary>
    public string LastId { get; private set; } = "";

    /// <summary>The milliseconds after which it would.</summary>
    public int? Retry { get; private set; }

    /// <summary>The next event that has data; null at the end.</summary>
    public Task<WebEvent?> NextAsync() => Patience.OfAsync(ReadAsync(), "the next event", known);

    /// <summary>Reads up to the first id, which says where it begins.</summary>
    public async Task<string> BeginAsync()
    {
        await Patience.OfAsync(ReadAsync(untilId: true), "the first id", known);
        return LastId;
    }

    public void Dispose()
    {
        reader.Dispose();
        answer.Dispose();
    }

    private async Task<WebEvent?> ReadAsync(bool untilId = false)
    {
        var (name, data) = ("message", (string?)null);
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.Length == 0 && data is not null)
                    return new WebEvent(name, LastId, data);
                if (line.Length == 0 && untilId && LastId.Length > 0)
                    return null;
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon <= 0)
                    continue;
                var value = line[(colon + 1)..].TrimStart(' ');
                switch (line[..colon])
                {
                    case "event":
                        name = value;
                        break;
                    case "id":
                        LastId = value;
                        break;
                    case "data":
                        data = value;
                        break;
                    case "retry":
                        Retry = int.Parse(value);
                        break;
                }
            }
        }
        catch (IOException)
        {
            // The server is gone.
        }
        return null;
    }
}
