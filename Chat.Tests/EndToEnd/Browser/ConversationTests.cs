using Chat.Tests.EndToEnd.Browser.Support;
using Chat.Tests.EndToEnd.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.EndToEnd.Browser;

[Collection(BrowserCollection.Name)]
public sealed class ConversationTests(BrowserFixture chat)
{
    [BrowserFact]
    public async Task Should_let_two_people_talk()
    {
        var (room, lobby) = (chat.Name("general"), chat.Name("lobby"));
        var (anaName, benName) = (chat.Name("ana"), chat.Name("ben"));
        await using var ana = await chat.OpenAsync(anaName, room);
        await using var ben = await chat.OpenAsync(benName, room);
        await Expect(ana.MemberNames).ToHaveTextAsync([anaName, benName]);
        await Expect(ana.Page.GetByText($"{benName} joined")).ToBeVisibleAsync();

        await ben.Field.PressSequentiallyAsync("Hel");
        await Expect(ana.Page.GetByText($"{benName} is typing…")).ToBeVisibleAsync();
        await ben.SayAsync("Hello, Ana!");
        await ben.HasStoredAsync("Hello, Ana!");
        await Expect(ana.Message("Hello, Ana!")).ToContainTextAsync(benName);
        await Expect(ana.Page.GetByText($"{benName} is typing…")).ToHaveCountAsync(0);
        await ana.SayAsync("Hello, Ben!");
        await ana.HasStoredAsync("Hello, Ben!");
        await ben.ShowsAsync("Hello, Ana!", "Hello, Ben!");
        await ana.ShowsAsync("Hello, Ana!", "Hello, Ben!");

        // Ana looks at another room meanwhile.
        await ana.Page.Keyboard.PressAsync("Control+k");
        await ana.Page.GetByRole(AriaRole.Combobox).FillAsync(lobby);
        await ana.Page.Keyboard.PressAsync("Enter");
        await Expect(ana.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync($"#{lobby}");
        await ben.SayAsync("Still there?");
        await ben.SayAsync($"{anaName}?");
        await Expect(ana.Joined.GetByRole(AriaRole.Link, new() { Name = room })).ToContainTextAsync("2 unread, you are named");
        await Expect(ana.Page).ToHaveTitleAsync($"(2) #{lobby} · Chat");
        await ana.Page.Keyboard.PressAsync("Alt+ArrowUp");
        await ana.ShowsAsync("Hello, Ana!", "Hello, Ben!", "Still there?", $"{anaName}?");
        await Expect(ana.Page).ToHaveTitleAsync($"#{room} · Chat");

        await ben.Button($"Leave the room {room}").ClickAsync();
        await Expect(ben.Page.GetByRole(AriaRole.Heading, new() { Name = "You are in no room" })).ToBeVisibleAsync();
        await Expect(ana.MemberNames).ToHaveTextAsync([anaName]);
        await Expect(ben.Page.GetByRole(AriaRole.List, new() { Name = "Other rooms" })).ToContainTextAsync(room);
    }

    [BrowserFact]
    public async Task Should_send_again_in_order_what_came_too_fast()
    {
        using var data = new TempFolder();
        await using var gateway = await GatewayProcess.StartAsync(data.Path, "--publish-rate", "2");
        await using var ana = await chat.OpenAsync(gateway.Port, "ana", "general");
        string[] texts = [.. Enumerable.Range(1, 8).Select(i => $"line {i}")];
        foreach (var text in texts)
            await ana.SayAsync(text);
        await ana.HasStoredAsync(texts[^1]);
        await ana.ShowsAsync(texts);
    }

    [BrowserFact]
    public async Task Should_say_why_a_message_is_refused_and_let_it_go()
    {
        await using var ana = await chat.OpenAsync(chat.Name("ana"), chat.Name("general"));
        await ana.SayAsync("bell \u0007");
        await Expect(ana.Message("bell U+0007")).ToContainTextAsync("The message holds the control character U+0007. Only line feed and tab are allowed.");
        await ana.SayAsync("after");
        await ana.HasStoredAsync("after");
        await ana.Button("Try again").ClickAsync();
        await Expect(ana.Button("Try again")).ToBeVisibleAsync();
        await ana.Button("Discard").ClickAsync();
        await ana.ShowsAsync("after");
    }

    [BrowserFact]
    public async Task Should_show_what_others_write_as_text_and_nothing_else()
    {
        string[] texts =
        [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "javascript:alert(1) data:text/html,x",
            string.Concat(Enumerable.Repeat("🧨", 2_000)),
            string.Concat(Enumerable.Repeat("Z\u0351\u0352\u0353", 300)),
            "  &amp; {{version}} ${1} *bold* `code`".Trim(),
        ];
        var room = chat.Name("hostile");
        await using var mallory = await chat.EnterAsync("mallory", room);
        await using var ana = await chat.OpenAsync(chat.Name("ana"), room);
        foreach (var text in texts)
            await mallory.PublishAsync(room, text);
        await ana.ShowsAsync(texts);
        Assert.Equal(0, await ana.Texts.Locator("*").CountAsync());

        await mallory.PublishAsync(room, "pay \u202Eevil\u2066\u200B now");
        await Expect(ana.Texts.Last).ToHaveTextAsync("pay U+202EevilU+2066U+200B now");
        await Expect(ana.Texts.Last).ToHaveAttributeAsync("dir", "auto");
        Assert.Equal("isolate", await ana.Texts.Last.EvaluateAsync<string>("text => getComputedStyle(text).unicodeBidi"));
    }

    [BrowserFact]
    public async Task Should_make_addresses_of_the_web_links_and_nothing_else()
    {
        var room = chat.Name("links");
        await using var ben = await chat.EnterAsync("ben", room);
        await using var ana = await chat.OpenAsync(chat.Name("ana"), room);
        await ben.PublishAsync(room, "see https://example.org/a_(b)?q=1#x, http://example.com. (https://example.net/) javascript:alert(1) ftp://x https:// HTTP://EXAMPLE.ORG");
        var links = ana.Texts.Last.GetByRole(AriaRole.Link);
        await Expect(links).ToHaveTextAsync(["https://example.org/a_(b)?q=1#x", "http://example.com", "https://example.net/", "HTTP://EXAMPLE.ORG"]);
        foreach (var link in await links.AllAsync())
        {
            await Expect(link).ToHaveAttributeAsync("rel", "noopener noreferrer nofollow");
            await Expect(link).ToHaveAttributeAsync("target", "_blank");
        }
    }
}
