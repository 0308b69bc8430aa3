using Chat.Actors;
using Chat.Actors.Connections;
using Chat.Gateway.Configuration;
using Chat.Gateway.Sockets;
using Chat.Protocol;
using Microsoft.AspNetCore.Connections.Features;

namespace Chat.Gateway.Web;

/// <summary>A program that may publish: who it speaks as, and how fast. Safe from any thread.</summary>
internal sealed class Publisher(ApiKey key, int number, ChatOptions chat)
{
    private readonly Lock _gate = new();
    private readonly TokenBucket _publishes = new(chat.Limits.PublishRate, chat.Limits.PublishBurst, chat.Time);

    /// <summary>What it has to know.</summary>
    public Secret Secret => key.Secret;

    /// <summary>Who it speaks as. No session has such a number.</summary>
    public Speaker Speaker { get; } = new(key.Name, new SessionId(-number), 1);

    /// <summary>Counts a message; null where it may be sent, else how long to wait.</summary>
    public TimeSpan? TryPublish()
    {
        lock (_gate)
            return _publishes.TryTake();
    }
}

/// <summary>Who asks over HTTP, by its bearer token (RFC 6750).</summary>
internal sealed class Callers(GatewayOptions options, ChatOptions chat)
{
    // What one connection may try to guess, and read.
    private sealed class Budget(ChatOptions chat)
    {
        public TokenBucket Guesses { get; } = new(chat.LoginRate, chat.LoginBurst, chat.Time);

        public TokenBucket Reads { get; } = new(chat.Limits.ReadRate, Math.Max(1, (int)chat.Limits.ReadRate), chat.Time);
    }

    private const string Scheme = "Bearer ";

    private readonly Publisher[] _publishers = [.. options.ApiKeys.Select((key, i) => new Publisher(key, i + 1, chat))];

    /// <summary>Whether anybody may publish.</summary>
    public bool HasPublishers => _publishers.Length > 0;

    /// <summary>Whether the request may read: anybody's may, unless an access token is asked for. Else it is answered.</summary>
    public async Task<bool> MayReadAsync(HttpContext context, AddressBudget? address)
    {
        var token = TokenOf(context.Request);
        if (!await MayTryAsync(context, token, address))
            return false;
        if ((token is null && options.AccessToken is null) || (token is not null && (options.AccessToken?.Is(token) == true | Find(token) is not null)))
            return await IsSlowEnoughAsync(context, BudgetOf(context).Reads.TryTake(), chat.Limits.ReadRate, address, AddressAct.Query, "requests");
        await ChallengeAsync(context, token, address);
        return false;
    }

    /// <summary>Who publishes with the request; where it may not, it is answered, and that is null.</summary>
    public async Task<Publisher?> PublisherOfAsync(HttpContext context, AddressBudget? address)
    {
        var token = TokenOf(context.Request);
        if (!HasPublishers)
            await Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "publishing_off",
                "Publishing over HTTP is off. The server's operator can turn it on with --api-key name=secret, CHAT_API_KEYS or --api-keys-file.");
        else if (!await MayTryAsync(context, token, address))
            return null;
        else if (token is not null && Find(token) is { } publisher)
            return publisher;
        else
            await ChallengeAsync(context, token, address);
        return null;
    }

    /// <summary>Whether the message may be sent now, as to rates; else the request is answered.</summary>
    public Task<bool> MayPublishAsync(HttpContext context, Publisher publisher, AddressBudget? address) =>
        IsSlowEnoughAsync(context, publisher.TryPublish(), chat.Limits.PublishRate, address, AddressAct.Publish, "messages");

    // Whether there was a token left in a bucket of the caller's (else how long to wait), and is one in its address's; where not, the request is answered.
    private static async Task<bool> IsSlowEnoughAsync(HttpContext context, TimeSpan? own, double rate, AddressBudget? address, AddressAct act, string acts)
    {
        if (own is { } wait)
            await RefuseAsync(context, $"At most {rate} {acts} a second. Wait a moment.", wait);
        else if (address?.TryTake(act) is { } longer)
            await RefuseAsync(context, $"Too many {acts} come from your address. Wait a moment.", longer);
        else
            return true;
        return false;
    }

    private static Task RefuseAsync(HttpContext context, string sentence, TimeSpan wait)
    {
        ChatMeter.Refused(ErrorCodes.RateLimited);
        return Problems.WriteAsync(context, new ServerEvent.Error(ErrorCodes.RateLimited, sentence, null, wait));
    }

    // Who was wrong too often isn't told any more whether it is right.
    private async Task<bool> MayTryAsync(HttpContext context, string? token, AddressBudget? address)
    {
        if (token is null || (BudgetOf(context).Guesses.NextIn() ?? address?.NextIn(AddressAct.Login)) is not { } wait)
            return true;
        await RefuseAsync(context, "Too many attempts with a wrong token. Wait a moment.", wait);
        return false;
    }

    private async Task ChallengeAsync(HttpContext context, string? token, AddressBudget? address)
    {
        if (token is not null)
        {
            BudgetOf(context).Guesses.TryTake();
            address?.TryTake(AddressAct.Login);
        }
        ChatMeter.Refused(ErrorCodes.BadToken);
        context.Response.Headers.WWWAuthenticate = token is null ? "Bearer" : "Bearer error=\"invalid_token\"";
        await Problems.WriteAsync(context, StatusCodes.Status401Unauthorized, ErrorCodes.BadToken, token is null
            ? "Say who you are, with the header \"Authorization: Bearer <secret>\"."
            : "That isn't a secret that opens this.");
    }

    // All are compared, whichever it is.
    private Publisher? Find(string token)
    {
        Publisher? found = null;
        foreach (var publisher in _publishers)
        {
            if (publisher.Secret.Is(token))
                found = publisher;
        }
        return found;
    }

    // What another scheme says may be a proxy's affair.
    private static string? TokenOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;

    private Budget BudgetOf(HttpContext context)
    {
        // A proxy's connections are many clients', whose addresses are counted. Those of one connection come one at a time.
        if (Visitors.IsForwarded(context, options.TrustedProxies) || context.Features.Get<IConnectionItemsFeature>() is not { Items: { } items })
            return new Budget(chat);
        if (items.TryGetValue(this, out var known))
            return (Budget)known!;
        var budget = new Budget(chat);
        items[this] = budget;
        return budget;
    }
}
