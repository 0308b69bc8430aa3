using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd;

public sealed class DamageTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Fact]
    public async Task Should_never_serve_a_damaged_line_and_say_so_to_all_and_go_on()
    {
        await FillAsync();
        var file = Directory.GetFiles(_data.In("general"), "*.jsonl").Single();
        var bytes = await File.ReadAllBytesAsync(file);
        var at = bytes.AsSpan().IndexOf("message 7"u8);
        var lineStart = bytes.AsSpan(0, at).LastIndexOf((byte)'\n') + 1;
        bytes[at + 8] ^= 0x01;
        await File.WriteAllBytesAsync(file, bytes);

        await using var gateway = await StartAsync();
        await using var ana = await EnterAsync(gateway, "ana");
        var joined = await ana.JoinAsync("general", since: 0);
        AssertPage(joined, [1, 2, 3, 4, 5, 6, 8, 9, 10]);
        await ana.SendAsync("history", ("room", "general"), ("after", 5), ("limit", 3), ("id", "h"));
        AssertPage(await ana.AnswerAsync("h"), [6, 8, 9]);
        // What doesn't touch it doesn't speak of it.
        await ana.SendAsync("history", ("room", "general"), ("before", 7), ("id", "b"));
        Assert.False((await ana.AnswerAsync("b")).Has("gap"));

        Assert.Equal(11, (await ana.PublishAsync("general", "it goes on")).Number("seq"));
        await ana.EverAsync(frame => frame.IsMessage("general", "it goes on"), "the new message");
        Assert.DoesNotContain(ana.Frames, frame => frame.Text.Contains("message 6\"", StringComparison.Ordinal) && frame.Text.Contains("\"seq\":7", StringComparison.Ordinal));

        var line = await gateway.PrintedAsync(text => text.Contains(file, StringComparison.Ordinal), "the damage in the log");
        Assert.Contains("warn", line);
        Assert.Contains(lineStart.ToString(), line);
        Assert.Contains("backup", line);

        static void AssertPage(Frame page, long[] seqs)
        {
            Assert.Equal(seqs, page.Seqs);
            Assert.True(page.Flag("gap"), page.Text);
            Assert.Equal("[[7,7]]", page.Json.GetProperty("missing").GetRawText());
        }
    }

    [Fact]
    public async Task Should_cut_off_a_line_that_was_never_finished_and_keep_it_aside()
    {
        await FillAsync();
        var file = Directory.GetFiles(_data.In("general"), "*.jsonl").Single();
        const string Torn = """{"type":"message","room":"general","seq":11,"id":"x","user":"ana","mess""";
        await File.AppendAllTextAsync(file, Torn);

        await using var gateway = await StartAsync();
        await using var ana = await EnterAsync(gateway, "ana");
        var page = await ana.JoinAsync("general", since: 0);
        Assert.Equal(Enumerable.Range(1, 10).Select(seq => (long)seq), page.Seqs);
        Assert.False(page.Has("gap"));
        Assert.Equal(11, (await ana.PublishAsync("general", "whole")).Number("seq"));
        Assert.Equal(Torn, await File.ReadAllTextAsync(Directory.GetFiles(_data.In("general"), "*.cut").Single()));
        await gateway.PrintedAsync(text => text.Contains(file, StringComparison.Ordinal) && text.Contains("cut off"), "the cut in the log");
    }

    [Fact]
    public async Task Should_give_a_log_that_was_replaced_a_new_epoch_and_say_so_to_who_comes_back()
    {
        var epoch = await FillAsync();
        var folder = _data.In("general");
        File.Delete(Path.Combine(folder, "room.json"));
        await using var gateway = await StartAsync();
        await using var ana = await EnterAsync(gateway, "ana");
        await ana.SendAsync("join", ("room", "general"), ("since", 10), ("epoch", epoch), ("id", "j"));
        var page = await ana.AnswerAsync("j");
        Assert.NotEqual(epoch, page["epoch"]);
        Assert.True(page.Flag("gap"));
        Assert.Equal([6, 7, 8, 9, 10], page.Seqs);
    }

    public void Dispose() => _data.Dispose();

    private Task<GatewayProcess> StartAsync() => GatewayProcess.StartAsync(_data.Path, "--publish-rate", "0", "--frame-rate", "0");

    private static async Task<RawChat> EnterAsync(GatewayProcess gateway, string name)
    {
        var client = await RawChat.ConnectAsync(gateway);
        await client.LoginAsync(name);
        return client;
    }

    // Ten messages, and an orderly end; gives the log's epoch.
    private async Task<string> FillAsync()
    {
        await using var gateway = await StartAsync();
        await using var ana = await EnterAsync(gateway, "ana");
        var page = await ana.JoinAsync("general");
        for (var i = 1; i <= 10; i++)
            await ana.PublishAsync("general", $"message {i}");
        gateway.Terminate();
        Assert.Equal(0, await gateway.ExitAsync());
        return page["epoch"]!;
    }
}
