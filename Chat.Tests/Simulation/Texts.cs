using Chat.Protocol;
using Chat.Tests.Fakes;

namespace Chat.Tests.Simulation;

/// <summary>Requests and events as a trace has them: short, and without what differs from process to process.</summary>
internal static class Texts
{
    public static string Of(Request request) => request switch
    {
        Request.Login login => $"login {login.Username}{(login.Session is null ? "" : " again")} ({login.Id})",
        Request.Join join => $"join {join.Room} since {join.Since} history {join.HistoryCount} ({join.Id})",
        Request.Publish publish => $"publish {publish.Room} \"{Head(publish.Text)}\" ({publish.Id})",
        Request.History history => $"history {history.Room} before {history.Before} after {history.After} limit {history.Limit} ({history.Id})",
        Request.Leave leave => $"leave {leave.Room} ({leave.Id})",
        Request.Typing typing => $"typing {typing.Room} ({typing.Id})",
        Request.Who who => $"who {who.Room} ({who.Id})",
        _ => $"{request.GetType().Name} ({request.Id})",
    };

    public static string Of(object frame) => frame switch
    {
        ServerEvent.Welcome welcome => $"welcome {welcome.User} resumed {welcome.Resumed} in {string.Join(' ', welcome.JoinedRooms)} ({welcome.Id})",
        ServerEvent.Message message => $"message {message.Room} {message.Seq} \"{Head(message.Text)}\" of {message.User}",
        ServerEvent.Ack ack => $"ack {ack.Room} {ack.Seq}{(ack.Duplicate ? " duplicate" : "")}",
        ServerEvent.History page =>
            $"history {page.Room} {string.Join(' ', page.Messages.Select(message => message.Seq))} last {page.Last}{(page.Live ? " live" : "")}"
            + $"{(page.Gap ? " gap" : "")}{(page.More ? " more" : "")} ({page.Id})",
        ServerEvent.Joined joined => $"joined {joined.Room} {joined.User} online {joined.Online}",
        ServerEvent.Left left => $"left {left.Room} {left.User} online {left.Online} ({left.Id})",
        ServerEvent.Presence presence => $"presence {presence.Room} {presence.JoinedCount} {presence.LeftCount} online {presence.Online}",
        ServerEvent.Typing typing => $"typing {typing.Room} {typing.User}",
        ServerEvent.Who who => $"who {who.Room} {string.Join(' ', who.Members)} ({who.Id})",
        ServerEvent.Rooms rooms => $"rooms {string.Join(' ', rooms.Names.Select(name => $"{name}:{rooms.Online[name]}"))} ({rooms.Id})",
        ServerEvent.Error error => $"error {error.Code} {error.Room} retry {error.RetryAfter?.TotalMilliseconds} ({error.Id})",
        ServerEvent.Shutdown shutdown => $"shutdown, back in {shutdown.ReconnectIn.TotalMilliseconds}",
        OtherFrame.Closed closed => $"close {closed.Code}",
        ServerEvent e => $"{e.GetType().Name} ({e.Id})",
        _ => frame.GetType().Name,
    };

    private static string Head(string text) => text.Length <= 24 ? text : text[..24] + "…";
}
