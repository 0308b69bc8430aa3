using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Hosting;
using Chat.Actors;
using Chat.Actors.Relays;
using Chat.Actors.Rooms;
using Chat.Gateway.Configuration;
using Chat.Gateway.Hosting;
using Chat.Gateway.Sockets;
using Chat.Protocol;

namespace Chat.Gateway.Web;

/// <summary>
/// A room as server-sent events: <c>GET /api/rooms/{room}/events</c>. It reads page after page of the room's history, and waits for the next where it ends: at
/// the pace of whoever listens, with nothing buffered for him.
/// </summary>
internal sealed partial class EventStream(IRequiredActor<RelaysActor> relays, ChatOptions chat, GatewayOptions options, Callers callers, Visitors visitors, Draining draining)
{
    // How far the listener has come in which log.
    private readonly record struct Place(string Epoch, long Seq)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{Seq}");
    }

    private const string PlaceHeader = "Last-Event-ID";
    private const int KeptBytes = 8 * 1024;

    // Clients come back so soon after the connection was lost.
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // Longer than a query is kept.
    private readonly TimeSpan _askTime = chat.FollowTime + TimeSpan.FromSeconds(10);

    /// <summary>Serves one listener, to its end.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        if (!await callers.MayReadAsync(context, visitors.BudgetOf(context)) || await RoomsApi.RoomOfAsync(context) is not { } room)
            return;
        // Browsers never come back after a refusal.
        if (draining.HasBegun)
        {
            await EndAsync(context);
            return;
        }
        Place? place = null;
        if (context.Request.Headers[PlaceHeader] is { Count: > 0 } headers && headers.ToString() is { Length: > 0 } header)
        {
            if (Resume().Match(header) is not { Success: true } match || !long.TryParse(match.Groups["seq"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
            {
                await Problems.WriteAsync(context, new ServerEvent.Error(ErrorCodes.BadRequest, $"{PlaceHeader} must be the id of an event of this stream, <epoch>:<seq>."));
                return;
            }
            place = new Place(match.Groups["epoch"].Value, seq);
        }
        using var taken = await visitors.AdmitAsync(context);
        if (taken is null)
            return;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, draining.Leaving);
        try
        {
            await FollowAsync(context, room, place, ending.Token);
        }
        catch (OperationCanceledException) when (draining.HasBegun && !context.RequestAborted.IsCancellationRequested)
        {
            await EndAsync(context);
        }
        catch (OperationCanceledException)
        {
            // It left, or takes nothing any more.
            context.Abort();
        }
    }

    // Come back when the server is, and not all at once.
    private Task EndAsync(HttpContext context)
    {
        if (!context.Response.HasStarted)
            Begin(context.Response);
        var wait = TimeSpan.FromSeconds(options.DrainSeconds) + (1 + chat.Jitter()) * Retry;
        return context.Response.WriteAsync($"retry: {(int)wait.TotalMilliseconds}\n\n", context.RequestAborted);
    }

    private static void Begin(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        // The last is nginx's: it would keep events back to fill its buffers.
        (response.Headers.CacheControl, response.Headers["X-Accel-Buffering"]) = ("no-store", "no");
    }

    private async Task FollowAsync(HttpContext context, RoomName room, Place? resumed, CancellationToken ending)
    {
        var query = new RoomQueries.History(room, null, null, resumed?.Seq, resumed is null ? 1 : Limits.PageMessages);
        RoomReplies.HistoryRead page;
        switch (await AskAsync(query, ending))
        {
            case RoomReplies.HistoryRead read:
                page = read;
                break;
            case RoomReplies.QueryRefused refused:
                await Problems.WriteAsync(context, refused.Error);
                return;
            default:
                await Problems.WriteAsync(context, new ServerEvent.Error(ErrorCodes.Busy, "The server doesn't come to it. Try again in a while.", null, Retry));
                return;
        }
        Begin(context.Response);
        var output = new ArrayBufferWriter<byte>();
        Write(output, $"retry: {(int)Retry.TotalMilliseconds}\n\n");
        // Who begins begins at the end; the id alone is no event.
        var place = resumed ?? new Place(page.Page.Epoch, page.Page.Last);
        if (resumed is null)
            Write(output, $"id: {place}\n\n");
        else
            place = Take(output, page, place);
        while (true)
        {
            output = await SendAsync(context, output, ending);
            switch (await AskAsync(query with { After = place.Seq, Limit = Limits.PageMessages, Waits = true }, ending))
            {
                case RoomReplies.HistoryRead read:
                    place = Take(output, read, place);
                    break;
                case RoomReplies.QueryRefused { Error.RetryAfter: var wait }:
                    await Task.Delay(wait ?? Retry, chat.Time, ending);
                    break;
                default:
                    await Task.Delay(Retry, chat.Time, ending);
                    break;
            }
            // A proxy, or the listener, sees that it is still there.
            if (output.WrittenCount == 0)
                Write(output, ":\n\n");
        }
    }

    // Writes what a page tells from a place on, and says how far that goes. A place that isn't one of this log is as none, but for the gap.
    private static Place Take(ArrayBufferWriter<byte> output, RoomReplies.HistoryRead read, Place place)
    {
        var page = read.Page;
        if ((place.Seq != 0 && place.Epoch != page.Epoch) || place.Seq > page.Last)
        {
            var start = new Place(page.Epoch, Math.Max(0, page.Last - Limits.JoinHistory));
            WriteGap(output, page with { Missing = [] }, start);
            return start;
        }
        if (page.Gap)
            WriteGap(output, page, new Place(page.Epoch, read.Entries is [var first, ..] ? first.Seq - 1 : Math.Max(place.Seq, page.Through)));
        foreach (var (seq, line) in read.Entries)
        {
            Write(output, $"id: {new Place(page.Epoch, seq)}\ndata: ");
            output.Write(line.Span);
            Write(output, "\n\n");
        }
        return new Place(page.Epoch, Math.Max(Math.Max(place.Seq, page.Through), read.Entries is [.., var last] ? last.Seq : 0));
    }

    private static void WriteGap(ArrayBufferWriter<byte> output, ServerEvent.History page, Place place)
    {
        Write(output, $"id: {place}\nevent: gap\ndata: ");
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("room", page.Room);
            json.WriteString("epoch", page.Epoch);
            json.WriteNumber("last", page.Last);
            if (page.Missing.Count > 0)
            {
                json.WriteStartArray("missing");
                foreach (var (from, to) in page.Missing)
                {
                    json.WriteStartArray();
                    json.WriteNumberValue(from);
                    json.WriteNumberValue(to);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        Write(output, "\n\n");
    }

    private static void Write(ArrayBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);

    // Gives what is to be written to next: what a large page needed isn't kept. Who takes nothing for too long is let go.
    private async Task<ArrayBufferWriter<byte>> SendAsync(HttpContext context, ArrayBufferWriter<byte> output, CancellationToken ending)
    {
        using var time = new CancellationTokenSource(chat.DeadAfter, chat.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, ending);
        await context.Response.Body.WriteAsync(output.WrittenMemory, both.Token);
        await context.Response.Body.FlushAsync(both.Token);
        output.ResetWrittenCount();
        return output.Capacity > KeptBytes ? new ArrayBufferWriter<byte>() : output;
    }

    private async Task<object> AskAsync(RoomQueries.History query, CancellationToken ending)
    {
        try
        {
            return await relays.ActorRef.Ask<object>(query, _askTime, ending);
        }
        catch (AskTimeoutException)
        {
            return RelayCommands.Failed.Instance;
        }
    }

    [GeneratedRegex(@"\A(?<epoch>[^:]{0,64}):(?<seq>[0-9]{1,18})\z")]
    private static partial Regex Resume();
}
