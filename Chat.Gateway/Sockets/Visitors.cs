using System.Net;
using Chat.Actors.Connections;
using Chat.Gateway.Configuration;
using Chat.Gateway.Hosting;
using Chat.Gateway.Web;
using Chat.Protocol;
using Microsoft.AspNetCore.HttpOverrides;

namespace Chat.Gateway.Sockets;

/// <summary>Where requests come from, what that address may do, and whether there is a place for who stays.</summary>
internal sealed class Visitors(Admission admission, Rejections rejections, GatewayOptions options, Draining draining)
{
    private const string ReasonDraining = "draining";

    /// <summary>What the request's address may do; null where that has no limit.</summary>
    public AddressBudget? BudgetOf(HttpContext context) => admission.BudgetOf(AddressOf(context), IsForwarded(context, options.TrustedProxies));

    /// <summary>Takes a place for a connection that stays; where there is none, the request is answered, and that is null.</summary>
    public async Task<Admission.Place?> AdmitAsync(HttpContext context)
    {
        Rejection? rejection;
        if (draining.HasBegun)
            rejection = new(StatusCodes.Status503ServiceUnavailable, ReasonDraining, "The server is going away. Try again in a moment.", TimeSpan.FromSeconds(options.DrainSeconds + 1));
        else if (admission.Admit(AddressOf(context), out rejection, IsForwarded(context, options.TrustedProxies)) is { } place)
        {
            context.Features.Get<Strangers.Stranger>()?.BecomeKnown();
            return place;
        }
        rejections.Add(rejection!.Reason);
        context.Response.Headers.Connection = "close";
        var code = rejection.Status == StatusCodes.Status429TooManyRequests ? ErrorCodes.RateLimited : ErrorCodes.Busy;
        await Problems.WriteAsync(context, rejection.Status, code, rejection.Sentence, rejection.RetryAfter);
        return null;
    }

    /// <summary>
    /// Whether a proxy sent it, whose connections are many clients'. Also where what the proxy was told is no address: whoever told it is no client of
    /// this machine.
    /// </summary>
    public static bool IsForwarded(HttpContext context, IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        var headers = context.Request.Headers;
        return proxies.Count > 0 && (headers.ContainsKey(ForwardedHeadersDefaults.XOriginalForHeaderName)
            || (headers.ContainsKey(ForwardedHeadersDefaults.XForwardedForHeaderName)
                && context.Connection.RemoteIpAddress is { } remote && Strangers.IsProxy(proxies, remote)));
    }

    private static IPAddress AddressOf(HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.None;
}
