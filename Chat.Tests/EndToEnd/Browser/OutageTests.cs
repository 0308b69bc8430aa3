using Chat.Tests.EndToEnd.Browser.Support;
using Chat.Tests.EndToEnd.Terminal.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.EndToEnd.Browser;

[Collection(BrowserCollection.Name)]
public sealed class OutageTests(BrowserFixture chat)
{
    [BrowserFact]
    public async Task Should_keep_what_was_written_and_deliver_it_once_when_the_server_was_killed()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await chat.OpenAsync(gateway.Port, "ana", "general");
        await using var ben = await chat.OpenAsync(gateway.Port, "ben", "general");
        ana.IsOutageExpected = ben.IsOutageExpected = true;
        await ana.SayAsync("before");
        await ana.HasStoredAsync("before");

        await gateway.KillAsync();
        await Expect(ana.Banner).ToContainTextAsync("Reconnecting");
        await ana.SayAsync("meanwhile");
        await ana.SayAsync("and this");
        await ana.Field.FillAsync("half-typed");
        await Expect(ana.Messages.GetByLabel("Sending")).ToHaveCountAsync(2);

        await gateway.StartAgainAsync();
        await ana.HasStoredAsync("and this");
        await ana.ShowsAsync("before", "meanwhile", "and this");
        await Expect(ana.Banner).ToBeHiddenAsync();
        await Expect(ana.Field).ToHaveValueAsync("half-typed");
        await ben.ShowsAsync("before", "meanwhile", "and this");
        await ana.Field.PressAsync("Enter");
        await ana.HasStoredAsync("half-typed");
        Assert.Equal(["before", "meanwhile", "and this", "half-typed"], gateway.Texts("general"));
    }

    [BrowserFact]
    public async Task Should_deliver_what_was_not_stored_once_when_the_page_is_loaded_again()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await chat.OpenAsync(gateway.Port, "ana", "general");
        ana.IsOutageExpected = true;
        await ana.SayAsync("before");
        await ana.HasStoredAsync("before");
        await gateway.KillAsync();
        await Expect(ana.Banner).ToContainTextAsync("Reconnecting");
        await ana.SayAsync("meanwhile");
        await ana.Field.FillAsync("half-typed");
        await gateway.StartAgainAsync();
        await ana.Page.ReloadAsync();

        await ana.HasStoredAsync("meanwhile");
        await ana.ShowsAsync("before", "meanwhile");
        await Expect(ana.Field).ToHaveValueAsync("half-typed");
        Assert.Equal(["before", "meanwhile"], gateway.Texts("general"));
    }

    // Else a page that is loaded again just as the one before it logs in anew would find its own name taken.
    [BrowserFact]
    public async Task Should_wait_a_while_for_its_name_when_it_is_loaded_again_and_has_no_session_any_more()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await chat.OpenAsync(gateway.Port, "ana", "general");
        ana.IsOutageExpected = true;
        await ana.Page.GotoAsync("about:blank");
        await gateway.KillAsync();
        await gateway.StartAgainAsync();
        await using (await gateway.EnterAsync("ana"))
        {
            await ana.GotoAsync("#/general");
            await Expect(ana.Banner).ToContainTextAsync("The name ana is taken");
        }
        await ana.IsConnectedAsync();
    }

    [BrowserFact]
    public async Task Should_come_back_when_the_server_said_it_would()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await chat.OpenAsync(gateway.Port, "ana", "general");
        ana.IsOutageExpected = true;
        await gateway.TerminateAsync();
        await Expect(ana.Banner).ToContainTextAsync("The server is restarting. Reconnecting in");
        await gateway.StartAgainAsync();
        await Expect(ana.Banner).ToBeHiddenAsync();
    }
}
