using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Chat.Gateway.Sockets.Fleck;

/// <summary>A request as ASP.NET Core's pipeline takes it, and the answer that it gives. After an answer, the connection is closed.</summary>
internal sealed class HttpExchange
{
    private readonly MemoryStream _body = new();
    private readonly HttpResponseFeature _response = new();
    private readonly bool _isHead;

    /// <param name="head">The request; its body is left unread.</param>
    /// <param name="remote">The client's end of the connection.</param>
    /// <param name="local">The server's.</param>
    public HttpExchange(RequestHead head, IPEndPoint remote, IPEndPoint local)
    {
        _isHead = HttpMethods.IsHead(head.Method);
        Features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = head.Method,
            Scheme = "http",
            Protocol = head.Protocol,
            Path = head.Path,
            QueryString = head.Query,
            Headers = head.Headers,
        });
        Features.Set<IHttpResponseFeature>(_response);
        Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_body));
        Features.Set<IHttpConnectionFeature>(new HttpConnectionFeature
        {
            RemoteIpAddress = remote.Address,
            RemotePort = remote.Port,
            LocalIpAddress = local.Address,
            LocalPort = local.Port,
        });
    }

    /// <summary>What the pipeline sees of it.</summary>
    public FeatureCollection Features { get; } = new();

    /// <summary>The answer, as it goes over the wire.</summary>
    public byte[] Answer()
    {
        var head = new StringBuilder($"HTTP/1.1 {_response.StatusCode} {ReasonPhrases.GetReasonPhrase(_response.StatusCode)}\r\nContent-Length: {_body.Length}\r\n");
        foreach (var (name, values) in _response.Headers)
        {
            foreach (var value in values)
                head.Append($"{name}: {value}\r\n");
        }
        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. _isHead ? [] : _body.ToArray()];
    }

    /// <summary>The answer to what is no request.</summary>
    public static byte[] Refusal(int status) => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}
