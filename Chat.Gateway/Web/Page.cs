using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Chat.Gateway.Web;

/// <summary>The chat in the browser: the files of <c>wwwroot</c>, which are part of the program.</summary>
internal sealed class Page
{
    private sealed record Asset(string Type, byte[] Bytes, byte[] Compressed, EntityTagHeaderValue Tag);

    private const string Folder = "wwwroot/";
    private const string Index = "index.html";

    // Nothing from elsewhere, nothing inline, and no text ever becomes markup.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".webmanifest"] = "application/manifest+json",
    };

    private readonly Dictionary<string, Asset> _assets = new(StringComparer.Ordinal);

    /// <param name="version">The program's, which the page compares with the server's that it talks to.</param>
    public Page(string version)
    {
        foreach (var name in EmbeddedText.Names.Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            var path = name[Folder.Length..];
            var bytes = Encoding.UTF8.GetBytes(EmbeddedText.Read(name, version));
            _assets[path == Index ? "/" : "/" + path] = new Asset(
                Types[Path.GetExtension(path)], bytes, Compress(bytes), new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"", isWeak: true));
        }
    }

    /// <summary>Every path that it has, with what serves it. It is asked for anew each time, and sent where it changed.</summary>
    public IEnumerable<(string Path, RequestDelegate Serve)> Files => _assets.Select(file => (file.Key, (RequestDelegate)(context => ServeAsync(context, file.Value))));

    private static async Task ServeAsync(HttpContext context, Asset asset)
    {
        var headers = context.Response.Headers;
        (headers.ContentSecurityPolicy, headers.XContentTypeOptions, headers["Referrer-Policy"]) = (Policy, "nosniff", "no-referrer");
        (headers.CacheControl, headers.ETag, headers.Vary) = ("no-cache", asset.Tag.ToString(), HeaderNames.AcceptEncoding);
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Compare(asset.Tag, useStrongComparison: false)))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var isCompressed = context.Request.GetTypedHeaders().AcceptEncoding.Any(encoding => encoding.Value == "gzip" && encoding.Quality is not 0);
        var bytes = isCompressed ? asset.Compressed : asset.Bytes;
        if (isCompressed)
            headers.ContentEncoding = "gzip";
        (context.Response.ContentType, context.Response.ContentLength) = (asset.Type, bytes.Length);
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(bytes);
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.SmallestSize))
            gzip.Write(bytes);
        return result.ToArray();
    }
}
