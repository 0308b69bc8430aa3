using Chat.Tests.EndToEnd.Terminal.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Terminal;

public sealed class ConversationTests
{
    [TmuxFact]
    public async Task Should_show_two_people_each_others_lines_and_who_is_here_when_they_chat()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await using var ben = await TmuxChat.EnterAsync(gateway, "ben");
        await ana.ShowsAsync("→ │ ben joined");
        await ana.ShowsAsync(picture => picture.Contains("2 here") && MembersOf(picture) is ["ana", "ben"], "both among the members");
        await ben.ShowsAsync(picture => MembersOf(picture) is ["ana", "ben"], "both among the members");

        // It is told again every few seconds, as long as somebody types.
        await Watch.UntilAsync(
            async () =>
            {
                await ana.TypeAsync("x");
                return await ben.PictureAsync();
            },
            picture => picture.Contains("ana is typing…"),
            "that ana is typing",
            picture => picture);
        await ana.PressAsync("C-u");
        await ana.SayAsync("hello Ben, grüß dich 😀");
        await ben.ShowsAsync("ana │ hello Ben, grüß dich 😀");
        await ben.SayAsync("hi Ana");
        foreach (var chat in new[] { ana, ben })
            await chat.ShowsAsync(picture => picture.Contains("ben │ hi Ana") && !picture.Contains("sending"), "what ben said, stored");

        await ben.SayAsync("/quit");
        await ben.ShowsAsync("ended with 0");
        await ana.ShowsAsync(picture => picture.Contains("← │ ben left") && picture.Contains("1 here") && MembersOf(picture) is ["ana"], "that ben left");
        Assert.Equal(["hello Ben, grüß dich 😀", "hi Ana"], gateway.Texts("general"));
    }

    [TmuxFact]
    public async Task Should_count_what_is_unread_in_another_room_until_it_is_shown()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await using var ben = await gateway.EnterAsync("ben", "general");
        await ana.SayAsync("/join lobby");
        await ana.ShowsAsync("lobby ❯");
        await ana.ShowsAsync("^ lobby  1 here");
        await ben.PublishAsync("general", "one");
        await ben.PublishAsync("general", "two");
        await ana.ShowsAsync(@"^ 1 general +2 │");
        Assert.DoesNotContain("ben │ two", await ana.PictureAsync());
        await ana.PressAsync("M-1");
        await ana.ShowsAsync(picture => picture.Contains("ben │ two") && picture.Contains("general ❯"), "general");
        await ana.ShowsAsync(@"^ 1 general +│");

        await ana.PressAsync("C-n");
        await ana.ShowsAsync("lobby ❯");
        await ana.PressAsync("C-p");
        await ana.ShowsAsync("general ❯");
        await ana.SayAsync("/leave lobby");
        await ana.ShowsAsync(picture => !picture.Contains("lobby   "), "no lobby");
    }

    [TmuxFact]
    public async Task Should_ask_for_another_name_when_the_name_is_taken()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var holder = await gateway.EnterAsync("ana", "general");
        await using var chat = await TmuxChat.StartAsync(gateway, "--user", "ana");
        await chat.ShowsAsync("your name ❯ ana");
        await chat.ShowsAsync("✗ │ .*ana");
        await chat.PressAsync("C-u");
        await chat.SayAsync("not a name");
        await chat.ShowsAsync(@"✗ │ A username");
        await chat.PressAsync("C-u");
        await chat.SayAsync("anabel");
        await chat.ShowsAsync(picture => picture.Contains("● connected") && picture.Contains("general ❯") && picture.Contains("anabel at"), "the chat");
        await chat.SayAsync("here at last");
        await holder.ExpectAsync(frame => frame.IsMessage("general", "here at last"), "what it said");
    }

    [TmuxFact]
    public async Task Should_ask_for_a_name_when_none_is_given()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var chat = await TmuxChat.StartAsync(gateway, "--room", "lobby");
        await chat.ShowsAsync("your name ❯");
        await chat.PressAsync("C-u");
        await chat.SayAsync("ana");
        await chat.ShowsAsync(picture => picture.Contains("● connected") && picture.Contains("lobby ❯") && picture.Contains("ana at"), "the chat");
    }

    [TmuxFact]
    public async Task Should_say_a_text_of_two_lines_when_Alt_Enter_parts_them()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await ana.TypeAsync("first");
        await ana.PressAsync("M-Enter");
        await ana.TypeAsync("second");
        await ana.ShowsAsync("general ❯ first⏎second");
        await ana.PressAsync("Enter");
        await ana.ShowsAsync(@"ana │ first[^\n]*\n[^\n]*│ second");
        await gateway.LoggedAsync("general", 1);
        Assert.Equal(["first\nsecond"], gateway.Texts("general"));
    }

    private static string[] MembersOf(string picture)
    {
        var rows = picture.Split('\n');
        var column = rows[1].IndexOf("MEMBERS", StringComparison.Ordinal);
        return column < 0 ? [] : [.. rows[2..26].Select(row => row.Length > column ? row[column..].Trim() : "").Where(name => name.Length > 0)];
    }
}
