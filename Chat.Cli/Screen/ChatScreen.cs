using System.Threading.Channels;
using Chat.Cli.Chatting;
using Chat.Cli.Text;

namespace Chat.Cli.Screen;

/// <summary>
/// The full-screen chat: one loop owns the model. Keys, the connection, time and the terminal's size are changes that wait
/// in one queue; after those that are there the screen is painted once.
/// </summary>
internal static class ChatScreen
{
    private static readonly TimeSpan EscapeDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(16);

    public static async Task<int> RunAsync(ConnectionSettings settings, string[] rooms, Signals signals)
    {
        var changes = Channel.CreateBounded<Func<IReadOnlyList<Effect>>>(new BoundedChannelOptions(1024) { SingleReader = true });
        var model = new ChatModel(() => DateTime.UtcNow, () => Guid.NewGuid().ToString("N"));
        var painter = new Painter(model, SafeText.Line(settings.Server.Authority), TimeZoneInfo.Local, () => DateTimeOffset.UtcNow);
        var keys = new ChatKeys(
            model,
            () => painter.Window(Terminal.Size.Width, Terminal.Size.Height),
            () => Math.Max(1, Terminal.Size.Height - 6));
        var parser = new KeyParser();
        await using var session = new ChatSession(settings, rooms, model, change => changes.Writer.WriteAsync(change).AsTask());
        using var terminal = new Terminal(Palette.FromEnvironment(Environment.GetEnvironmentVariable), () => Post(() => []));
        using var clock = new Timer(_ => changes.Writer.TryWrite(model.Tick), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        using var signalled = signals.Token.Register(() => Post(() => [new Effect.Quit()]));
        new Thread(() => Terminal.ReadInput(bytes => Post(() => Typed(bytes)))) { IsBackground = true }.Start();

        Post(() => settings.User is { } user ? model.LogIn(user) : Ask());
        try
        {
            return await LoopAsync();
        }
        catch (IOException)
        {
            return ExitCodes.HungUp;
        }

        void Post(Func<IReadOnlyList<Effect>> change)
        {
            if (!changes.Writer.TryWrite(change))
                changes.Writer.WriteAsync(change).AsTask().Wait();
        }

        IReadOnlyList<Effect> Ask()
        {
            model.AskName(ConnectionSettings.LoginName, null);
            model.Notice("Welcome. Give the name that you want to go by, and press Enter.");
            return [];
        }

        IReadOnlyList<Effect> Typed(byte[] bytes)
        {
            if (bytes.Length == 0)
                return [new Effect.Quit()];
            var effects = parser.Feed(bytes).SelectMany(keys.Press).ToList();
            if (parser.IsUndecided)
                _ = Task.Delay(EscapeDelay).ContinueWith(_ => Post(() => [.. parser.Flush().SelectMany(keys.Press)]), TaskScheduler.Default);
            return effects;
        }

        async Task<int> LoopAsync()
        {
            Paint();
            while (await changes.Reader.WaitToReadAsync())
            {
                var started = TimeProvider.System.GetTimestamp();
                while (TimeProvider.System.GetElapsedTime(started) < FrameTime && changes.Reader.TryRead(out var change))
                {
                    foreach (var effect in change())
                    {
                        if (effect is Effect.Quit)
                            return signals.ExitCode != 0 ? signals.ExitCode : keys.IsInterrupted ? ExitCodes.Interrupted : ExitCodes.Done;
                        session.Carry(effect);
                    }
                }
                Paint();
            }
            return ExitCodes.Done;
        }

        void Paint()
        {
            var (width, height) = Terminal.Size;
            var canvas = painter.Paint(width, height);
            terminal.Show(canvas, painter.Caret, keys.WantsRedraw);
            keys.WantsRedraw = false;
        }
    }
}
