using Chat.Tests.EndToEnd.Browser.Support;
using Chat.Tests.EndToEnd.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.EndToEnd.Browser;

[Collection(BrowserCollection.Name)]
public sealed class TimelineTests(BrowserFixture chat)
{
    // As in timeline.js, and some for those on their way.
    private const int MostMessages = 450;

    [BrowserFact]
    public async Task Should_keep_few_messages_in_the_page_when_a_thousand_come()
    {
        var room = chat.Name("flood");
        await using var ben = await chat.EnterAsync("ben", room);
        await using var ana = await chat.OpenAsync(chat.Name("ana"), room);
        await ana.Page.EvaluateAsync("() => { window.most = 0; new MutationObserver(() => window.most = Math.max(window.most, document.querySelectorAll('.message').length)).observe(document.querySelector('#timeline'), { childList: true }); }");
        await PublishAsync(ben, room, 1, 1_000);
        await ana.Field.PressSequentiallyAsync("typed meanwhile");
        await Expect(ana.Texts.Last).ToHaveTextAsync("line 1000");
        await Expect(ana.Field).ToHaveValueAsync("typed meanwhile");
        await Expect(ana.Texts.Last).ToBeInViewportAsync();
        Assert.InRange(await ana.Page.EvaluateAsync<int>("() => window.most"), 1, MostMessages);
    }

    [BrowserFact]
    public async Task Should_load_older_messages_where_the_reader_scrolls_up()
    {
        var room = chat.Name("long");
        await using var ben = await chat.EnterAsync("ben", room);
        await PublishAsync(ben, room, 1, 700);
        await using var ana = await chat.OpenAsync(chat.Name("ana"), room);
        await Expect(ana.Texts.Last).ToHaveTextAsync("line 700");
        await Expect(ana.Texts.Last).ToBeInViewportAsync();

        // What the reader looks at stays where it is while older messages come in above it.
        var read = ana.Page.GetByText("line 650", new() { Exact = true });
        await read.ScrollIntoViewIfNeededAsync();
        var top = await TopAsync(read);
        await Expect(ana.Page.GetByText("line 601", new() { Exact = true })).ToHaveCountAsync(1);
        Assert.Equal(top, await TopAsync(read), 1.0);
        await ben.PublishAsync(room, "news");
        await Expect(ana.Button("1 new message")).ToBeVisibleAsync();
        Assert.Equal(top, await TopAsync(read), 1.0);

        var first = ana.Page.GetByText("line 1", new() { Exact = true });
        for (var i = 0; i < 100 && await first.CountAsync() == 0; i++)
        {
            await ana.Page.Locator("#scroller").HoverAsync();
            await ana.Page.Mouse.WheelAsync(0, -3_000);
            Assert.InRange(await ana.Messages.CountAsync(), 1, MostMessages);
        }
        await first.ScrollIntoViewIfNeededAsync();
        await Expect(ana.Page.GetByText("This is where the room begins.")).ToBeVisibleAsync();
        var shown = await ana.Texts.AllTextContentsAsync();
        Assert.Equal(Enumerable.Range(1, shown.Count).Select(i => $"line {i}"), shown);

        await ana.Button("1 new message").ClickAsync();
        await Expect(ana.Texts.Last).ToHaveTextAsync("news");
        await Expect(ana.Texts.Last).ToBeInViewportAsync();
        await Expect(ana.Page.Locator("#newer")).ToBeHiddenAsync();
    }

    private static async Task<double> TopAsync(ILocator locator) => (await locator.BoundingBoxAsync())!.Y;

    private static async Task PublishAsync(RawChat by, string room, int from, int to)
    {
        for (var i = from; i <= to; i++)
            await by.SendAsync("publish", ("room", room), ("message", $"line {i}"), ("id", $"{room}-{i}"));
        await by.AnswerAsync($"{room}-{to}");
    }
}
