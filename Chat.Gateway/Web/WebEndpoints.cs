using Akka.Hosting;
using Chat.Actors.Nodes;
using Chat.Actors.Rooms;
using Chat.Gateway.Configuration;
using Chat.Gateway.Sockets;
using Chat.Protocol;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.WebUtilities;

namespace Chat.Gateway.Web;

/// <summary>All that is asked over HTTP, on the port of the WebSockets: the page, the API, health and metrics.</summary>
internal static partial class WebEndpoints
{
    private const string Live = "/health/live";
    private const string Ready = "/health/ready";
    private const string Metrics = "/metrics";

    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>What the endpoints are made of.</summary>
    public static void AddChatWeb(this IServiceCollection services, GatewayOptions options, string version)
    {
        services.AddRouting();
        services.AddCors(cors => cors.AddDefaultPolicy(Allow(options.AllowedOrigins)));
        services.AddSingleton(options).AddSingleton(new Page(version)).AddSingleton(new ApiDocument(version));
        services.AddSingleton<Callers>().AddSingleton<Visitors>().AddSingleton<RoomsApi>().AddSingleton<EventStream>().AddSingleton<Health>().AddSingleton<ClusterApi>(services => new(
            services.GetRequiredService<IRequiredActor<RoomsActor>>(), services.GetService<ClusterView>(), services.GetRequiredService<Callers>(),
            services.GetRequiredService<Visitors>()));
    }

    /// <summary>Puts all of them, the WebSockets too, into the pipeline.</summary>
    public static void UseChatWeb(this WebApplication app, GatewayOptions options)
    {
        var hosts = new HostCheck(options);
        app.Use(AnswerFaultsAsync);
        app.UseForwarded(options.TrustedProxies);
        app.Use((context, next) => hosts.IsOurs(context.Request.Host) || context.Request.Path.StartsWithSegments("/health")
            ? next(context)
            : RefuseHostAsync(context));
        app.UseChatSockets(options);
        app.UseStatusCodePages(context => DescribeAsync(context.HttpContext));
        // What a closed server tells, it tells to those who may come in. Routes are found with a slash at the end, too.
        app.Use(async (context, next) =>
        {
            var isMetrics = context.Request.Path.StartsWithSegments(Metrics);
            if (isMetrics && !Reading.Contains(context.Request.Method))
                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            else if (!isMetrics || await app.Services.GetRequiredService<Callers>().MayReadAsync(context, app.Services.GetRequiredService<Visitors>().BudgetOf(context)))
                await next(context);
        });
        app.UseRouting();
        app.UseCors();
        app.Use((context, next) => OriginCheck.IsAllowed(context.Request, options) || !context.Request.Path.StartsWithSegments("/api")
            ? next(context)
            : Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "origin_refused",
                "Pages of this origin may not ask. The server's operator can allow it with --allowed-origins."));
        Map(app, options);
    }

    private static void Map(WebApplication app, GatewayOptions options)
    {
        var (page, document, api, events, health) = (
            app.Services.GetRequiredService<Page>(), app.Services.GetRequiredService<ApiDocument>(), app.Services.GetRequiredService<RoomsApi>(),
            app.Services.GetRequiredService<EventStream>(), app.Services.GetRequiredService<Health>());
        foreach (var (path, serve) in page.Files)
            app.MapMethods(path, Reading, serve);
        app.MapMethods("/openapi.json", Reading, document.ServeAsync);
        app.MapMethods("/api/rooms", Reading, api.ListAsync);
        app.MapMethods("/api/cluster", Reading, app.Services.GetRequiredService<ClusterApi>().ReadAsync);
        app.MapMethods("/api/rooms/{room}/messages", Reading, api.ReadAsync);
#if FLECK
        app.MapGet("/api/rooms/{room}/events", LacksAsync);
        app.MapPost("/api/rooms/{room}/messages", LacksAsync);
#else
        app.MapGet("/api/rooms/{room}/events", events.ServeAsync);
        app.MapPost("/api/rooms/{room}/messages", api.PublishAsync);
#endif
        app.MapMethods(Live, Reading, Health.LiveAsync);
        app.MapMethods(Ready, Reading, health.ReadyAsync);
        if (options.Metrics)
            app.MapPrometheusScrapingEndpoint(Metrics);
    }

    // Of the addresses in the header, the last that isn't a trusted proxy's is the client's.
    private static void UseForwarded(this WebApplication app, IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        if (proxies.Count == 0)
            return;
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in proxies)
            forwarded.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(forwarded);
    }

    private static CorsPolicy Allow(IReadOnlyList<string> origins) => new CorsPolicyBuilder([.. origins])
        .WithMethods(HttpMethods.Get, HttpMethods.Post).AllowAnyHeader().WithExposedHeaders("Location", "Retry-After").Build();

    private static Task RefuseHostAsync(HttpContext context)
    {
        context.RequestServices.GetRequiredService<Rejections>().Add("public-url");
        context.Response.Headers.Connection = "close";
        return Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "host_refused",
            $"This server doesn't know the name {context.Request.Host.Host}. Its operator can tell it with --public-url.");
    }

    // What an endpoint, or the server below it, refuses without a word.
    private static Task DescribeAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var code = status switch
        {
            StatusCodes.Status404NotFound => "not_found",
            StatusCodes.Status405MethodNotAllowed => "method_not_allowed",
            _ => ErrorCodes.BadRequest,
        };
        return Problems.WriteAsync(context, status, code, status switch
        {
            StatusCodes.Status404NotFound => "There is nothing here. The chat is at /, WebSocket clients connect to /ws, the API is described at /openapi.json.",
            StatusCodes.Status405MethodNotAllowed => $"This can't be asked for with {context.Request.Method}.",
            _ => ReasonPhrases.GetReasonPhrase(status) + ".",
        });
    }

    private static async Task AnswerFaultsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Problems.WriteAsync(context, e.StatusCode, ErrorCodes.BadRequest, e.Message);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            LogFailed(context.RequestServices.GetRequiredService<ILogger<Problem>>(), e, context.Request.Method, context.Request.Path);
            context.Response.Clear();
            await Problems.WriteAsync(context, StatusCodes.Status500InternalServerError, ErrorCodes.Internal, "A fault of the server's. Its log says more.");
        }
    }

#if FLECK
    private static Task LacksAsync(HttpContext context) => Problems.WriteAsync(
        context, StatusCodes.Status501NotImplemented, "not_on_fleck", "The gateway that is built on Fleck can't do this; the one on Kestrel can.");
#endif

    private sealed class Problem;

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, Exception cause, string method, PathString path);
}
