using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Chat.Tests.EndToEnd.Support;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Terminal.Support;

/// <summary>
/// The full-screen chat in a terminal: a tmux with a server of its own, whose picture is looked at and whose keys are pressed.
/// A shell starts the chat, and tells how it ended.
/// </summary>
public sealed class TmuxChat : IAsyncDisposable
{
    public const string BeforeTheChat = "before the chat";

    private static readonly ConcurrentDictionary<TmuxChat, bool> Running = new();

    private readonly TempFolder _folder = new();
    private readonly SteadyGateway _gateway;

    static TmuxChat() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var chat in Running.Keys)
            chat.TmuxAsync("kill-server").GetAwaiter().GetResult();
    };

    private TmuxChat(SteadyGateway gateway) => _gateway = gateway;

    /// <summary>Starts the program with these arguments, in a terminal of 100 by 30.</summary>
    public static async Task<TmuxChat> StartAsync(SteadyGateway gateway, params string[] arguments)
    {
        var chat = new TmuxChat(gateway);
        var command = string.Join(' ', ChatProgram.Command.Concat(arguments).Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        await File.WriteAllTextAsync(chat._folder.In("run"), $"echo $$ > '{chat._folder.In("id")}'\nexec {command}\n");
        await File.WriteAllTextAsync(
            chat._folder.In("start"),
            $"""
            stty -g > '{chat._folder.In("before")}'
            echo '{BeforeTheChat}'
            sh '{chat._folder.In("run")}'
            echo "ended with $?"
            stty -g > '{chat._folder.In("after")}'
            echo 'after the chat'
            exec cat
            """);
        Running.TryAdd(chat, true);
        try
        {
            var (exitCode, output) = await chat.TmuxAsync("-u", "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", "sh", chat._folder.In("start"));
            if (exitCode != 0)
                throw new XunitException($"tmux ended with {exitCode}: {output}");
            return chat;
        }
        catch
        {
            await chat.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it under a name, and waits until the first room, general if none is given, is there.</summary>
    public static async Task<TmuxChat> EnterAsync(SteadyGateway gateway, string user, params string[] rooms)
    {
        var chat = await StartAsync(gateway, ["--user", user, .. rooms.SelectMany(room => new[] { "--room", room })]);
        try
        {
            await chat.ShowsAsync(
                picture => picture.Contains("● connected") && Regex.IsMatch(picture, @"\d here") && picture.Contains($"{rooms.FirstOrDefault("general")} ❯"),
                "the first room");
            return chat;
        }
        catch
        {
            await chat.DisposeAsync();
            throw;
        }
    }

    /// <summary>What it shows now.</summary>
    public async Task<string> PictureAsync() => (await TmuxAsync("-u", "capture-pane", "-p")).Output;

    /// <summary>Types text as it is.</summary>
    public Task TypeAsync(string text) => TmuxAsync("-u", "send-keys", "-l", "--", text);

    /// <summary>Presses keys, in tmux's names for them.</summary>
    public Task PressAsync(params string[] keys) => TmuxAsync(["send-keys", .. keys]);

    /// <summary>Types a line and presses Enter.</summary>
    public async Task SayAsync(string line)
    {
        await TypeAsync(line);
        await PressAsync("Enter");
    }

    /// <summary>Waits until it shows something that fits the pattern, in which ^ and $ are a row's start and end.</summary>
    public Task<string> ShowsAsync(string pattern) => ShowsAsync(picture => Regex.IsMatch(picture, pattern, RegexOptions.Multiline), pattern);

    /// <summary>Waits until what it shows is as it should be; gives it.</summary>
    public Task<string> ShowsAsync(Func<string, bool> isIt, string awaited) =>
        Watch.UntilAsync(PictureAsync, isIt, awaited, picture => $"--- the terminal shows:\n{picture}\n{_gateway.Report}");

    /// <summary>Presses a key again and again until it shows something.</summary>
    public Task<string> PressUntilAsync(string key, Func<string, bool> isIt, string awaited) => Watch.UntilAsync(
        async () =>
        {
            var picture = await PictureAsync();
            if (!isIt(picture))
                await PressAsync(key);
            return picture;
        },
        isIt,
        $"{awaited} while pressing {key}",
        picture => $"--- the terminal shows:\n{picture}\n{_gateway.Report}");

    /// <summary>Asks the program to end (SIGTERM).</summary>
    public async Task TerminateAsync() => ChatProgram.Terminate(int.Parse(await File.ReadAllTextAsync(_folder.In("id"))));

    /// <summary>Makes the terminal larger or smaller.</summary>
    public Task ResizeAsync(int width, int height) => TmuxAsync("resize-window", "-x", $"{width}", "-y", $"{height}");

    /// <summary>Keeps every byte that is written to the terminal from now on.</summary>
    public Task RecordAsync() => TmuxAsync("pipe-pane", "-O", $"cat > '{_folder.In("recorded")}'");

    /// <summary>What was kept.</summary>
    public Task<string> RecordedAsync() => File.ReadAllTextAsync(_folder.In("recorded"));

    /// <summary>Something that tmux knows of the terminal.</summary>
    public async Task<string> AskAsync(string format) => (await TmuxAsync("display-message", "-p", format)).Output.TrimEnd('\n');

    /// <summary>The terminal's settings before the chat, and after it.</summary>
    public async Task<(string Before, string After)> SettingsAsync() =>
        (await File.ReadAllTextAsync(_folder.In("before")), await File.ReadAllTextAsync(_folder.In("after")));

    public async ValueTask DisposeAsync()
    {
        await TmuxAsync("kill-server");
        Running.TryRemove(this, out _);
        _folder.Dispose();
    }

    // The socket is in a folder of its own, so that no other tmux is touched.
    private async Task<(int ExitCode, string Output)> TmuxAsync(params string[] arguments)
    {
        var start = ChatProgram.Start($"ws://127.0.0.1:{_gateway.Port}/ws", "tmux", ["-S", _folder.In("tmux"), .. arguments]);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Patience.OfAsync(process.WaitForExitAsync(), $"tmux {string.Join(' ', arguments)}", () => _gateway.Report);
        return (process.ExitCode, await output + await errors);
    }
}
