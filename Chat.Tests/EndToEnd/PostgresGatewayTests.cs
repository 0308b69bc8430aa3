using Chat.Gateway.Configuration;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.EndToEnd.Web;
using Chat.Tests.History.Postgres;
using Npgsql;
using Xunit;

namespace Chat.Tests.EndToEnd;

/// <summary>A real gateway on a real database, both of which are killed.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresGatewayTests(PostgresServer server) : IDisposable
{
    private readonly TempFolder _data = new();
    private PostgresLogs? _logs;

    private PostgresLogs Logs => _logs ??= new PostgresLogs(server);

    public void Dispose()
    {
        _data.Dispose();
        if (_logs is null)
            return;
        server.Start();
        _logs.Dispose();
    }

    [PostgresFact]
    public async Task Should_keep_what_was_acked_when_the_gateway_is_killed()
    {
        string epoch;
        await using (var gateway = await StartAsync())
        {
            await using var ana = await EnterAsync(gateway);
            epoch = (await ana.JoinAsync("general"))["epoch"]!;
            for (var i = 1; i <= 3; i++)
                await ana.PublishAsync("general", $"message {i}", $"m{i}");
            Assert.Contains("history in the database", gateway.Output);
            Assert.DoesNotContain(PostgresServer.Password, gateway.Output);
            await gateway.KillAsync();
        }
        await using (var gateway = await StartAsync())
        {
            await using var ana = await EnterAsync(gateway);
            var page = await ana.JoinAsync("general", since: 0);
            Assert.Equal(["message 1", "message 2", "message 3"], page.Messages.Select(message => message["message"]));
            Assert.Equal((epoch, false), (page["epoch"], page.Flag("gap")));
            await ana.SendAsync("publish", ("room", "general"), ("message", "message 2"), ("id", "m2"));
            var again = await ana.AnswerAsync("m2");
            Assert.Equal((2, true), (again.Number("seq"), again.Flag("duplicate")));
            Assert.Equal(4, (await ana.PublishAsync("general", "message 4")).Number("seq"));
            gateway.Terminate();
            Assert.Equal(ExitCodes.Ok, await gateway.ExitAsync());
            Assert.Empty(gateway.Errors);
        }
        Assert.Empty(Directory.GetFileSystemEntries(_data.Path));
    }

    [PostgresFact]
    public async Task Should_lose_nothing_that_was_acked_and_store_nothing_twice_when_the_database_is_killed_meanwhile()
    {
        const int Messages = 300;
        await using var gateway = await StartAsync();
        using var web = new WebClient(gateway);
        await using var ana = await EnterAsync(gateway);
        await using var reader = await EnterAsync(gateway, "ben");
        var acked = new Dictionary<string, long>();
        var refusals = 0;
        for (var i = 0; i < Messages; i++)
        {
            if (i is 100 or 200)
            {
                // In the middle of what is under way.
                for (var more = i; more < i + 20; more++)
                    await ana.SendAsync("publish", ("room", "general"), ("message", $"text {more}"), ("id", $"m{more}"));
                server.KillNow();
                await Patience.UntilAsync(async () => (await web.GetAsync("/health/ready")).Status == 503, "that it isn't ready");
                server.Start();
            }
            Frame answer;
            do
            {
                await ana.SendAsync("publish", ("room", "general"), ("message", $"text {i}"), ("id", $"m{i}"));
                answer = await ana.AnswerAsync($"m{i}");
                if (answer.Type == "ack")
                    break;
                Assert.Equal("storage_unavailable", answer["code"]);
                refusals++;
                await Task.Delay(TimeSpan.FromMilliseconds(answer.Number("retryAfter")));
            }
            while (true);
            acked[$"m{i}"] = answer.Number("seq");
        }
        Assert.True(refusals > 0);
        await Patience.UntilAsync(async () => (await web.GetAsync("/health/ready")).Status == 200, "that it is ready again");

        await using var checker = await EnterAsync(gateway, "cat");
        await checker.JoinAsync("general", since: 0);
        var log = checker.Frames.Where(frame => frame.Type == "history").SelectMany(page => page.Messages).DistinctBy(message => message.Number("seq")).OrderBy(message => message.Number("seq")).ToArray();
        Assert.Equal(Enumerable.Range(1, Messages).Select(seq => (long)seq), log.Select(message => message.Number("seq")));
        Assert.Equal(Messages, log.Select(message => message.Id).Distinct().Count());
        foreach (var (id, seq) in acked)
            Assert.Equal(id, log[(int)seq - 1].Id);
        var shown = reader.Frames.Where(frame => frame.Type == "message").ToArray();
        Assert.Equal(shown.Length, shown.Select(message => message.Id).Distinct().Count());
        Assert.All(shown, message => Assert.Equal(message.Text, log[(int)message.Number("seq") - 1].Text));
    }

    [PostgresFact]
    public async Task Should_keep_a_second_gateway_out_that_is_no_node_of_the_same_cluster()
    {
        await using (var one = await StartAsync())
        {
            Assert.Contains("is used by another gateway", await FailAsync(ExitCodes.Failed, Logs.Connection));
            await one.KillAsync();
        }
        await using var next = await StartAsync();
    }

    [PostgresFact]
    public async Task Should_say_in_one_line_why_it_can_not_start()
    {
        var wrong = server.Connection(new NpgsqlConnectionStringBuilder(Logs.Connection).Database!, password: "not;it");
        Assert.Contains("Correct Username and Password", await FailAsync(ExitCodes.Failed, wrong));
        Assert.Contains("CREATE DATABASE", await FailAsync(ExitCodes.Failed, server.Connection("nowhere")));
        Assert.Contains("Check that it runs there", await FailAsync(ExitCodes.Failed, "Host=127.0.0.1;Port=1;Username=x;Password=y;Database=z"));
        Assert.Contains("--postgres: what it says is not allowed", await FailAsync(ExitCodes.Usage, "a=b;Password=secret"));
        Assert.Contains("CHAT_POSTGRES: what it says is not allowed", await FailAsync(ExitCodes.Usage, "Password=secret", isVariable: true));
        Assert.Contains("--postgres: verify has no use for it", await FailAsync(ExitCodes.Usage, Logs.Connection, "verify"));
    }

    [PostgresFact]
    public async Task Should_copy_a_data_folder_into_the_database_and_back()
    {
        await using (var gateway = await GatewayProcess.StartAsync(_data.In("before")))
        {
            await using var ana = await EnterAsync(gateway);
            await ana.PublishAsync("general", "from files", "f1");
            var (code, busy) = await RunAsync("import", _data.In("before"));
            Assert.Equal(ExitCodes.Usage, code);
            Assert.Contains("in use by another gateway", busy.Errors[0]);
            gateway.Terminate();
            Assert.Equal(ExitCodes.Ok, await gateway.ExitAsync());
        }

        var (imported, import) = await RunAsync("import", _data.In("before"));
        Assert.True(imported == ExitCodes.Ok, import.Output);
        Assert.Matches("^general: 1 messages, [0-9]+ bytes, seq 1 to 1: copied\n1 rooms, 1 messages, [0-9]+ bytes: ok$", import.Output.Trim());
        await using (var gateway = await StartAsync())
        {
            await using var ana = await EnterAsync(gateway);
            Assert.Equal(["from files"], (await ana.JoinAsync("general", since: 0)).Messages.Select(message => message["message"]));
            Assert.Equal(2, (await ana.PublishAsync("general", "from the database")).Number("seq"));
            gateway.Terminate();
            await gateway.ExitAsync();
        }
        Assert.Equal(ExitCodes.Ok, (await RunAsync("export", _data.In("after"))).Code);
        var (again, differs) = await RunAsync("import", _data.In("before"));
        Assert.Equal(ExitCodes.Failed, again);
        Assert.Contains("Nothing is replaced", differs.Errors[0]);
        await using (var gateway = await GatewayProcess.StartAsync(_data.In("after")))
        {
            await using var ana = await EnterAsync(gateway);
            Assert.Equal(["from files", "from the database"], (await ana.JoinAsync("general", since: 0)).Messages.Select(message => message["message"]));
        }
        var (none, nowhere) = await RunAsync("import", _data.In("nowhere"));
        Assert.Equal(ExitCodes.Usage, none);
        Assert.Contains("there is no folder", Assert.Single(nowhere.Errors));
        var without = await GatewayProcess.RunAsync(new GatewaySetup("export", "--data", _data.In("after")));
        await using var _ = without.Gateway;
        Assert.Equal(ExitCodes.Usage, without.ExitCode);
        Assert.StartsWith("--postgres: export needs it.", Assert.Single(without.Gateway.Errors));
    }

    private Task<GatewayProcess> StartAsync() => GatewayProcess.StartAsync(new GatewaySetup("--port", "0", "--publish-rate", "0", "--frame-rate", "0", "--data", _data.In("unused"))
    {
        Environment = new Dictionary<string, string> { ["CHAT_POSTGRES"] = Logs.Connection },
    });

    private async Task<(int Code, GatewayProcess Gateway)> RunAsync(string verb, string data)
    {
        var (code, gateway) = await GatewayProcess.RunAsync(new GatewaySetup(verb, "--data", data, "--postgres", Logs.Connection));
        await using (gateway)
            return (code, gateway);
    }

    private static async Task<string> FailAsync(int expected, string connection, string? verb = null, bool isVariable = false)
    {
        string[] arguments = [.. isVariable ? Array.Empty<string>() : ["--postgres", connection], "--port", "0"];
        var setup = new GatewaySetup(verb is null ? arguments : ["--postgres", connection, verb])
        {
            Environment = isVariable ? new Dictionary<string, string> { ["CHAT_POSTGRES"] = connection } : new Dictionary<string, string>(),
        };
        var (code, gateway) = await GatewayProcess.RunAsync(setup);
        await using var _ = gateway;
        Assert.True(code == expected, $"exit {code}\n{gateway.Report}");
        var line = Assert.Single(gateway.Errors);
        Assert.DoesNotContain("secret", line);
        Assert.DoesNotContain("not;it", line);
        return line;
    }

    private static async Task<RawChat> EnterAsync(GatewayProcess gateway, string name = "ana")
    {
        var chat = await RawChat.ConnectAsync(gateway);
        await chat.LoginAsync(name);
        await chat.JoinAsync("general");
        return chat;
    }
}
