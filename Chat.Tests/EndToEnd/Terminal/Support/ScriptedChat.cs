using System.Diagnostics;
using System.Text;
using Chat.Tests.EndToEnd.Support;

namespace Chat.Tests.EndToEnd.Terminal.Support;

/// <summary>The program in a script: pipes on all sides.</summary>
public sealed class ScriptedChat : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Func<string> _gatewayReport;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private ScriptedChat(ProcessStartInfo start, Func<string> gatewayReport)
    {
        _gatewayReport = gatewayReport;
        _process = Process.Start(start)!;
        _reading = ReadAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>All that it printed until now.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>The whole lines that it printed until now.</summary>
    public string[] Lines => Output.Split('\n')[..^1];

    /// <summary>Starts it.</summary>
    public static ScriptedChat Start(SteadyGateway gateway, params string[] arguments) =>
        new(ChatProgram.Start(Address(gateway), ChatProgram.Command[0], [ChatProgram.Command[1], .. arguments]), () => gateway.Report);

    /// <summary>Starts a shell's pipeline, in which <c>"$@"</c> is the program with these arguments.</summary>
    public static ScriptedChat Pipeline(SteadyGateway gateway, string pipeline, params string[] arguments) =>
        new(ChatProgram.Start(Address(gateway), "sh", ["-c", pipeline, "sh", .. ChatProgram.Command, .. arguments]), () => gateway.Report);

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(SteadyGateway gateway, string? input, params string[] arguments)
    {
        await using var chat = Start(gateway, arguments);
        await chat.WriteAsync(input ?? "");
        return await chat.EndAsync();
    }

    /// <summary>Writes to its standard input.</summary>
    public async Task WriteAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until it has printed so many lines.</summary>
    public Task<string[]> PrintsAsync(int lines) => Watch.UntilAsync(
        () => Task.FromResult(Lines), seen => seen.Length >= lines, $"{lines} lines of the chat", _ => $"It printed:\n{Output}\n{_gatewayReport()}");

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Asks it to end (SIGTERM).</summary>
    public void Terminate() => ChatProgram.Terminate(_process.Id);

    /// <summary>Ends its input and waits for its end.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        _process.StandardInput.Close();
        await Patience.OfAsync(_process.WaitForExitAsync(), "the chat's end", () => $"It printed:\n{Output}\n{_gatewayReport()}");
        await _reading;
        return (_process.ExitCode, Output, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string Address(SteadyGateway gateway) => $"ws://127.0.0.1:{gateway.Port}/ws";

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is var read and > 0)
        {
            lock (_output)
                _output.Append(buffer, 0, read);
        }
    }
}
