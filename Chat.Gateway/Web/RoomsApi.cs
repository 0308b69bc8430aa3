using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Gateway.Hosting;
using Chat.Gateway.Sockets;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Microsoft.AspNetCore.Http.Features;

namespace Chat.Gateway.Web;

/// <summary>What needs no socket, over HTTP: the rooms, pages of their history, and publishing, for programs that have a key.</summary>
internal sealed class RoomsApi(
    IRequiredActor<RelaysActor> relays, IRequiredActor<RoomsActor> rooms, ChatOptions chat, Callers callers, Visitors visitors, Draining draining)
{
    private const string JsonType = "application/json";
    private const string KeyHeader = "Idempotency-Key";

    // Behind what a busy room has to store.
    private static readonly TimeSpan AskTime = TimeSpan.FromSeconds(10);

    /// <summary><c>GET /api/rooms</c></summary>
    public async Task ListAsync(HttpContext context)
    {
        if (!await callers.MayReadAsync(context, visitors.BudgetOf(context)))
            return;
        if (await AskAsync(rooms.ActorRef, new RoomQueries.List(null, IsRequest: true), context) is not RoomReplies.RoomsListed listed)
            return;
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("rooms");
            foreach (var name in listed.Names)
            {
                json.WriteStartObject();
                json.WriteString("room", name);
                json.WriteNumber("online", listed.Online[name]);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        await AnswerAsync(context, StatusCodes.Status200OK, bytes.ToArray());
    }

    /// <summary><c>GET /api/rooms/{room}/messages</c></summary>
    public async Task ReadAsync(HttpContext context)
    {
        if (!await callers.MayReadAsync(context, visitors.BudgetOf(context)))
            return;
        var query = context.Request.Query;
        var (before, after, limit) = (Number(query["before"]), Number(query["after"]), Number(query["limit"]));
        var problem = before is null ? "\"before\" must be a seq, an integer from 0."
            : after is null ? "\"after\" must be a seq, an integer from 0."
            : before.Value is not null && after.Value is not null ? "Give \"before\" or \"after\", not both."
            : limit is null || limit.Value is < 1 or > Limits.PageMessages ? $"\"limit\" must be an integer from 1 to {Limits.PageMessages}."
            : null;
        if (problem is not null)
        {
            await Problems.WriteAsync(context, new ServerEvent.Error(ErrorCodes.BadRequest, problem));
            return;
        }
        if (await RoomOfAsync(context) is not { } room)
            return;
        var history = new RoomQueries.History(room, null, before!.Value, after!.Value, (int)(limit!.Value ?? Limits.HistoryLimit));
        if (await AskAsync(relays.ActorRef, history, context) is RoomReplies.HistoryRead read)
            await AnswerAsync(context, StatusCodes.Status200OK, read.Encode());
    }

    /// <summary><c>POST /api/rooms/{room}/messages</c></summary>
    public async Task PublishAsync(HttpContext context)
    {
        var address = visitors.BudgetOf(context);
        if (await callers.PublisherOfAsync(context, address) is not { } publisher || await RoomOfAsync(context) is not { } room)
            return;
        if (!context.Request.HasJsonContentType())
        {
            await Problems.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, ErrorCodes.BadRequest, $"The body must be JSON, with \"Content-Type: {JsonType}\".");
            return;
        }
        if (await IdOfAsync(context) is not { } id || await TextOfAsync(context) is not { } text)
            return;
        // Now that all of it has come, however slowly.
        if (draining.HasBegun)
        {
            await Problems.WriteAsync(context, new ServerEvent.Error(ErrorCodes.Busy, GoingAway.Sentence, null, GoingAway.RetryAfter));
            return;
        }
        if (!await callers.MayPublishAsync(context, publisher, address))
            return;
        var publish = new RelayCommands.PublishAsGuest(room, publisher.Speaker, id, text, address?.Address);
        if (await AskAsync(relays.ActorRef, publish, context) is not RoomReplies.Ack ack)
            return;
        // The first ack, whether this was the first publish or not.
        if (!ack.Duplicate)
            context.Response.Headers.Location = $"/api/rooms/{Uri.EscapeDataString(room.Value)}/messages?after={ack.Seq - 1}&limit=1";
        await AnswerAsync(context, ack.Duplicate ? StatusCodes.Status200OK : StatusCodes.Status201Created,
            EventCodec.Encode(new ServerEvent.Ack(room.Value, ack.Seq, ack.Timestamp, Duplicate: false) { Id = ack.Id }));
    }

    /// <summary>The room that the path names; where it is none, the request is answered.</summary>
    public static async Task<RoomName?> RoomOfAsync(HttpContext context)
    {
        if (RoomName.Parse(context.Request.RouteValues["room"] as string, out var problem) is { } room)
            return room;
        await Problems.WriteAsync(context, new ServerEvent.Error(ErrorCodes.BadRoom, problem));
        return null;
    }

    // The id is made here, so that a publish that is sent again to a room's successor is still the same.
    private static async Task<string?> IdOfAsync(HttpContext context)
    {
        var headers = context.Request.Headers[KeyHeader];
        if (headers.Count == 0)
            return Guid.NewGuid().ToString("N");
        var id = headers.ToString() is ['"', .. var quoted, '"'] ? quoted : headers.ToString();
        if (headers.Count == 1 && RequestCodec.IsId(id))
            return id;
        await Problems.WriteAsync(context, new ServerEvent.Error(ErrorCodes.BadRequest, $"{KeyHeader} must be one, of 1 to 64 characters of A-Z a-z 0-9 . _ : -"));
        return null;
    }

    private async Task<string?> TextOfAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = chat.Limits.FrameBytes;
        string? text;
        try
        {
            using var json = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = Limits.JsonDepth }, context.RequestAborted);
            text = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("message", out var message)
                && message.ValueKind == JsonValueKind.String ? message.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or (IOException and not BadHttpRequestException))
        {
            await Problems.WriteAsync(context, new ServerEvent.Error(ErrorCodes.BadJson, "The body is no JSON, or none in UTF-8. Send {\"message\": \"…\"}."));
            return null;
        }
        if (text is null)
        {
            await Problems.WriteAsync(context, new ServerEvent.Error(ErrorCodes.BadRequest, "The body must be a JSON object with the text as \"message\"."));
            return null;
        }
        if (MessageText.Check(text, chat.Limits.MessageCharacters, out var code, out var problem) is { } whole)
            return whole;
        await Problems.WriteAsync(context, new ServerEvent.Error(code, problem));
        return null;
    }

    // What can't be answered is answered with why; then that is null.
    private static async Task<object?> AskAsync(IActorRef actor, object message, HttpContext context)
    {
        object reply;
        try
        {
            reply = await actor.Ask<object>(message, AskTime, context.RequestAborted);
        }
        catch (AskTimeoutException)
        {
            reply = RelayCommands.Failed.Instance;
        }
        if (reply is RoomReplies.QueryRefused refused)
            await Problems.WriteAsync(context, refused.Error);
        else if (reply is RelayCommands.Failed)
            await Problems.WriteAsync(context, new ServerEvent.Error(
                ErrorCodes.Busy, $"The server doesn't come to it. Whether it took effect is unknown: send it again, with the same {KeyHeader}.", null, TimeSpan.FromSeconds(1)));
        else
            return reply;
        return null;
    }

    private static async Task AnswerAsync(HttpContext context, int status, byte[] json)
    {
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (status, JsonType, json.Length);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(json);
    }

    // Absent, or a number from 0; null where it is neither.
    private static Optional? Number(Microsoft.Extensions.Primitives.StringValues values) =>
        values.Count == 0 ? new Optional(null)
        : values is [{ } text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new Optional(number)
        : null;

    private sealed record Optional(long? Value);
}
