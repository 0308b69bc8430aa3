using System.Text.RegularExpressions;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.EndToEnd.Terminal.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Terminal;

public sealed class CommandTests
{
    [TmuxFact]
    public async Task Should_complete_a_command_a_room_and_a_name_when_Tab_is_pressed()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ben = await gateway.EnterAsync("benedict", "general", "library");
        await RoomsToldAsync(ben, "library");
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await ana.ShowsAsync("benedict$");

        await ana.TypeAsync("/jo");
        await ana.PressAsync("Tab");
        await ana.ShowsAsync("general ❯ /join");
        await ana.TypeAsync("lib");
        await ana.PressAsync("Tab");
        await ana.ShowsAsync("general ❯ /join library");
        await ana.PressAsync("Enter");
        await ana.ShowsAsync("library ❯");
        await ana.ShowsAsync("^ library  2 here");

        await ana.TypeAsync("be");
        await ana.PressAsync("Tab");
        await ana.ShowsAsync("library ❯ benedict:");
        await ana.SayAsync("look here");
        await ben.ExpectAsync(frame => frame.IsMessage("library", "benedict: look here"), "the completed line");

        await ana.TypeAsync("/h");
        await ana.PressAsync("Tab");
        await ana.ShowsAsync("library ❯ /history");
        await ana.PressAsync("Tab");
        await ana.ShowsAsync("library ❯ /help");
        await ana.PressAsync("BTab");
        await ana.ShowsAsync("library ❯ /history");
    }

    [TmuxFact]
    public async Task Should_list_rooms_and_members_when_asked()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ben = await gateway.EnterAsync("ben", "general", "library");
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await RoomsToldAsync(ben, "general", 2);
        await ana.SayAsync("/rooms");
        await ana.ShowsAsync(@"Rooms: general \(2\), library \(1\)");
        await ana.SayAsync("/who");
        await ana.ShowsAsync(@"2 here: ana, ben");
    }

    [TmuxFact]
    public async Task Should_explain_itself_when_asked_or_misunderstood()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await ana.SayAsync("/help");
        await ana.ShowsAsync(picture => new[] { "/join room", "/leave", "/switch", "/rooms", "/who", "/history", "/help", "/quit" }
            .All(command => picture.Contains($"│ {command}")), "all commands");
        await ana.SayAsync("/dance now");
        await ana.ShowsAsync("✗ │ There is no command /dance");
        await ana.SayAsync("/join");
        await ana.ShowsAsync("✗ │ Write it like this: /join room");
        await ana.SayAsync("/switch nowhere");
        await ana.ShowsAsync("✗ │ You are not in nowhere");
        await ana.SayAsync("//dance");
        await ana.ShowsAsync("ana │ /dance");
        await gateway.LoggedAsync("general", 1);
        Assert.Equal(["/dance"], gateway.Texts("general"));
    }

    [TmuxFact]
    public async Task Should_load_older_messages_when_scrolled_back_or_asked()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ben = await gateway.EnterAsync("ben", "general");
        for (var i = 1; i <= 180; i++)
            await ben.PublishAsync("general", $"line {i:000}");
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await ana.ShowsAsync("line 180");
        await ana.PressUntilAsync("PageUp", picture => Regex.IsMatch(picture, @"line 0[0-7]\d"), "a line older than the first page");
        await ana.ShowsAsync("↓ newer below");
        await ana.PressUntilAsync("PageUp", picture => picture.Contains("line 001"), "the first line");
        await ben.PublishAsync("general", "line 181");
        await ana.PressUntilAsync("PageDown", picture => !picture.Contains("line 001"), "newer lines");
        await ana.PressAsync("Escape");
        await ana.ShowsAsync(picture => picture.Contains("line 181") && !picture.Contains("newer below"), "the newest line");
        await ana.SayAsync("/history");
        await ana.ShowsAsync("There is nothing older");
    }

    [TmuxFact]
    public async Task Should_load_so_many_older_messages_when_told_how_many()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ben = await gateway.EnterAsync("ben", "general");
        for (var i = 1; i <= 110; i++)
            await ben.PublishAsync("general", $"line {i:000}");
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await ana.ShowsAsync("line 110");
        await ana.SayAsync("/history 101");
        await ana.ShowsAsync("/history takes a number from 1 to 100");
        await ana.SayAsync("/history 10");
        await ana.PressUntilAsync("PageUp", picture => picture.Contains("line 001"), "the first line");
    }

    // The server's picture of its rooms is up to a second old.
    private static Task RoomsToldAsync(RawChat client, string room, int online = 1) => Watch.UntilAsync(
        async () =>
        {
            var id = Guid.NewGuid().ToString("N");
            await client.SendAsync("rooms", ("id", id));
            return await client.AnswerAsync(id);
        },
        rooms => rooms.Json.TryGetProperty("online", out var counts) && counts.TryGetProperty(room, out var count) && count.GetInt32() == online,
        $"{room} in the picture",
        rooms => rooms.Text);
}
