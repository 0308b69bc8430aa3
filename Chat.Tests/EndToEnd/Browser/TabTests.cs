using Chat.Tests.EndToEnd.Browser.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.EndToEnd.Browser;

[Collection(BrowserCollection.Name)]
public sealed class TabTests(BrowserFixture chat)
{
    [BrowserFact]
    public async Task Should_resume_when_the_page_is_loaded_again()
    {
        var (room, other) = (chat.Name("general"), chat.Name("other"));
        await using var ben = await chat.EnterAsync("ben", room, other);
        await using var ana = await chat.OpenAsync(chat.Name("ana"), other);
        await ana.GotoAsync($"#/{room}");
        await ana.SayAsync("one");
        await ana.HasStoredAsync("one");
        await ana.Field.FillAsync("half-typed");

        await ana.Page.ReloadAsync();
        await ana.IsConnectedAsync();
        await ana.ShowsAsync("one");
        await Expect(ana.Field).ToHaveValueAsync("half-typed");
        await Expect(ana.Joined.GetByRole(AriaRole.Link)).ToHaveCountAsync(2);
        await ben.PublishAsync(room, "two");
        await ben.PublishAsync(other, "elsewhere");
        await ana.ShowsAsync("one", "two");
        await Expect(ana.Joined.GetByRole(AriaRole.Link, new() { Name = other })).ToContainTextAsync("1 unread");
        Assert.DoesNotContain(ben.Frames, frame => frame.IsSystem("left"));
        Assert.Equal(2, ben.Frames.Count(frame => frame.IsSystem("joined")));
    }

    [BrowserFact]
    public async Task Should_stay_away_when_a_copy_of_the_tab_took_the_chat_over()
    {
        var room = chat.Name("general");
        await using var ana = await chat.OpenAsync(chat.Name("ana"), room);
        await ana.Field.FillAsync("half-typed");
        // What duplicating a tab does: another page with a copy of what this one keeps.
        var kept = await ana.Page.EvaluateAsync<string>("() => (dispatchEvent(new Event('pagehide')), JSON.stringify({ ...sessionStorage }))");
        await using var copy = new ChatPage(await ana.Page.Context.NewPageAsync(), chat.Gateway.Port);
        await copy.Page.AddInitScriptAsync($"if (!sessionStorage.length) Object.assign(sessionStorage, {kept})");
        await copy.GotoAsync($"#/{room}");
        await copy.IsConnectedAsync();

        var taken = ana.Page.GetByRole(AriaRole.Dialog, new() { Name = "The chat is open elsewhere" });
        await Expect(taken).ToBeVisibleAsync();
        await copy.SayAsync("from the copy");
        await copy.HasStoredAsync("from the copy");
        await ana.Button("Use it here").ClickAsync();
        await Expect(taken).ToBeHiddenAsync();
        await Expect(copy.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await ana.ShowsAsync("from the copy");
        await Expect(ana.Field).ToHaveValueAsync("half-typed");
        await Expect(ana.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Should_follow_its_address()
    {
        var (room, umlaut) = (chat.Name("general"), chat.Name("Grüße"));
        await using var ana = await chat.OpenAsync(chat.Name("ana"), umlaut);
        var title = ana.Page.GetByRole(AriaRole.Heading, new() { Level = 1 });
        // As the server calls it: folded.
        var folded = umlaut.ToLowerInvariant().Replace("ß", "ss");
        await Expect(title).ToHaveTextAsync($"#{folded}");
        Assert.EndsWith($"#/{Uri.EscapeDataString(folded)}", ana.Page.Url);

        await ana.GotoAsync($"#/{room}");
        await Expect(title).ToHaveTextAsync($"#{room}");
        await ana.Page.GoBackAsync();
        await Expect(title).ToHaveTextAsync($"#{folded}");
        await ana.Page.GoForwardAsync();
        await Expect(title).ToHaveTextAsync($"#{room}");
        await Expect(ana.Joined.GetByRole(AriaRole.Link)).ToHaveCountAsync(2);

        await ana.GotoAsync("#/no%20such%20name");
        await Expect(ana.Page.GetByText("A room's name can't hold U+0020")).ToBeVisibleAsync();
        await Expect(title).ToHaveTextAsync($"#{folded}");
    }
}
