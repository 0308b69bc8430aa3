using System.Text.Json.Nodes;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Support;

/// <summary>The requests that most tests begin with, and their answers.</summary>
public sealed partial class RawChat
{
    /// <summary>Waits until all that was sent before has been dealt with by the connection.</summary>
    public async Task PongAsync()
    {
        var id = $"ping-{++_pings}";
        await SendAsync("ping", ("id", id));
        await AnswerAsync(id);
    }

    /// <summary>Logs in, and waits for the rooms that end the answer.</summary>
    public async Task<Frame> LoginAsync(string user, string? session = null)
    {
        await (session is null ? SendAsync("login", ("username", user)) : SendAsync("login", ("username", user), ("session", session)));
        var welcome = await ExpectAsync(frame => frame.IsSystem("welcome"), $"the welcome of {user}");
        (User, Session) = (user, welcome["session"]!);
        await ExpectAsync("rooms");
        return welcome;
    }

    /// <summary>Joins a room; gives the page that is live.</summary>
    public async Task<Frame> JoinAsync(string room, long? since = null, int? history = null, string? id = null)
    {
        id ??= $"join-{room}";
        var fields = new List<(string, JsonNode?)> { ("room", room), ("id", id) };
        if (since is not null)
            fields.Add(("since", since));
        if (history is not null)
            fields.Add(("history", history));
        await SendAsync("join", [.. fields]);
        return await ExpectAsync(
            frame => frame.Type == "error" && frame.Id == id
                ? throw new XunitException($"The join was refused: {frame}\n{Report}")
                : frame.Type == "history" && frame.Id == id && frame.Flag("live"),
            $"the live page of {room}");
    }

    /// <summary>Publishes and waits for the ack.</summary>
    public async Task<Frame> PublishAsync(string room, string text, string? id = null)
    {
        id ??= Guid.NewGuid().ToString("N");
        await SendAsync("publish", ("room", room), ("message", text), ("id", id));
        var answer = await AnswerAsync(id);
        return answer.Type == "ack" ? answer : throw new XunitException($"Expected an ack, got {answer}\n{Report}");
    }

    /// <summary>
    /// Waits until everything that happened in the room before this call has been sent here: a message of one's own comes behind it.
    /// </summary>
    public async Task CatchUpAsync(string room)
    {
        var text = $"caught up {Guid.NewGuid():N}";
        await SendAsync("publish", ("room", room), ("message", text));
        await ExpectAsync(frame => frame.IsMessage(room, text), $"one's own message in {room}");
    }
}
