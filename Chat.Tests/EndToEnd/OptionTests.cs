using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Chat.Gateway.Configuration;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd;

public sealed class OptionTests : IDisposable
{
    private readonly TempFolder _data = new();

    /// <summary>Each option with a value that it doesn't take.</summary>
    public static TheoryData<string, string> Wrong => new()
    {
        { "host", "chat.example.org" },
        { "host", "300.1.1.1" },
        { "port", "70000" },
        { "port", "-1" },
        { "port", "81.81" },
        { "durability", "Sometimes" },
        { "retain-days", "-1" },
        { "retain-days", "1.5" },
        { "retain-days", "36501" },
        { "retain-bytes", "-1" },
        { "retain-bytes", "1048575" },
        { "retain-bytes", "1MiB" },
        { "retain-bytes", "9007199254740992" },
        { "publish-rate", "-1" },
        { "publish-rate", "fast" },
        { "publish-rate", "1e9" },
        { "join-rate", "-1" },
        { "create-rate", "x" },
        { "read-rate", "1000001" },
        { "frame-rate", "-1" },
        { "login-rate", "1,5" },
        { "address-factor", "-0.5" },
        { "connect-rate", "fast" },
        { "max-connections", "1.5" },
        { "max-connections-per-address", "-1" },
        { "max-rooms", "10000001" },
        { "max-rooms-per-user", "many" },
        { "max-message-bytes", "0" },
        { "max-message-bytes", "64K" },
        { "max-message-characters", "0" },
        { "max-rooms-per-session", "0" },
        { "max-unanswered", "0" },
        { "max-malformed", "-1" },
        { "grace-seconds", "3601" },
        { "ping-seconds", "1" },
        { "dead-seconds", "3" },
        { "handshake-seconds", "3601" },
        { "login-seconds", "-1" },
        { "outbox-bytes", "0" },
        { "trusted-proxies", "localhost:80" },
        { "trusted-proxies", "10.0.0.0/33" },
        { "trusted-proxies", "10/8" },
        { "trusted-proxies", "*" },
        { "public-url", "https://chat.example.org/page" },
        { "drain-seconds", "3601" },
        { "metrics", "yes" },
        { "allowed-origins", "chat.example.org" },
        { "allowed-origins", "https://chat.example.org/page" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Should_name_option_value_and_what_is_allowed_from_every_source(string name, string value)
    {
        var setting = Setting.All.Single(setting => setting.Name == name);
        await RefuseAsync(new GatewaySetup($"--{name}", value), $"--{name}");
        await RefuseAsync(
            new GatewaySetup { Environment = new Dictionary<string, string> { [setting.Variable] = value } }, setting.Variable);
        var json = new JsonObject { ["Chat"] = new JsonObject { [setting.Key] = value } };
        await RefuseAsync(new GatewaySetup { AppSettings = json.ToJsonString() }, $"Chat:{setting.Key} in appsettings.json");

        async Task RefuseAsync(GatewaySetup setup, string source)
        {
            var line = await FailAsync(setup, ExitCodes.Usage);
            Assert.StartsWith(source + ":", line);
            Assert.Contains($"\"{value}\"", line);
            Assert.Contains(setting.Allowed, line);
        }
    }

    [Theory]
    [InlineData("--data", "")]
    [InlineData("--nonsense", "--nonsense")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("--port", "--port")]
    public async Task Should_refuse_a_command_line_that_is_none(string argument, string named)
    {
        var setup = argument == "--data" ? new GatewaySetup(argument, named) : new GatewaySetup(argument);
        Assert.Contains(argument, await FailAsync(setup, ExitCodes.Usage));
    }

    [Fact]
    public async Task Should_name_every_wrong_value_at_once()
    {
        var (code, gateway) = await GatewayProcess.RunAsync(new GatewaySetup("--port", "x", "--durability", "y"));
        await using var _ = gateway;
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Equal(["--durability", "--port"], gateway.Errors.Select(line => line[..line.IndexOf(':')]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"Chat": {"Port": 1,, }}""")]
    public async Task Should_say_that_a_file_is_not_JSON(string text) =>
        Assert.StartsWith("appsettings.json", await FailAsync(new GatewaySetup { AppSettings = text }, ExitCodes.Usage));

    [Fact]
    public async Task Should_name_the_place_where_a_file_is_not_JSON()
    {
        var line = await FailAsync(new GatewaySetup { AppSettings = "{\n\"Chat\": {\n\"Port\" 1}}" }, ExitCodes.Usage);
        Assert.Contains("LineNumber: 2", line);
    }

    [Fact]
    public async Task Should_say_that_a_file_can_not_be_read()
    {
        var line = await FailAsync(new GatewaySetup("--port", "0") { HasUnreadableAppSettings = true }, ExitCodes.Usage);
        Assert.StartsWith("appsettings.json can't be read", line);
        Assert.Contains("appsettings.json'", line);
    }

    [Fact]
    public async Task Should_name_a_setting_that_there_is_not()
    {
        var line = await FailAsync(new GatewaySetup { AppSettings = """{"Chat": {"port": 0, "PublishRates": 3}}""" }, ExitCodes.Usage);
        Assert.StartsWith("Chat:PublishRates in appsettings.json", line);
    }

    [Fact]
    public async Task Should_take_the_command_line_over_the_environment_over_the_file()
    {
        var setup = new GatewaySetup("--port", "0", "--data", _data.In("by-command-line"))
        {
            Environment = new Dictionary<string, string> { ["CHAT_DATA"] = _data.In("by-environment"), ["CHAT_PUBLISH_RATE"] = "7.5" },
            AppSettings = """{"Chat":{"Port":1,"Data":"by-file","PublishRate":3,"Durability":"never","AllowedOrigins":["null","https://a.example"]}}""",
        };
        await using var gateway = await GatewayProcess.StartAsync(setup);
        Assert.Contains("by-command-line", gateway.Output);
        Assert.Contains("durability never", gateway.Output);
        await using var ana = await RawChat.ConnectAsync(gateway);
        var limits = (await ana.LoginAsync("ana")).Json.GetProperty("limits");
        Assert.Equal(7.5, limits.GetProperty("publishRate").GetDouble());
        Assert.Equal(15, limits.GetProperty("publishBurst").GetInt32());
        using var page = await RawWire.UpgradeAsync(gateway, headers: "Origin: https://a.example\r\n");
        Assert.Equal(101, page.Status);
        Assert.True(Directory.Exists(_data.In("by-command-line")));
        Assert.False(Directory.Exists(_data.In("by-environment")));
    }

    [Fact]
    public async Task Should_name_every_option_in_its_help()
    {
        var (code, gateway) = await GatewayProcess.RunAsync(new GatewaySetup("--help"));
        await using var _ = gateway;
        Assert.Equal(ExitCodes.Ok, code);
        Assert.Empty(gateway.Errors);
        // A narrow terminal breaks the lines anywhere.
        var help = string.Concat(gateway.Output.Where(c => !char.IsWhiteSpace(c)));
        foreach (var setting in Setting.All)
        {
            foreach (var text in new[] { setting.Option, setting.Variable, "Chat:" + setting.Key, setting.Allowed, setting.Description })
                Assert.Contains(string.Concat(text.Where(c => !char.IsWhiteSpace(c))), help);
        }
    }

    [Fact]
    public async Task Should_print_its_version()
    {
        var (code, gateway) = await GatewayProcess.RunAsync(new GatewaySetup("--version"));
        await using var _ = gateway;
        Assert.Equal(ExitCodes.Ok, code);
        Assert.Matches(@"^\d+\.\d+\.\d+", gateway.Output.Trim());
    }

    [Fact]
    public async Task Should_say_that_the_port_is_in_use_and_nothing_else()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString();
        var line = await FailAsync(new GatewaySetup("--port", port, "--data", _data.Path), ExitCodes.Usage);
        Assert.Contains(port, line);
        Assert.Contains("in use", line);
    }

    [Fact]
    public async Task Should_say_that_an_address_is_not_this_machines()
    {
        var line = await FailAsync(new GatewaySetup("--host", "203.0.113.7", "--port", "0", "--data", _data.Path), ExitCodes.Usage);
        Assert.Contains("203.0.113.7", line);
    }

    [Fact]
    public async Task Should_keep_a_second_gateway_out_of_a_data_folder_and_let_it_in_after()
    {
        await using var first = await GatewayProcess.StartAsync(_data.Path);
        var line = await FailAsync(new GatewaySetup("--port", "0", "--data", _data.Path), ExitCodes.Usage);
        Assert.Contains(_data.Path, line);
        Assert.Contains("in use by another gateway", line);
        await using (var ana = await RawChat.ConnectAsync(first))
            await ana.LoginAsync("ana");
        await first.KillAsync();
        await using var second = await GatewayProcess.StartAsync(_data.Path);
    }

    [Fact]
    public async Task Should_say_that_the_data_folder_can_not_be_written()
    {
        var file = _data.In("a-file");
        await File.WriteAllTextAsync(file, "");
        var line = await FailAsync(new GatewaySetup("--port", "0", "--data", Path.Combine(file, "below")), ExitCodes.Failed);
        Assert.Contains(Path.Combine(file, "below"), line);
    }

    public void Dispose() => _data.Dispose();

    // The one line that it gives on standard error.
    private static async Task<string> FailAsync(GatewaySetup setup, int expected)
    {
        var (code, gateway) = await GatewayProcess.RunAsync(setup);
        await using var _ = gateway;
        Assert.True(code == expected, $"exit {code}\n{gateway.Report}");
        return Assert.Single(gateway.Errors);
    }
}
