using System.Text.RegularExpressions;

namespace Chat.Protocol.Codec;

/// <summary>Requests to and from their bytes.</summary>
public static partial class RequestCodec
{
    /// <summary>
    /// Reads one frame. Never throws, whatever the bytes: gives the request, or the error that answers it.
    /// The frame's size is for the socket to bound; unknown fields are ignored.
    /// </summary>
    public static (Request? Request, ServerEvent.Error? Error) Decode(ReadOnlySpan<byte> utf8)
    {
        var fields = RequestFields.Read(utf8, out var problem);
        if (fields is null)
            return (null, new ServerEvent.Error(ErrorCodes.BadJson, problem));

        var id = fields.OptionalText("id");
        if (fields.Problem is not null || (id is not null && !IsId(id)))
            return (null, new ServerEvent.Error(
                ErrorCodes.BadRequest, "The field \"id\" must be a string of 1 to 64 characters of A-Z a-z 0-9 . _ : -"));

        var type = fields.Text("type");
        if (fields.Problem is { } fault)
            return (null, new ServerEvent.Error(ErrorCodes.BadRequest, fault) { Id = id });

        var request = Read(type, fields);
        if (request is null)
            return (null, new ServerEvent.Error(
                ErrorCodes.UnknownType,
                "There is no request of this type. Known are: login, join, leave, publish, history, who, rooms, typing, ping, logout.")
            { Id = id });
        if (fields.Problem is { } wrong)
            return (null, new ServerEvent.Error(ErrorCodes.BadRequest, wrong) { Id = id });
        if (request is Request.History { Before: not null, After: not null })
            return (null, new ServerEvent.Error(ErrorCodes.BadRequest, "Give \"before\" or \"after\", not both.") { Id = id });
        return (request with { Id = id }, null);
    }

    private static Request? Read(string type, FieldReader fields) => type switch
    {
        "login" => new Request.Login(fields.Text("username"), fields.OptionalText("session"), fields.OptionalText("token")),
        "join" => new Request.Join(
            fields.Text("room"), fields.OptionalSeq("since", -FieldReader.GreatestSeq), fields.OptionalText("epoch"),
            fields.OptionalInteger("history", 0, Limits.PageMessages)),
        "leave" => new Request.Leave(fields.Text("room")),
        "publish" => new Request.Publish(fields.Text("room"), fields.Text("message")),
        "history" => new Request.History(
            fields.Text("room"), fields.OptionalSeq("before"), fields.OptionalSeq("after"),
            fields.OptionalInteger("limit", 1, Limits.PageMessages)),
        "who" => new Request.Who(fields.Text("room")),
        "rooms" => new Request.Rooms(),
        "typing" => new Request.Typing(fields.Text("room")),
        "ping" => new Request.Ping(),
        "logout" => new Request.Logout(),
        _ => null,
    };

    /// <summary>The frame's bytes for a request.</summary>
    public static byte[] Encode(Request request) => (request switch
    {
        Request.Login r => Start("login", r).Text("username", r.Username).Text("session", r.Session).Text("token", r.Token),
        Request.Join r => Start("join", r).Text("room", r.Room).Integer("since", r.Since).Text("epoch", r.Epoch).Integer("history", r.HistoryCount),
        Request.Leave r => Start("leave", r).Text("room", r.Room),
        Request.Publish r => Start("publish", r).Text("room", r.Room).Text("message", r.Text),
        Request.History r => Start("history", r).Text("room", r.Room).Integer("before", r.Before).Integer("after", r.After).Integer("limit", r.Limit),
        Request.Who r => Start("who", r).Text("room", r.Room),
        Request.Rooms r => Start("rooms", r),
        Request.Typing r => Start("typing", r).Text("room", r.Room),
        Request.Ping r => Start("ping", r),
        Request.Logout r => Start("logout", r),
        _ => throw new ArgumentException($"No encoding for {request.GetType()}.", nameof(request)),
    }).ToUtf8();

    private static JsonLine Start(string type, Request request) => JsonLine.Start(type).Text("id", request.Id);

    /// <summary>Whether a text may be an id: 1 to 64 characters of <c>A-Z a-z 0-9 . _ : -</c>.</summary>
    public static bool IsId(string id) => IdPattern().IsMatch(id);

    [GeneratedRegex(@"\A[A-Za-z0-9._:-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}
