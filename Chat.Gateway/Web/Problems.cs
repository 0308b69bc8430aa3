using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Chat.Protocol;
using Microsoft.AspNetCore.WebUtilities;

namespace Chat.Gateway.Web;

/// <summary>Refusals over HTTP: Problem Details (RFC 9457), with the protocol's error code as <c>code</c>, and <c>retryAfter</c> in milliseconds.</summary>
internal static class Problems
{
    private const string ContentType = "application/problem+json";

    // As JSON alone, which is never put into a page.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers with a refusal.</summary>
    public static Task WriteAsync(HttpContext context, int status, string code, string sentence, TimeSpan? retryAfter = null)
    {
        var response = context.Response;
        (response.StatusCode, response.ContentType) = (status, ContentType);
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
            json.WriteNumber("status", status);
            json.WriteString("detail", sentence);
            json.WriteString("code", code);
            if (retryAfter is { } time)
                json.WriteNumber("retryAfter", (long)Math.Ceiling(time.TotalMilliseconds));
            json.WriteEndObject();
        }
        response.ContentLength = bytes.Length;
        return response.Body.WriteAsync(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>The same, for an error of the protocol.</summary>
    public static Task WriteAsync(HttpContext context, ServerEvent.Error error) =>
        WriteAsync(context, StatusOf(error.Code), error.Code, error.Sentence, error.RetryAfter);

    private static int StatusOf(string code) => code switch
    {
        ErrorCodes.BadToken => StatusCodes.Status401Unauthorized,
        ErrorCodes.TooManyRooms => StatusCodes.Status403Forbidden,
        ErrorCodes.IdConflict => StatusCodes.Status409Conflict,
        ErrorCodes.MessageTooLong => StatusCodes.Status413PayloadTooLarge,
        ErrorCodes.RateLimited => StatusCodes.Status429TooManyRequests,
        ErrorCodes.Busy or ErrorCodes.StorageUnavailable => StatusCodes.Status503ServiceUnavailable,
        ErrorCodes.Internal => StatusCodes.Status500InternalServerError,
        _ => StatusCodes.Status400BadRequest,
    };
}
