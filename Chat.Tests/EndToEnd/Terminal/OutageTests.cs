using System.Text.RegularExpressions;
using Chat.Tests.EndToEnd.Terminal.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Terminal;

public sealed class OutageTests
{
    [TmuxFact]
    public async Task Should_keep_what_is_typed_and_send_what_waits_once_when_the_server_comes_back()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana", "general", "lobby");
        await ana.SayAsync("before");
        await ana.ShowsAsync(picture => picture.Contains("ana │ before") && !picture.Contains("sending"), "the first line, stored");
        await ana.TypeAsync("half-ty");

        await gateway.KillAsync();
        await ana.ShowsAsync(@"○ reconnecting in \d+ s");
        await ana.ShowsAsync("general ❯ half-ty");
        await ana.PressAsync("C-u");
        await ana.SayAsync("meanwhile");
        await ana.ShowsAsync("ana │ meanwhile … sending");
        await ana.SayAsync("and this");
        await ana.ShowsAsync("ana │ and this … sending");
        await ana.ShowsAsync(@"2 sending");
        await ana.TypeAsync("half-typed");
        await ana.ShowsAsync("general ❯ half-typed");

        await gateway.StartAgainAsync();
        await ana.ShowsAsync(
            picture => picture.Contains("● connected") && !picture.Contains("sending") && picture.Contains("general ❯ half-typed"),
            "all stored, and the line as it was");
        await ana.PressAsync("Enter");
        await ana.ShowsAsync(picture => picture.Contains("ana │ half-typed") && !picture.Contains("sending"), "the last line, stored");
        Assert.Equal(["before", "meanwhile", "and this", "half-typed"], gateway.Texts("general"));
        var picture = await ana.ShowsAsync("ana │ half-typed");
        foreach (var text in gateway.Texts("general"))
            Assert.Single(Regex.Matches(picture, $"ana │ {text}"));

        // It is in both of its rooms again.
        await using var ben = await gateway.EnterAsync("ben", "general", "lobby");
        await ana.ShowsAsync("→ │ ben joined");
        await ben.PublishAsync("lobby", "hello again");
        await ana.ShowsAsync(@"^ 2 lobby +1 │");
    }

    [TmuxFact]
    public async Task Should_show_what_it_missed_when_it_comes_back()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await gateway.KillAsync();
        await ana.ShowsAsync(@"○ reconnecting in \d+ s");
        await gateway.StartAgainAsync();
        await using var ben = await gateway.EnterAsync("ben", "general");
        for (var i = 1; i <= 12; i++)
            await ben.PublishAsync("general", $"missed {i:00}");
        var picture = await ana.ShowsAsync(picture => picture.Contains("● connected") && picture.Contains("ben │ missed 12"), "what was missed");
        Assert.Equal(Enumerable.Range(1, 12).Select(i => $"missed {i:00}"), Regex.Matches(picture, @"missed \d\d").Select(match => match.Value));
    }

    [TmuxFact]
    public async Task Should_wait_for_a_server_that_is_not_there_yet()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await gateway.KillAsync();
        await using var ana = await TmuxChat.StartAsync(gateway, "--user", "ana");
        await ana.ShowsAsync(@"○ reconnecting in \d+ s");
        await gateway.StartAgainAsync();
        await ana.ShowsAsync(picture => picture.Contains("● connected") && picture.Contains("general ❯"), "the chat");
        await ana.SayAsync("good morning");
        await ana.ShowsAsync("ana │ good morning");
    }
}
