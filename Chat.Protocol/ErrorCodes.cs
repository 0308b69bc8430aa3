namespace Chat.Protocol;

/// <summary>The codes of an <c>error</c> event.</summary>
public static class ErrorCodes
{
    /// <summary>The frame is not a JSON object, or is nested too deep.</summary>
    public const string BadJson = "bad_json";

    /// <summary>A field is missing, of the wrong type or out of range.</summary>
    public const string BadRequest = "bad_request";

    /// <summary>There is no request of this type.</summary>
    public const string UnknownType = "unknown_type";

    /// <summary>The request needs a login first.</summary>
    public const string NotLoggedIn = "not_logged_in";

    /// <summary>This connection has a session already.</summary>
    public const string AlreadyLoggedIn = "already_logged_in";

    /// <summary>The username breaks a rule of names.</summary>
    public const string BadUsername = "bad_username";

    /// <summary>Another session holds the name.</summary>
    public const string NameTaken = "name_taken";

    /// <summary>The session token belongs to another name.</summary>
    public const string BadSession = "bad_session";

    /// <summary>The server asks for an access token, and this was not it.</summary>
    public const string BadToken = "bad_token";

    /// <summary>The room's name breaks a rule of names.</summary>
    public const string BadRoom = "bad_room";

    /// <summary>The request needs membership of the room.</summary>
    public const string NotInRoom = "not_in_room";

    /// <summary>Nothing is left of the message after trimming.</summary>
    public const string EmptyMessage = "empty_message";

    /// <summary>The message has more characters than allowed.</summary>
    public const string MessageTooLong = "message_too_long";

    /// <summary>The id was used before, for another text.</summary>
    public const string IdConflict = "id_conflict";

    /// <summary>The session is in as many rooms as it may, or the server has as many as it may.</summary>
    public const string TooManyRooms = "too_many_rooms";

    /// <summary>Too many requests in too short a time; see <c>retryAfter</c>.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>The server has more to do than it can; see <c>retryAfter</c>.</summary>
    public const string Busy = "busy";

    /// <summary>The room's log can't be read or written at the moment; see <c>retryAfter</c>.</summary>
    public const string StorageUnavailable = "storage_unavailable";

    /// <summary>A fault of the server; whether the request took effect is unknown.</summary>
    public const string Internal = "internal";
}

/// <summary>The codes with which a connection is closed (RFC 6455, section 7.4).</summary>
public static class CloseCodes
{
    /// <summary>A logout, or the client's own normal close.</summary>
    public const int Normal = 1000;

    /// <summary>The server, or the page, is going away.</summary>
    public const int GoingAway = 1001;

    /// <summary>Bytes that are no WebSocket frames.</summary>
    public const int ProtocolError = 1002;

    /// <summary>A binary frame.</summary>
    public const int Unsupported = 1003;

    /// <summary>A text frame that is not UTF-8.</summary>
    public const int NotUtf8 = 1007;

    /// <summary>No login in time, or too many malformed frames.</summary>
    public const int Policy = 1008;

    /// <summary>A frame over the limit.</summary>
    public const int TooLarge = 1009;

    /// <summary>A fault of the server.</summary>
    public const int Internal = 1011;

    /// <summary>The server has too much to do to take the connection.</summary>
    public const int TryAgainLater = 1013;

    /// <summary>Another connection resumed the session.</summary>
    public const int Replaced = 4001;

    /// <summary>The client took no byte for 60 s while something waited for it.</summary>
    public const int ReadsNothing = 4002;

    /// <summary>No byte came or went for 60 s.</summary>
    public const int Dead = 4003;

    /// <summary>Whether a client may come back by itself after a close with <paramref name="code"/>; null: no close frame came.</summary>
    public static bool MayReconnect(int? code) => code is not
        (Normal or ProtocolError or Unsupported or NotUtf8 or Policy or TooLarge or Replaced);
}
