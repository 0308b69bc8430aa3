using System.Text.Json;
using Chat.Tests.EndToEnd.Browser.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.EndToEnd.Browser;

[Collection(BrowserCollection.Name)]
public sealed class LookTests(BrowserFixture chat)
{
    [AxeTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Should_be_accessible(ColorScheme colours)
    {
        var room = chat.Name("general");
        await using var ben = await chat.EnterAsync("ben", room, chat.Name("other"));
        await ben.PublishAsync(room, "Look at https://example.org/ and \u202Ethis");
        await using var ana = await chat.VisitAsync(chat.Gateway.Port, $"#/{room}", new() { ColorScheme = colours, ReducedMotion = ReducedMotion.Reduce });
        await ana.Page.EvaluateAsync(Axe.Source);
        await IsSoundAsync(ana);
        await ana.LoginAsync(ben.User);
        await Expect(ana.Problem).Not.ToBeEmptyAsync();
        await IsSoundAsync(ana);

        var name = chat.Name("ana");
        await ana.LoginAsync(name);
        await ana.IsConnectedAsync();
        await ana.SayAsync("Looking.");
        await ana.HasStoredAsync("Looking.");
        await ben.PublishAsync(room, $"{name}: thank you");
        await Expect(ana.Message("thank you")).ToBeVisibleAsync();
        await IsSoundAsync(ana);
        await ana.Page.Keyboard.PressAsync("Control+k");
        await Expect(ana.Page.GetByRole(AriaRole.Option).First).ToBeVisibleAsync();
        await IsSoundAsync(ana);
    }

    [BrowserTheory]
    [InlineData(360)]
    [InlineData(390)]
    public async Task Should_fit_a_phone(int width)
    {
        var room = chat.Name("phone");
        await using var ben = await chat.EnterAsync("ben", room);
        await ben.PublishAsync(room, new string('m', 500));
        await ben.PublishAsync(room, "https://example.org/" + new string('n', 300));
        await using var ana = await chat.VisitAsync(
            chat.Gateway.Port, $"#/{room}", new() { ViewportSize = new() { Width = width, Height = 740 }, HasTouch = true, IsMobile = true });
        await FitsAsync(ana);
        await ana.LoginAsync(chat.Name("ana"));
        await ana.IsConnectedAsync();
        await Expect(ana.Messages).ToHaveCountAsync(2);
        await FitsAsync(ana);
        await Expect(ana.Field).ToBeInViewportAsync();

        await Expect(ana.Joined).ToBeHiddenAsync();
        await ana.Button("Rooms").ClickAsync();
        await Expect(ana.Joined).ToBeInViewportAsync();
        await ana.Page.Keyboard.PressAsync("Escape");
        await Expect(ana.Joined).ToBeHiddenAsync();
        await Expect(ana.Members).ToBeHiddenAsync();
        await ana.Button("2 members").ClickAsync();
        await Expect(ana.Members).ToBeInViewportAsync();
        await ana.Button("Close the members").ClickAsync();
        await Expect(ana.Members).ToBeHiddenAsync();
        await FitsAsync(ana);
    }

    private static async Task FitsAsync(ChatPage page) => Assert.Equal(
        "", await page.Page.EvaluateAsync<string>(
            """
            () => [document.documentElement, ...document.querySelectorAll('.main, .scroller, .entrance')]
                .filter(part => part.scrollWidth > part.clientWidth).map(part => part.className || part.tagName).join()
            """));

    private static async Task IsSoundAsync(ChatPage page)
    {
        var found = await page.Page.EvaluateAsync<JsonElement>(
            """
            async () => (await axe.run()).violations.filter(violation => ['serious', 'critical'].includes(violation.impact))
                .map(violation => `${violation.id}: ${violation.nodes.map(node => node.html + ' ' + node.failureSummary).join('; ')}`)
            """);
        Assert.Empty(found.EnumerateArray().Select(violation => violation.GetString()));
    }
}
