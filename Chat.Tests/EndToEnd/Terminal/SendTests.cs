using Chat.Tests.EndToEnd.Terminal.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Terminal;

public sealed class SendTests
{
    [Fact]
    public async Task Should_have_stored_a_text_when_it_returns()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        Assert.Equal((0, "", ""), await ScriptedChat.RunAsync(gateway, null, "send", "--room", "Ops", "--user", "ana", "backup", "done, @all"));
        Assert.Equal(["backup done, @all"], gateway.Texts("ops"));
        // Its name is free at once.
        Assert.Equal((0, "", ""), await ScriptedChat.RunAsync(gateway, null, "send", "--room", "ops", "--user", "ana", "--", "--again"));
        Assert.Equal(["backup done, @all", "--again"], gateway.Texts("ops"));
    }

    [Fact]
    public async Task Should_send_each_line_once_and_in_order_when_lines_are_piped()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        var lines = Enumerable.Range(1, 200).Select(i => $"line {i}, ü 😀").ToArray();
        var input = "\uFEFF" + string.Join("\r\n", lines[..100]) + "\r\n\r\n   \n\n" + string.Join('\n', lines[100..]);
        Assert.Equal((0, "", ""), await ScriptedChat.RunAsync(gateway, input, "send", "--room", "logs", "--user", "ana"));
        Assert.Equal(lines, gateway.Texts("logs"));
    }

    [Fact]
    public async Task Should_send_each_line_once_and_in_order_when_the_server_is_killed_and_comes_back()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var chat = ScriptedChat.Start(gateway, "send", "--room", "logs", "--user", "ana");
        var lines = new List<string>();
        var areKillsDone = false;
        // Written from beside, as the program stops reading while it can't send.
        var writing = WriteAsync();
        for (var kill = 1; kill <= 3; kill++)
        {
            await gateway.LoggedAsync("logs", gateway.Log("logs").Length + 100);
            await gateway.KillAsync();
            await gateway.StartAgainAsync();
        }
        Volatile.Write(ref areKillsDone, true);
        await writing;
        var (exitCode, output, _) = await chat.EndAsync();
        Assert.Equal((0, ""), (exitCode, output));
        Assert.Equal(lines, gateway.Texts("logs"));

        async Task WriteAsync()
        {
            while (!Volatile.Read(ref areKillsDone))
            {
                lines.Add($"line {lines.Count + 1}");
                await chat.WriteAsync(lines[^1] + "\n");
            }
        }
    }

    [Fact]
    public async Task Should_name_a_line_that_is_refused_and_send_the_others_and_exit_with_1()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        var (exitCode, output, errors) = await ScriptedChat.RunAsync(
            gateway, $"one\n{new string('x', 4001)}\nthree\na\u0007b\nfive\n", "send", "--room", "logs", "--user", "ana");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Equal(["one", "three", "five"], gateway.Texts("logs"));
        Assert.Collection(
            errors.TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal),
            first => Assert.Contains("line 2: ", first),
            second => Assert.Contains("line 4: ", second));
    }

    [Fact]
    public async Task Should_speak_under_another_name_when_none_is_given_and_the_login_name_is_taken()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var holder = await gateway.EnterAsync(ChatProgram.LoginName);
        Assert.Equal((0, "", ""), await ScriptedChat.RunAsync(gateway, null, "send", "--room", "ops", "hello"));
        Assert.Equal(["hello"], gateway.Texts("ops"));
        Assert.Matches($"\"user\":\"{ChatProgram.LoginName}-[0-9]{{4}}\"", gateway.Log("ops").Single());
    }

    [Fact]
    public async Task Should_wait_for_its_name_when_it_is_kept_for_one_that_was_lost()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var lost = await gateway.EnterAsync("ana");
        lost.Abort();
        await using var other = await gateway.ConnectAsync();
        await Watch.UntilAsync(
            async () =>
            {
                await other.SendAsync("login", ("username", "ana"));
                return await other.ExpectAsync(frame => frame.Type == "error", "a refusal");
            },
            error => error.Has("retryAfter"), "the grace period", error => error.Text);
        Assert.Equal((0, "", ""), await ScriptedChat.RunAsync(gateway, null, "send", "--room", "ops", "--user", "ana", "hello"));
        Assert.Equal(["hello"], gateway.Texts("ops"));
    }

    [Fact]
    public async Task Should_call_it_usage_when_there_is_nothing_to_say()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        var (exitCode, output, errors) = await ScriptedChat.RunAsync(gateway, null, "send", "--room", "ops", "--user", "ana", "");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("nothing to send", errors);
    }

    [Fact]
    public async Task Should_exit_with_1_and_store_nothing_when_the_name_is_taken()
    {
        await using var gateway = await SteadyGateway.StartAsync();
        await using var holder = await gateway.EnterAsync("ana");
        var (exitCode, output, errors) = await ScriptedChat.RunAsync(gateway, null, "send", "--room", "ops", "--user", "ana", "hello");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("ana", errors);
        Assert.Empty(gateway.Log("ops"));
    }
}
