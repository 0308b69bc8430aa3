using System.Collections.Concurrent;
using System.Diagnostics;
using Chat.Gateway.Configuration;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.EndToEnd.Web;
using Xunit;

namespace Chat.Tests.Packaging;

/// <summary>A copy of the data folder, made while the gateway writes to it.</summary>
public sealed class BackupTests : IDisposable
{
    private const int Copies = 4;

    private static readonly string[] Rooms = ["general", "lobby", "ops"];

    private readonly TempFolder _data = new();
    private readonly ConcurrentDictionary<(string Room, long Seq), string> _acked = new();
    private volatile bool _isEnough;

    [ProgramFact("cp", "coreutils")]
    public async Task Should_be_a_backup_with_all_that_was_acked_before_it_began()
    {
        var before = new List<KeyValuePair<(string Room, long Seq), string>[]>();
        string epoch;
        await using (var gateway = await GatewayProcess.StartAsync(_data.In("history"), "--publish-rate", "0", "--frame-rate", "0"))
        {
            var writing = Rooms.SelectMany(room => new[] { "ana", "ben" }.Select(user => WriteAsync(gateway, room, $"{user}-{room}"))).ToArray();
            // One that nobody writes in meanwhile.
            await using (var eva = await EnterAsync(gateway, "quiet", "eva"))
            {
                for (var i = 0; i < 20; i++)
                    await PublishAsync(eva, "quiet", $"quiet {i}");
            }
            for (var copy = 0; copy < Copies; copy++)
            {
                var sofar = _acked.Count;
                await Patience.UntilAsync(() => Task.FromResult(_acked.Count > sofar + 200 || writing.Any(writer => writer.IsFaulted)), "messages");
                // Its own method: a spread, or LINQ, copies in two steps, between which it may grow.
                before.Add(_acked.ToArray());
                Assert.Equal(0, await RunAsync("cp", "-a", _data.In("history"), _data.In($"copy-{copy}")));
            }
            using var web = new WebClient(gateway);
            epoch = (await web.GetAsync("/api/rooms/general/messages?limit=1")).Json["epoch"]!.ToString();
            _isEnough = true;
            await Task.WhenAll(writing);
        }
        Assert.True(_acked.Count > before[^1].Length, "Nobody wrote while it was copied.");

        for (var copy = 0; copy < Copies; copy++)
            await VerifyAsync(_data.In($"copy-{copy}"));
        await using var restored = await GatewayProcess.StartAsync(_data.In($"copy-{Copies - 1}"), "--read-rate", "0");
        var served = new Dictionary<(string, long), string>();
        foreach (var room in Rooms.Append("quiet"))
            Assert.NotEqual(epoch, await ReadAsync(restored, room, served));
        Assert.All(before[^1], message => Assert.Equal(message.Value, served.GetValueOrDefault(message.Key)));
        // Who was there before the restore is told that it isn't the log that he knows, and has it anew.
        await using var ana = await RawChat.ConnectAsync(restored);
        await ana.LoginAsync("ana");
        await ana.SendAsync("join", ("room", "quiet"), ("since", 20), ("epoch", epoch), ("id", "j"));
        var page = await ana.ExpectAsync(frame => frame.Type == "history" && frame.Id == "j", "the page");
        Assert.True(page.Flag("gap"), page.Text);
        // And it goes on.
        Assert.Equal(21, (await ana.PublishAsync("quiet", "on")).Number("seq"));
    }

    public void Dispose() => _data.Dispose();

    private static async Task<RawChat> EnterAsync(GatewayProcess gateway, string room, string user)
    {
        var client = await RawChat.ConnectAsync(gateway);
        await client.LoginAsync(user);
        await client.JoinAsync(room);
        return client;
    }

    private async Task WriteAsync(GatewayProcess gateway, string room, string user)
    {
        await using var client = await EnterAsync(gateway, room, user);
        for (var i = 0; !_isEnough; i++)
            await PublishAsync(client, room, $"{user} {i} {new string('x', 1 + (i % 300))}");
    }

    private async Task PublishAsync(RawChat client, string room, string text) =>
        _acked[(room, (await client.PublishAsync(room, text)).Number("seq"))] = text;

    // What may be said of a copy that was made meanwhile is that it ends in the beginning of a line, or before where a room's file says that it ended.
    private static async Task VerifyAsync(string data)
    {
        var (code, gateway) = await GatewayProcess.RunAsync(new GatewaySetup("verify", "--data", data));
        await using var ended = gateway;
        var faults = gateway.Output.Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal) && !line.StartsWith("  (no fault)", StringComparison.Ordinal)).ToArray();
        Assert.All(faults, line => Assert.Contains("The log ended with seq", line));
        Assert.Equal(faults.Length == 0 ? ExitCodes.Ok : ExitCodes.Failed, code);
    }

    private static async Task<string> ReadAsync(GatewayProcess gateway, string room, Dictionary<(string, long), string> served)
    {
        using var web = new WebClient(gateway);
        for (var after = 0L; ;)
        {
            var page = (await web.GetAsync($"/api/rooms/{room}/messages?after={after}&limit=100")).Json;
            foreach (var message in page["messages"]!.AsArray())
                served[(room, after = (long)message!["seq"]!)] = message["message"]!.ToString();
            if (page["messages"]!.AsArray().Count == 0)
                return page["epoch"]!.ToString();
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await Patience.OfAsync(process.WaitForExitAsync(), $"the end of {program}", () => "");
        return process.ExitCode;
    }
}
