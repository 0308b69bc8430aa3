using System.Text.Json;
using Chat.Tests.EndToEnd.Terminal.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Terminal;

public sealed class LookupTests
{
    [Fact]
    public async Task Should_answer_what_rooms_there_are_and_who_is_in_them_and_what_was_said()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var ana = await gateway.EnterAsync("ana", "general", "ops");
        await using var ben = await gateway.EnterAsync("ben", "general");
        for (var i = 1; i <= 5; i++)
            await ana.PublishAsync("ops", $"message {i}");

        // The server's picture of its rooms is up to a second old.
        await Watch.UntilAsync(
            () => ScriptedChat.RunAsync(gateway, null, "rooms"),
            run => run.Output == "general  2 online\nops      1 online\n",
            "the rooms",
            run => run.Output + gateway.Report);
        using (var rooms = JsonDocument.Parse(await RunAsync("rooms", "--json")))
        {
            Assert.Equal("rooms", rooms.RootElement.GetProperty("type").GetString());
            Assert.Equal(2, rooms.RootElement.GetProperty("online").GetProperty("general").GetInt32());
        }

        Assert.Equal("ana\nben\n", await RunAsync("who", "--room", "General"));
        var who = await RunAsync("who", "--room", "ops", "--json");
        Assert.StartsWith("""{"type":"who",""", who);
        Assert.Contains("""
            "room":"ops","members":["ana"],"online":1
            """, who);
        Assert.EndsWith("}\n", who);

        var history = await RunAsync("history", "--room", "ops", "--limit", "2");
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d ana: message 4\n\d{4}-\d\d-\d\d \d\d:\d\d ana: message 5\n$", history);
        Assert.Matches(@"ana: message 1\n.*ana: message 2\n$", await RunAsync("history", "--room", "ops", "--before", "3"));
        Assert.Matches(@"^\S+ \S+ ana: message 4\n$", await RunAsync("history", "--room", "ops", "--after", "3", "-n", "1"));
        var json = await RunAsync("history", "--room", "ops", "--json");
        Assert.StartsWith("""{"type":"history",""", json);
        Assert.Contains("[" + string.Join(',', gateway.Log("ops")) + "]", json);
        Assert.Equal(1, json.Count(c => c == '\n'));

        // Nobody was told, and no room made, by looking.
        await RunAsync("history", "--room", "nowhere");
        Assert.DoesNotContain(ana.Frames, frame => frame.Text.Contains("guest-", StringComparison.Ordinal));
        Assert.DoesNotContain("nowhere", await RunAsync("rooms"));

        async Task<string> RunAsync(params string[] arguments)
        {
            var (exitCode, output, errors) = await ScriptedChat.RunAsync(gateway, null, arguments);
            Assert.True(exitCode == 0 && errors.Length == 0, $"{string.Join(' ', arguments)}: {exitCode} {errors}\n{gateway.Report}");
            return output;
        }
    }

    [Theory]
    [InlineData(2, "send", "--room", "a b", "hello")]
    [InlineData(2, "history", "--room", "ops", "--limit", "0")]
    [InlineData(2, "rooms", "--server", "http://")]
    [InlineData(2, "rooms", "--no-such-option")]
    [InlineData(2)]
    [InlineData(1, "rooms", "--user", "holder")]
    [InlineData(1, "listen", "--room", "ops", "--user", "holder")]
    [InlineData(3, "rooms", "--server", "127.0.0.1:1")]
    [InlineData(3, "send", "--room", "ops", "--server", "127.0.0.1:1", "hello")]
    [InlineData(3, "listen", "--room", "ops", "--server", "127.0.0.1:1")]
    public async Task Should_say_in_one_line_what_is_wrong_and_exit_with_its_code(int exitCode, params string[] arguments)
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var holder = await gateway.EnterAsync("holder");
        var (code, output, errors) = await ScriptedChat.RunAsync(gateway, null, arguments);
        Assert.Equal((exitCode, ""), (code, output));
        Assert.Matches(@"^chat: [^\n]+\n$", errors);
        Assert.Empty(gateway.Log("ops"));
    }

    [Fact]
    public async Task Should_tell_its_commands_and_exit_codes_when_asked_for_help()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        var (exitCode, output, errors) = await ScriptedChat.RunAsync(gateway, null, "--help");
        Assert.Equal((0, ""), (exitCode, errors));
        foreach (var word in new[] { "send", "listen", "rooms", "who", "history", "--server", "--user", "Exit codes" })
            Assert.Contains(word, output);
    }
}
