using System.Text.RegularExpressions;
using Chat.Tests.EndToEnd.Browser.Support;
using Chat.Tests.EndToEnd.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.EndToEnd.Browser;

[Collection(BrowserCollection.Name)]
public sealed class EntranceTests(BrowserFixture chat)
{
    [BrowserFact]
    public async Task Should_ask_for_another_name_when_it_is_taken_or_breaks_a_rule()
    {
        var room = chat.Name("general");
        await using var ben = await chat.EnterAsync("ben", room);
        await using var ana = await chat.VisitAsync(chat.Gateway.Port, $"#/{room}");
        await Expect(ana.Page.GetByRole(AriaRole.Textbox, new() { Name = "Room" })).ToHaveValueAsync(room);
        await ana.LoginAsync(ben.User);
        await Expect(ana.Problem).ToHaveTextAsync($"The name {ben.User} is taken. Choose another.");
        await ana.LoginAsync("a name");
        await Expect(ana.Problem).ToContainTextAsync("A username can't hold U+0020.");
        var name = chat.Name("ana");
        await ana.LoginAsync(name);
        await ana.IsConnectedAsync();

        // The name is remembered, and free once it was given up.
        await ana.Button("Leave the chat").ClickAsync();
        await ana.Page.ReloadAsync();
        await Expect(ana.Page.GetByLabel("Your name")).ToHaveValueAsync(name);
        await ana.Button("Join").ClickAsync();
        await ana.IsConnectedAsync();
    }

    [BrowserFact]
    public async Task Should_say_when_a_name_may_be_free_again()
    {
        var room = chat.Name("general");
        await using var ben = await chat.EnterAsync("ben", room);
        ben.Abort();
        await using var ana = await chat.VisitAsync(chat.Gateway.Port, $"#/{room}");
        await ana.LoginAsync(ben.User);
        await Expect(ana.Problem).ToHaveTextAsync(new Regex(@"It may be free again in about \d+ s\."));
    }

    [BrowserFact]
    public async Task Should_ask_for_the_access_token_where_the_server_does()
    {
        using var data = new TempFolder();
        await using var gateway = await GatewayProcess.StartAsync(data.Path, "--access-token", "open-sesame");
        await using var ana = await chat.VisitAsync(gateway.Port, "#/general");
        var token = ana.Page.GetByLabel("Access token");
        await Expect(token).ToBeHiddenAsync();
        await ana.LoginAsync("ana");
        await token.FillAsync("wrong");
        await ana.Button("Join").ClickAsync();
        await Expect(token).ToHaveValueAsync("");
        await Expect(ana.Problem).Not.ToBeEmptyAsync();
        await token.FillAsync("open-sesame");
        await ana.Button("Join").ClickAsync();
        await ana.IsConnectedAsync();

        // Once is enough.
        await ana.Button("Leave the chat").ClickAsync();
        await ana.LoginAsync("ana");
        await ana.IsConnectedAsync();
        Assert.DoesNotContain("open-sesame", gateway.Output);
    }

    [BrowserFact]
    public async Task Should_say_that_the_server_is_of_another_version()
    {
        await using var ana = await chat.VisitAsync(chat.Gateway.Port);
        // As if the page had been opened before an update.
        await ana.Page.AddInitScriptAsync("document.onreadystatechange = () => document.querySelector('meta[name=chat-version]').content = '0.0.1'");
        await ana.Page.ReloadAsync();
        await ana.LoginAsync(chat.Name("ana"));
        await Expect(ana.Page.GetByText(new Regex("The server is now version .*, this page is of 0.0.1."))).ToBeVisibleAsync();
        await Expect(ana.Button("Reload")).ToBeVisibleAsync();
    }
}
