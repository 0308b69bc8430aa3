using Chat.Tests.EndToEnd.Support;
using Microsoft.Playwright;
using Xunit;

namespace Chat.Tests.EndToEnd.Browser.Support;

/// <summary>One browser and one gateway for all tests of the page. Each test opens pages that know nothing of each other.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private readonly GatewayFixture _chat = new();
    private IPlaywright? _playwright;

    /// <summary>The browser.</summary>
    public IBrowser Browser { get; private set; } = null!;

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway => _chat.Gateway;

    /// <summary>A name of a user or a room that no other test uses.</summary>
    public string Name(string start) => _chat.Name(start);

    /// <summary>Somebody without a browser, in the rooms.</summary>
    public Task<RawChat> EnterAsync(string start, params string[] rooms) => _chat.EnterAsync(start, rooms);

    /// <summary>A fresh page of a user of its own, in a room.</summary>
    public Task<ChatPage> OpenAsync(string user, string room, BrowserNewContextOptions? options = null) => OpenAsync(Gateway.Port, user, room, options);

    /// <summary>The same on another gateway.</summary>
    public async Task<ChatPage> OpenAsync(int port, string user, string room, BrowserNewContextOptions? options = null)
    {
        var page = await VisitAsync(port, $"#/{Uri.EscapeDataString(room)}", options);
        await page.LoginAsync(user);
        await page.IsConnectedAsync();
        return page;
    }

    /// <summary>A fresh page of somebody who hasn't said who they are.</summary>
    public async Task<ChatPage> VisitAsync(int port, string hash = "", BrowserNewContextOptions? options = null)
    {
        var context = await Browser.NewContextAsync(options ?? new());
        var page = new ChatPage(await context.NewPageAsync(), port);
        await page.GotoAsync(hash);
        return page;
    }

    public async Task InitializeAsync()
    {
        // Without a browser all of the tests are skipped.
        if (!File.Exists(Chromium.Path))
            return;
        await _chat.InitializeAsync();
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium.Path,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        Assertions.SetDefaultExpectTimeout((float)Patience.Limit.TotalMilliseconds);
    }

    public async Task DisposeAsync()
    {
        if (_playwright is null)
            return;
        await Browser.DisposeAsync();
        _playwright.Dispose();
        await _chat.DisposeAsync();
    }
}

/// <summary>The tests of the page run one after the other, in one browser.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser";
}
