using System.Diagnostics;
using System.Text.RegularExpressions;
using Chat.Gateway.Configuration;
using Chat.Gateway.Hosting;
using Chat.Tests.Build;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.Packaging;

/// <summary>Whether service, container and documents say what the gateway understands.</summary>
public sealed partial class InstallationTests
{
    private const string Unit = "chat-gateway.service";

    // To store what waits before and after, to close, and for the host to stop.
    private const int SecondsToEnd = 11;

    [Fact]
    public void Should_start_the_service_with_options_that_exist_and_give_it_time_to_end()
    {
        var start = Assert.Single(Values("ExecStart"));
        // What is on the command line can't be set by the environment.
        Assert.DoesNotContain(' ', start);
        var options = new GatewayOptions();
        foreach (var pair in Values("Environment").SelectMany(values => values.Split(' ')))
            options = Packaged.With(options, pair.Split('=', 2)[0], pair.Split('=', 2)[1]);
        Assert.Equal("/var/lib/" + Assert.Single(Values("StateDirectory")), options.Data);
        Assert.InRange(int.Parse(Assert.Single(Values("TimeoutStopSec"))), options.DrainSeconds + SecondsToEnd, 300);
        Assert.Equal("notify", Assert.Single(Values("Type")));
        // As many connections as it takes by itself.
        Assert.Equal(options.MaxConnections, FileLimit.Share(options.MaxConnections, long.Parse(Assert.Single(Values("LimitNOFILE")))).Connections);
        // The runtime writes code as it runs.
        Assert.Empty(Values("MemoryDenyWriteExecute"));
    }

    [Fact]
    public void Should_name_settings_that_exist_in_the_services_environment()
    {
        var options = new GatewayOptions();
        foreach (var line in Packaged.Text("gateway.env").Split('\n').Where(line => Assignment().IsMatch(line)))
        {
            var match = Assignment().Match(line);
            options = Packaged.With(options, match.Groups["name"].Value, match.Groups["value"].Value);
        }
        Assert.NotEmpty(options.PublicUrls);
    }

    [ProgramFact("systemd-analyze", "systemd")]
    public async Task Should_be_a_service_that_systemd_finds_nothing_wrong_with()
    {
        using var folder = new TempFolder();
        // It looks for the program, which is installed by hand.
        File.WriteAllText(folder.In(Unit), Packaged.Text(Unit).Replace("/usr/local/bin/chat-gateway", "/bin/true"));
        var (code, output) = await AnalyzeAsync("verify", folder.In(Unit));
        Assert.True(code == 0 && !output.Contains(Unit), output);
        // "OK" ends at 4.9.
        (code, output) = await AnalyzeAsync("security", "--offline=yes", "--threshold=20", folder.In(Unit));
        Assert.True(code == 0, output);
    }

    [Fact]
    public void Should_build_the_container_from_what_is_there_and_start_it_with_settings_that_exist()
    {
        var lines = Packaged.Lines("Dockerfile");
        var sent = File.ReadAllLines(Path.Combine(DotnetCommand.Root, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToArray();
        foreach (var source in lines.Where(line => line.StartsWith("COPY ") && !line.Contains("--from")).SelectMany(line => line.Split(' ')[1..^1]))
        {
            Assert.True(Path.Exists(Path.Combine(DotnetCommand.Root, source)), source);
            Assert.Contains(source.Split('/')[0], sent);
        }
        var options = new GatewayOptions();
        foreach (var pair in lines.Where(line => line.StartsWith("ENV ")).SelectMany(line => line[4..].Split(' ')))
            options = Packaged.With(options, pair.Split('=', 2)[0], pair.Split('=', 2)[1]);
        Assert.Contains($"VOLUME {options.Data}", lines);
        Assert.Contains($"EXPOSE {options.Port}", lines);
        Assert.Contains(lines, line => line.StartsWith("USER ") && line != "USER root");

        var compose = Packaged.Lines("compose.yaml");
        foreach (var match in compose.Select(line => Variable().Match(line)).Where(match => match.Success))
            options = Packaged.With(options, match.Groups["name"].Value, match.Groups["value"].Value);
        Assert.Contains($"- history:{options.Data}", compose);
        Assert.Contains($"gateway: {options.TrustedProxies.Single().BaseAddress}", compose);
        var grace = Assert.Single(compose, line => line.StartsWith("stop_grace_period: "));
        Assert.InRange(int.Parse(grace.Split(' ')[1].TrimEnd('s')), options.DrainSeconds + SecondsToEnd, 300);
    }

    [Fact]
    public void Should_have_every_option_in_the_readmes_table_as_it_is()
    {
        var rows = Row().Matches(Packaged.Document("README.md")).Select(match => match.Groups["row"].Value).ToArray();
        Assert.Equal(
            Setting.All.Select(setting => $"`{setting.Option}` | `{setting.Variable}` | `Chat:{setting.Key}` | {(setting.Default.Length == 0 ? "none" : $"`{setting.Default}`")}").Order(),
            rows.Order());
    }

    [Theory]
    [InlineData("OPERATIONS.md")]
    [InlineData("CLUSTER.md")]
    public void Should_name_only_options_variables_and_log_lines_that_exist_where_it_tells_how_to_run_it(string document)
    {
        var text = Packaged.Document("docs", document);
        foreach (Match option in Option().Matches(text))
            Assert.Contains(option.Groups["name"].Value, Setting.All.Select(setting => setting.Option).Append("--help"));
        foreach (Match variable in Name().Matches(text))
            Assert.Contains(variable.Value, Setting.All.Select(setting => setting.Variable));
        var sources = string.Concat(new[] { "Chat.Gateway", "Chat.Actors" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(DotnetCommand.Root, project), "*.cs", SearchOption.AllDirectories)).Select(File.ReadAllText));
        var lines = LogLine().Matches(text[text.IndexOf("| line ", StringComparison.Ordinal)..]);
        Assert.NotEmpty(lines);
        foreach (var part in lines.SelectMany(line => line.Groups["line"].Value.Split('…', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
            Assert.True(sources.Contains(part, StringComparison.Ordinal), part);
    }

    private static string[] Values(string key) =>
        [.. Packaged.Lines(Unit).Where(line => line.StartsWith(key + "=", StringComparison.Ordinal)).Select(line => line[(key.Length + 1)..])];

    private static async Task<(int ExitCode, string Output)> AnalyzeAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(ProgramFactAttribute.Find("systemd-analyze")!, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Patience.OfAsync(process.WaitForExitAsync(), "systemd-analyze's end", () => "");
        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex(@"\A#?(?<name>CHAT_[A-Z_]+)=(?<value>.*)\z")]
    private static partial Regex Assignment();

    // Of what compose puts in from outside, nothing is known.
    [GeneratedRegex(@"\A(?<name>CHAT_[A-Z_]+): (\$\{\k<name>:-\}|(?<value>.+))\z")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\| (?<row>`--[^|\n]+\|[^|\n]+\|[^|\n]+\| [^|\n]+?) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"(?<=`)(?<name>--[a-z-]+)[^`\n]*`")]
    private static partial Regex Option();

    [GeneratedRegex(@"\bCHAT_[A-Z_]+\b")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\| `(?<line>[^`]+)` \| (?!---)", RegexOptions.Multiline)]
    private static partial Regex LogLine();
}
