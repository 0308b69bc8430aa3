using Chat.Actors.Delivery;
using Chat.Protocol;

namespace Chat.Actors;

/// <summary>Every setting of the chat itself, with its default.</summary>
public sealed record ChatOptions
{
    /// <summary>What clients are told, and held to.</summary>
    public Limits Limits { get; init; } = new();

    /// <summary>How long a connection may take to log in before it is closed with 1008; zero for as long as it likes.</summary>
    public TimeSpan LoginTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which a client is pinged.</summary>
    public TimeSpan PingAfter { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How long nothing may come from a client, nor be taken by it, before it is closed with 4003 or 4002.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Connections a second from one address, after the burst; 0 for no limit.</summary>
    public double ConnectRate { get; init; } = 50;

    /// <summary>Connections that may come from it at once.</summary>
    public int ConnectBurst { get; init; } = 500;

    /// <summary>Frames a second that are read of a connection, after the burst; what is more waits. 0 for no limit.</summary>
    public double FrameRate { get; init; } = 100;

    /// <summary>Frames that are read at once.</summary>
    public int FrameBurst { get; init; } = 200;

    /// <summary>Logins a second and connection, refused ones too, after the burst; 0 for no limit.</summary>
    public double LoginRate { get; init; } = 1;

    /// <summary>Logins that may come at once.</summary>
    public int LoginBurst { get; init; } = 10;

    /// <summary>All connections of one address together may log in, join, publish, make rooms, ask and send so many times as much as one may; 0 for no limit.</summary>
    public double AddressFactor { get; init; } = 50;

    /// <summary>Joins a second and connection, after the burst; 0 for no limit. Each may be told to a whole room.</summary>
    public double JoinRate { get; init; } = 10;

    /// <summary>Joins that may come at once: more than a client has rooms to come back to.</summary>
    public int JoinBurst { get; init; } = 100;

    /// <summary>How long an empty room stays in memory.</summary>
    public TimeSpan RoomIdle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Rooms that the server may have, those with a log included; 0 for no limit.</summary>
    public int MaxRooms { get; init; } = 100_000;

    /// <summary>Rooms that one user may have made since the server started, those that are gone not counted; 0 for no limit.</summary>
    public int MaxRoomsPerUser { get; init; } = 1_000;

    /// <summary>Rooms a second that one user may make, after the burst; 0 for no limit.</summary>
    public double CreateRate { get; init; } = 1;

    /// <summary>Rooms that one may make at once: more than one may be in.</summary>
    public int CreateBurst { get; init; } = 100;

    /// <summary>Members of a room above which entries and leaves are told as a digest.</summary>
    public int DigestAbove { get; init; } = 100;

    /// <summary>The shortest time between two digests of a room.</summary>
    public TimeSpan DigestEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The shortest time between two typing notices of one user in one room.</summary>
    public TimeSpan TypingEvery { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How old the picture that <c>rooms</c> gives may be.</summary>
    public TimeSpan RoomsPictureAge { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Malformed frames within <see cref="MalformedWithin"/> that close a connection with 1008; 0 for no limit.</summary>
    public int MaxMalformed { get; init; } = 100;

    /// <summary>See <see cref="MaxMalformed"/>.</summary>
    public TimeSpan MalformedWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes that may wait for one connection before it is fed from history.</summary>
    public int OutboxBytes { get; init; } = Outbox.DefaultBound;

    /// <summary>Bytes of lines that one write may carry; an append takes at most 1 MiB.</summary>
    public int BatchBytes { get; init; } = 256 * 1024;

    /// <summary>Bytes of lines that may wait in a room for its log; past it publishers get <c>busy</c>.</summary>
    public int MaxWaitingBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>The newest messages that a room keeps in memory.</summary>
    public int RecentMessages { get; init; } = 256;

    /// <summary>Bytes that they may have.</summary>
    public int RecentBytes { get; init; } = 256 * 1024;

    /// <summary>How long a room whose storage failed waits before it opens its log again.</summary>
    public TimeSpan StorageRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How the ids seen are remembered (promise 3): at least this long,</summary>
    public TimeSpan WindowTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>and at least so many messages,</summary>
    public int WindowAtLeast { get; init; } = 1_000;

    /// <summary>but never more than so many.</summary>
    public int WindowAtMost { get; init; } = 100_000;

    /// <summary>How long a query that waits for what comes next is kept, at most.</summary>
    public TimeSpan FollowTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>What a login has to bring as its token; null for nothing.</summary>
    public Secret? AccessToken { get; init; }

    /// <summary>Names, folded, that nobody can log in with.</summary>
    public IReadOnlySet<string> ReservedNames { get; init; } = new HashSet<string>();

    /// <summary>What a welcome says that serves.</summary>
    public ServerInfo Server { get; init; } = new("ChatActors", "0.0.0");

    /// <summary>Spreads the returns of clients that are sent away: gives numbers from 0 up to, not including, 1.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    /// <summary>The time, monotonic and of the wall.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
