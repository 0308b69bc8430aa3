using Chat.Bench.Load.Dialects;

namespace Chat.Bench.Peers;

/// <summary>What this gateway is compared with.</summary>
public static class AllPeers
{
    /// <summary>The gateway without <c>/metrics</c>: what measuring costs. Only where it is named.</summary>
    public const string Unmeasured = "chat-unmeasured";

    /// <summary>The gateway with its history in PostgreSQL, alone and as the one node of a cluster: what that mode costs. Only where they are named.</summary>
    public const string OnPostgres = "chat-postgres", Node = "chat-node";

    /// <summary>Those that aren't measured unless they are named.</summary>
    public static readonly IReadOnlyList<string> OnlyNamed = [Unmeasured, OnPostgres, Node];

    /// <summary>Their names, in the order of the tables.</summary>
    public static readonly IReadOnlyList<string> Names = [.. Create(null, null, null).Select(peer => peer.Name)];

    /// <summary>All of them.</summary>
    /// <param name="gateway">The gateway's program; null for the solution's own.</param>
    /// <param name="signalR">The SignalR peer's program; null for the solution's own.</param>
    /// <param name="dataIn">The folder in which the gateway's data folder is made; null for the system's temporary one.</param>
    public static IReadOnlyList<IPeer> Create(string? gateway, string? signalR, string? dataIn) =>
    [
        new LimitPeer(),
        new ChatPeer("chat", gateway, dataIn, "always"),
        new ChatPeer("chat-never", gateway, dataIn, "never"),
        new ChatPeer(Unmeasured, gateway, dataIn, "always", isMeasured: false),
        new ChatPeer(OnPostgres, gateway, dataIn, "always", database: ChatDatabase.Alone),
        new ChatPeer(Node, gateway, dataIn, "always", database: ChatDatabase.Node),
        new SignalRPeer(signalR),
        new NatsPeer(),
        new NodePeer("ws", "ws.mjs", "what is sent goes to who is connected; no names, no history, nothing stored", new BareDialect()),
        new NodePeer("socket.io", "socket-io.mjs", "rooms; each connection's messages in order, at most once; no names, no history, nothing stored", new SocketIoDialect()),
        new PythonPeer(),
    ];
}
