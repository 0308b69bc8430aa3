using System.Diagnostics;
using Xunit;

namespace Chat.Tests.Cli;

/// <summary>The real program, as a script runs it.</summary>
public sealed class ProgramTests
{
    // Nothing listens there.
    private const string Nowhere = "ws://127.0.0.1:1/ws";

    private static async Task<(int ExitCode, string Output, string Errors)> Run(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "chat.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in new[] { "CHAT_SERVER", "CHAT_USER", "CHAT_TOKEN" })
            start.Environment.Remove(variable);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return (process.ExitCode, await output, await errors);
    }

    [Theory]
    [InlineData("full-screen chat needs a terminal")]
    [InlineData("Unrecognized command or argument 'bogus'", "bogus")]
    [InlineData("Unrecognized command or argument '--bogus'", "rooms", "--bogus")]
    [InlineData("Option '--room' is required", "send", "hello")]
    [InlineData("Option '--room' is required", "listen")]
    [InlineData("from 1 to 100", "history", "--room", "general", "--limit", "101")]
    [InlineData("from 0 up", "history", "--room", "general", "--before", "-1")]
    [InlineData("from 0 up", "listen", "--room", "general", "--since", "x")]
    [InlineData("not both", "history", "--room", "general", "--before", "9", "--after", "1")]
    [InlineData("not both", "listen", "--room", "general", "--since", "9", "--last", "1")]
    [InlineData("scheme ftp", "rooms", "--server", "ftp://example.org")]
    [InlineData("A room's name", "who", "--room", "")]
    [InlineData("A username", "rooms", "--user", "not a name")]
    public async Task Should_exit_with_2_and_one_line_when_the_usage_is_wrong(string hint, params string[] arguments)
    {
        var (exitCode, output, errors) = await Run("", arguments);
        Assert.Equal(2, exitCode);
        Assert.Equal("", output);
        Assert.StartsWith("chat: ", errors, StringComparison.Ordinal);
        Assert.Contains(hint, errors, StringComparison.Ordinal);
        Assert.Equal(1, errors.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("send", "--room", "general", "hello")]
    [InlineData("listen", "--room", "general")]
    [InlineData("rooms")]
    [InlineData("who", "--room", "general", "--json")]
    [InlineData("history", "--room", "general")]
    public async Task Should_exit_with_3_and_one_line_when_there_is_no_connection(params string[] arguments)
    {
        var (exitCode, output, errors) = await Run("", [.. arguments, "--server", Nowhere]);
        Assert.Equal(3, exitCode);
        Assert.Equal("", output);
        Assert.Equal(1, errors.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("Exit codes", "--help")]
    [InlineData("CRLF", "send", "--help")]
    [InlineData("as on the wire", "listen", "--help")]
    [InlineData("oldest first", "history", "-h")]
    public async Task Should_explain_itself(string hint, params string[] arguments)
    {
        var (exitCode, output, errors) = await Run("", arguments);
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains(hint, output, StringComparison.Ordinal);
    }
}
