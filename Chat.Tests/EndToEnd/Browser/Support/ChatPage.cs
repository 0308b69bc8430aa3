using Chat.Tests.EndToEnd.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Chat.Tests.EndToEnd.Browser.Support;

/// <summary>
/// The page as somebody uses it: by what it calls its parts. Closing it fails the test if the browser complained of anything, or a
/// dialog came up.
/// </summary>
public sealed class ChatPage : IAsyncDisposable
{
    private readonly int _port;
    private readonly List<string> _complaints = [];

    public ChatPage(IPage page, int port)
    {
        (Page, _port) = (page, port);
        page.SetDefaultTimeout((float)Patience.Limit.TotalMilliseconds);
        page.Console += (_, message) => Note(message.Type is "error" or "warning", message.Text);
        page.PageError += (_, error) => Note(true, error);
        page.Dialog += (_, dialog) =>
        {
            Note(true, $"a dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
    }

    public IPage Page { get; }

    /// <summary>Failed connections are a part of the test.</summary>
    public bool IsOutageExpected { get; set; }

    public ILocator Field => Page.GetByRole(AriaRole.Textbox, new() { NameRegex = new("^Message") });

    /// <summary>The messages of the current room, stored or not.</summary>
    public ILocator Messages => Page.Locator("#timeline .message");

    /// <summary>Their texts.</summary>
    public ILocator Texts => Messages.Locator(".text");

    public ILocator Joined => Page.GetByRole(AriaRole.List, new() { Name = "Your rooms" });

    public ILocator Members => Page.GetByRole(AriaRole.Complementary);

    public ILocator MemberNames => Members.Locator(".author");

    /// <summary>What the screen for a name says is wrong.</summary>
    public ILocator Problem => Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Alert);

    public ILocator Banner => Page.Locator(".banner.is-off");

    public Task GotoAsync(string hash = "") => Page.GotoAsync($"http://127.0.0.1:{_port}/{hash}");

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Message(string text) => Messages.Filter(new() { HasText = text });

    public async Task LoginAsync(string user)
    {
        await Page.GetByLabel("Your name").FillAsync(user);
        await Button("Join").ClickAsync();
    }

    /// <summary>Waits until it is in the chat, and its room has been answered for.</summary>
    public async Task IsConnectedAsync()
    {
        // On a phone that stands in a drawer.
        await Expect(Page.Locator(".state.is-online")).ToHaveTextAsync("Connected");
        await Expect(Page.Locator("#timeline-top").GetByText("Loading messages…")).ToHaveCountAsync(0);
    }

    public async Task SayAsync(string text)
    {
        await Field.FillAsync(text);
        await Field.PressAsync("Enter");
    }

    /// <summary>Waits until it is there and stored.</summary>
    public Task HasStoredAsync(string text) => Expect(Message(text).GetByRole(AriaRole.Img, new() { Name = "Stored" })).ToBeVisibleAsync();

    /// <summary>Waits until these are all messages of the room, in this order.</summary>
    public Task ShowsAsync(params string[] texts) => Expect(Texts).ToHaveTextAsync(texts);

    public async ValueTask DisposeAsync()
    {
        await Page.Context.DisposeAsync();
        lock (_complaints)
            Assert.Empty(_complaints);
    }

    private void Note(bool isComplaint, string text)
    {
        if (!isComplaint || (IsOutageExpected && text.Contains("WebSocket connection to", StringComparison.Ordinal)))
            return;
        lock (_complaints)
            _complaints.Add(text);
    }
}
