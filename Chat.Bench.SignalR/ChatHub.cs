using Microsoft.AspNetCore.SignalR;

namespace Chat.Bench.SignalR;

/// <summary>Rooms as SignalR's documentation shows them: groups. It is what Chat.Bench compares the gateway with.</summary>
public sealed class ChatHub : Hub
{
    /// <summary>Goes into a room.</summary>
    public Task Join(string room) => Groups.AddToGroupAsync(Context.ConnectionId, room);

    /// <summary>Sends a text to all of a room, the sender too.</summary>
    public Task Send(string room, string user, string text) => Clients.Group(room).SendAsync("message", room, user, text);
}
