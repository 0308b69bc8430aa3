using Chat.Tests.EndToEnd.Terminal.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Terminal;

public sealed class ScreenTests
{
    [TmuxFact]
    public async Task Should_show_and_not_obey_text_that_would_drive_the_terminal()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        // As hostile as names may be: marks, wide letters, letters that go the other way.
        await using var mallory = await gateway.EnterAsync("mallo\u0301\u0302ry", "general");
        await using var wide = await gateway.EnterAsync("山田太郎", "general");
        await using var other = await gateway.EnterAsync("דנה", "general");
        await ana.ShowsAsync("דנה joined");
        await ana.RecordAsync();
        await mallory.PublishAsync("general", "over\u202eride \u2066isolated");
        await mallory.PublishAsync("general", "two\u2028lines\u2029and more");
        await mallory.PublishAsync("general", "zero\u200bwidth\ufeff \u00ad");
        await mallory.PublishAsync("general", "tower" + new string('\u0301', 20) + "!");
        await mallory.PublishAsync("general", "tags\U000E0041\U000E0042\n\n\nfour lines below");
        await wide.PublishAsync("general", "全角の文字");
        await other.PublishAsync("general", "שלום");
        await mallory.PublishAsync("general", "that was all");

        var picture = await ana.ShowsAsync("that was all");
        foreach (var shown in new[] { "over<U+202E>ride", "<U+2066>isolated", "two<U+2028>lines<U+2029>and", "zero<U+200B>width<U+FEFF>", "<U+0301>", "tags<U+E0041>", "全角の文字", "שלום" })
            Assert.Contains(shown, picture);
        Assert.Equal("general", picture.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);
        var written = await Watch.UntilAsync(ana.RecordedAsync, text => text.Contains("that was all"), "the bytes that were written", text => text);
        foreach (var driving in "\u202e\u2066\u2028\u2029\u200b\ufeff\u00ad")
            Assert.DoesNotContain(driving, written);
        Assert.DoesNotContain(new string('\u0301', 9), written, StringComparison.Ordinal);
        Assert.DoesNotContain("\U000E0041", written, StringComparison.Ordinal);
        Assert.Equal("0 1", await ana.AskAsync("#{pane_in_mode} #{alternate_on}"));
    }

    [TmuxFact]
    public async Task Should_draw_itself_anew_when_the_terminal_changes_its_size()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await ana.SayAsync(string.Join(' ', Enumerable.Range(1, 20).Select(i => $"word{i:00}")));
        await ana.ShowsAsync("MEMBERS");
        await ana.ResizeAsync(70, 15);
        await ana.ShowsAsync(picture => IsWhole(picture, 15) && !picture.Contains("MEMBERS") && picture.Contains("ROOMS"), "no members");
        await ana.ResizeAsync(40, 10);
        await ana.ShowsAsync(picture => IsWhole(picture, 10) && !picture.Contains("ROOMS"), "no rooms");
        await ana.ResizeAsync(120, 40);
        await ana.ShowsAsync(picture => IsWhole(picture, 40) && picture.Contains("MEMBERS") && picture.Contains("ROOMS"), "everything");
        // Smaller than anybody has it: it goes on.
        await ana.ResizeAsync(5, 2);
        await ana.SayAsync("still here");
        await ana.ResizeAsync(100, 30);
        await ana.ShowsAsync(picture => IsWhole(picture, 30) && picture.Contains("ana │ still here") && picture.Contains("word20"), "everything again");

        static bool IsWhole(string picture, int rows) =>
            picture.TrimEnd('\n').Split('\n') is var shown && shown.Length == rows && shown[^1].Contains("● connected") && shown[^2].Contains("general ❯")
            && shown[0].StartsWith(" general", StringComparison.Ordinal);
    }

    [TmuxTheory]
    [InlineData(0, "/quit", "Enter")]
    [InlineData(0, "", "C-d")]
    [InlineData(130, "", "C-c")]
    public async Task Should_end_and_restore_the_terminal_when_told_to(int exitCode, string text, string key)
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        Assert.Equal("1", await ana.AskAsync("#{alternate_on}"));
        // Typed text is dropped first by Ctrl+C, and is safe from Ctrl+D.
        await ana.TypeAsync("draft");
        await ana.ShowsAsync("general ❯ draft");
        await ana.PressAsync("C-d");
        await ana.PressAsync("C-c");
        await ana.ShowsAsync(@"general ❯\s*$");
        if (text.Length > 0)
            await ana.TypeAsync(text);
        await ana.PressAsync(key);
        await AssertRestoredAsync(ana, exitCode);
        // The name is free at once.
        await using var next = await gateway.EnterAsync("ana");
    }

    [TmuxFact]
    public async Task Should_end_and_restore_the_terminal_when_it_is_terminated()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await ana.TypeAsync("draft");
        await ana.ShowsAsync("general ❯ draft");
        await ana.TerminateAsync();
        await AssertRestoredAsync(ana, 143);
    }

    [TmuxFact]
    public async Task Should_end_at_once_when_told_to_while_the_server_is_away()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await TmuxChat.EnterAsync(gateway, "ana");
        await gateway.KillAsync();
        await ana.ShowsAsync(@"○ reconnecting in \d+ s");
        await ana.SayAsync("/quit");
        await AssertRestoredAsync(ana, 0);
    }

    private static async Task AssertRestoredAsync(TmuxChat ana, int exitCode)
    {
        await ana.ShowsAsync("after the chat");
        var picture = await ana.PictureAsync();
        Assert.Equal([TmuxChat.BeforeTheChat, $"ended with {exitCode}", "after the chat"], picture.TrimEnd('\n').Split('\n'));
        Assert.Equal("0 1 1", await ana.AskAsync("#{alternate_on} #{cursor_flag} #{wrap_flag}"));
        var (before, after) = await ana.SettingsAsync();
        Assert.Equal(before, after);
    }
}
