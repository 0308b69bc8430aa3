using Chat.Tests.EndToEnd.Terminal.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Terminal;

public sealed class ListenTests
{
    [Fact]
    public async Task Should_print_the_logs_own_bytes_and_end_quietly_when_its_reader_has_enough()
    {
        const int Enough = 130;
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await gateway.EnterAsync("ana", "ops");
        for (var i = 1; i <= Enough; i++)
            await ana.PublishAsync("ops", $"message {i} \u202e ü 😀 \"quoted\" \n second line");
        await using var pipeline = ScriptedChat.Pipeline(
            gateway, $$"""{ "$@"; echo "ended with $?" >&2; } | head -n {{Enough}}""", "listen", "--room", "ops", "--since", "0", "--json");
        await pipeline.PrintsAsync(Enough);
        // It learns from its next line that nobody reads any more.
        await Watch.UntilAsync(
            () => ana.PublishAsync("ops", "more"), _ => pipeline.HasEnded, "the end of who isn't listened to", _ => gateway.Report);
        var (_, output, errors) = await pipeline.EndAsync();
        Assert.Equal(string.Join('\n', gateway.Log("ops")[..Enough]) + "\n", output);
        Assert.Equal("ended with 0\n", errors);
    }

    [Fact]
    public async Task Should_print_each_message_once_when_the_server_is_killed_and_comes_back()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using (var ana = await gateway.EnterAsync("ana", "ops"))
        {
            for (var i = 1; i <= 150; i++)
                await ana.PublishAsync("ops", $"message {i}");
        }
        await using var text = ScriptedChat.Start(gateway, "listen", "--room", "ops", "--since", "0");
        await using var json = ScriptedChat.Start(gateway, "listen", "--room", "ops", "--since", "100", "--json");
        await text.PrintsAsync(150);
        await Messages(json, 50);
        for (var round = 1; round <= 2; round++)
        {
            await gateway.KillAsync();
            await gateway.StartAgainAsync();
            await using var ben = await gateway.EnterAsync($"ben{round}", "ops");
            for (var i = 1; i <= 150; i++)
                await ben.PublishAsync("ops", $"round {round} message {i}");
            await text.PrintsAsync(150 + (round * 150));
            await Messages(json, 50 + (round * 150));
        }
        foreach (var listener in new[] { text, json })
        {
            listener.Terminate();
            var (exitCode, _, errors) = await listener.EndAsync();
            Assert.Equal((143, ""), (exitCode, errors));
        }
        Assert.Equal(gateway.Texts("ops"), text.Lines.Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]));
        Assert.Equal(gateway.Log("ops")[100..], json.Lines.Where(IsMessage));
        Assert.All(text.Lines, line => Assert.Matches(@"^\d\d:\d\d (ana|ben\d): ", line));

        static bool IsMessage(string line) => line.StartsWith("{\"type\":\"message\"", StringComparison.Ordinal);

        Task Messages(ScriptedChat listener, int count) => Watch.UntilAsync(
            () => Task.FromResult(listener.Lines), lines => lines.Count(IsMessage) >= count, $"{count} messages", lines => string.Join('\n', lines) + gateway.Report);
    }

    [Fact]
    public async Task Should_print_the_latest_messages_first_and_each_as_one_safe_line()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await gateway.EnterAsync("ana", "ops");
        foreach (var text in new[] { "one", "two\nlines", "th\u202eree" })
            await ana.PublishAsync("ops", text);
        await using var listener = ScriptedChat.Start(gateway, "listen", "--room", "ops", "--last", "2");
        await listener.PrintsAsync(2);
        await ana.PublishAsync("ops", "four");
        var lines = await listener.PrintsAsync(3);
        Assert.Equal(["ana: two␊lines", "ana: th<U+202E>ree", "ana: four"], lines.Select(line => line[6..]));
    }
}
