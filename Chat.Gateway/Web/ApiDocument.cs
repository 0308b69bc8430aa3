using System.Reflection;
using System.Text;

namespace Chat.Gateway.Web;

/// <summary>The API's OpenAPI document, <c>/openapi.json</c>.</summary>
internal sealed class ApiDocument(string version)
{
    private const string Resource = "openapi.json";
    private const string VersionMark = "{{version}}";

    private readonly byte[] _json = Read(version);

    /// <summary>Serves it.</summary>
    public Task ServeAsync(HttpContext context)
    {
        (context.Response.ContentType, context.Response.ContentLength) = ("application/json", _json.Length);
        return context.Response.Body.WriteAsync(_json).AsTask();
    }

    private static byte[] Read(string version)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return Encoding.UTF8.GetBytes(reader.ReadToEnd().Replace(VersionMark, version, StringComparison.Ordinal));
    }
}
