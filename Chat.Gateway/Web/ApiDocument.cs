using System.Text;

namespace Chat.Gateway.Web;

/// <summary>The API's OpenAPI document, <c>/openapi.json</c>.</summary>
internal sealed class ApiDocument(string version)
{
    private const string Resource = "openapi.json";

    private readonly byte[] _json = Encoding.UTF8.GetBytes(EmbeddedText.Read(Resource, version));

    /// <summary>Serves it.</summary>
    public Task ServeAsync(HttpContext context)
    {
        (context.Response.ContentType, context.Response.ContentLength) = ("application/json", _json.Length);
        return context.Response.Body.WriteAsync(_json).AsTask();
    }
}
