using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.History;
using Xunit;

namespace Chat.Tests.EndToEnd;

public sealed class RetentionTests : IDisposable
{
    private const int Messages = 5_000;

    private static readonly RoomName Room = RoomName.Trusted("general");

    private readonly TempFolder _data = new();

    [Fact]
    public async Task Should_keep_so_many_bytes_of_a_room_and_say_what_is_gone_to_who_comes_back()
    {
        var epoch = Fill(daysOld: 2);
        long first;
        await using (var gateway = await StartAsync("--retain-bytes", "1048576"))
        {
            // The last of the files may grow to a tenth of it.
            await TrimmedAsync(gateway, () => Segments().SkipLast(1).Sum(Length) <= 1_048_576 - 104_857);
            Assert.InRange(Bytes(), 800_000, 1_048_576);
            await using var ana = await EnterAsync(gateway, "ana");
            first = await CatchUpAsync(ana, since: 10, epoch);
            // At least what the ids seen need.
            Assert.InRange(first, 2, Messages - 1_000);
            var page = await HistoryAsync(ana, ("before", first + 3));
            Assert.Equal([first, first + 1, first + 2], page.Seqs);
            Assert.Equal((true, false), (page.Flag("gap"), page.Flag("more")));
            Assert.True((await ana.PublishAsync("general", Text(Messages), $"id-{Messages}")).Flag("duplicate"));
            Assert.Equal(Messages + 1, (await ana.PublishAsync("general", "next")).Number("seq"));
            await gateway.KillAsync();
        }
        await using (var gateway = await StartAsync("--retain-bytes", "1048576"))
        {
            await using var ben = await EnterAsync(gateway, "ben");
            Assert.Equal(first, await CatchUpAsync(ben, since: 10, epoch));
            Assert.Equal(Messages + 2, (await ben.PublishAsync("general", "and on")).Number("seq"));
        }
    }

    [Fact]
    public async Task Should_go_on_at_the_right_seq_in_the_same_log_when_all_of_it_was_too_old()
    {
        var epoch = Fill(daysOld: 2);
        await using (var gateway = await StartAsync("--retain-days", "1"))
        {
            await TrimmedAsync(gateway, () => Bytes() == 0);
            Assert.Equal([$"{Messages + 1:D20}.jsonl"], Segments().Select(file => file.Name));
            await using var ana = await EnterAsync(gateway, "ana");
            await ana.SendAsync("join", ("room", "general"), ("since", 10), ("epoch", epoch), ("id", "j"));
            var page = await ana.AnswerAsync("j");
            Assert.Empty(page.Messages);
            Assert.Equal((true, true, false), (page.Flag("gap"), page.Flag("live"), page.Flag("more")));
            Assert.Equal((epoch, Messages), (page["epoch"], page.Number("last")));
            await gateway.KillAsync();
        }
        await using (var gateway = await StartAsync("--retain-days", "1"))
        {
            await using var ana = await EnterAsync(gateway, "ana");
            // Who has seen all misses nothing.
            await ana.SendAsync("join", ("room", "general"), ("since", Messages), ("epoch", epoch), ("id", "j"));
            var page = await ana.AnswerAsync("j");
            Assert.Equal((false, Messages), (page.Has("gap"), page.Number("last")));
            Assert.Equal(Messages + 1, (await ana.PublishAsync("general", "the first of many")).Number("seq"));
            Assert.False((await HistoryAsync(ana, ("after", Messages))).Has("gap"));
            gateway.Terminate();
            Assert.Equal(0, await gateway.ExitAsync());
        }
        await using (var gateway = await StartAsync("--retain-days", "1"))
        {
            await using var ben = await EnterAsync(gateway, "ben");
            var page = await ben.JoinAsync("general");
            Assert.Equal([Messages + 1], page.Seqs);
            Assert.Equal((epoch, false), (page["epoch"], page.Has("gap")));
        }
    }

    [Fact]
    public async Task Should_keep_all_when_nothing_is_configured()
    {
        Fill(daysOld: 4_000);
        await using var gateway = await StartAsync();
        await using var ana = await EnterAsync(gateway, "ana");
        Assert.Equal([1, 2, 3], (await HistoryAsync(ana, ("before", 4))).Seqs);
        Assert.False((await ana.JoinAsync("general", since: Messages - 1)).Has("gap"));
    }

    [LinuxFact(Linux.ProcFolder)]
    public async Task Should_tell_who_comes_back_to_a_copied_log_that_it_may_lack_messages()
    {
        var epoch = Fill(daysOld: 0);
        using var copy = new TempFolder();
        Directory.CreateDirectory(copy.In("general"));
        foreach (var file in new DirectoryInfo(_data.In("general")).GetFiles())
        {
            // The system's clock for files goes in steps of a few milliseconds.
            do
            {
                File.Delete(copy.In("general", file.Name));
                file.CopyTo(copy.In("general", file.Name));
            }
            while (FileStatus.Of(file.FullName)!.Birth == FileStatus.Of(copy.In("general", file.Name))!.Birth);
        }
        await using var gateway = await GatewayProcess.StartAsync(copy.Path, "--publish-rate", "0", "--frame-rate", "0");
        await using var ana = await EnterAsync(gateway, "ana");

        await ana.SendAsync("join", ("room", "general"), ("since", Messages), ("epoch", epoch), ("id", "j"));

        var page = await ana.AnswerAsync("j");
        Assert.NotEqual(epoch, page["epoch"]);
        Assert.True(page.Flag("gap"));
        Assert.Equal([Messages - 4, Messages - 3, Messages - 2, Messages - 1, Messages], page.Seqs);
        Assert.Contains("warn", await gateway.PrintedAsync(text => text.Contains("is a copy", StringComparison.Ordinal), "the warning"));
    }

    public void Dispose() => _data.Dispose();

    private static string Text(long seq) => $"message {seq} ".PadRight(450, '.');

    private Task<GatewayProcess> StartAsync(params string[] options) =>
        GatewayProcess.StartAsync(_data.Path, ["--publish-rate", "0", "--frame-rate", "0", .. options]);

    private static async Task<RawChat> EnterAsync(GatewayProcess gateway, string name)
    {
        var client = await RawChat.ConnectAsync(gateway);
        await client.LoginAsync(name);
        return client;
    }

    private static async Task<Frame> HistoryAsync(RawChat client, (string, System.Text.Json.Nodes.JsonNode?) field)
    {
        await client.SendAsync("history", ("room", "general"), ("id", "h"), field);
        return await client.AnswerAsync("h");
    }

    // A log as an earlier run left it, by ana; gives its epoch.
    private string Fill(double daysOld)
    {
        using var store = FileHistoryStore.Open(_data.Path, new FileHistoryOptions { SegmentBytes = 50_000 });
        using var log = store.Log(Room);
        var epoch = log.Open().Epoch;
        var time = Timestamps.ToMilliseconds(DateTime.UtcNow.AddDays(-daysOld));
        foreach (var batch in Enumerable.Range(1, Messages).Chunk(100))
            log.Append([.. batch.Select(seq => new LogEntry(seq, LogLine.Encode(Room, seq, $"id-{seq}", "ana", Text(seq), time)))]);
        return epoch;
    }

    private FileInfo[] Segments() => [.. new DirectoryInfo(_data.In("general")).GetFiles("*.jsonl").OrderBy(file => file.Name)];

    private long Bytes() => Segments().Sum(Length);

    // None where it was deleted since.
    private static long Length(FileInfo file) => file.Exists ? file.Length : 0;

    // At the start it is done beside all else.
    private static async Task TrimmedAsync(GatewayProcess gateway, Func<bool> isTrimmed)
    {
        await Patience.OfAsync(Look(), "the log to be trimmed", () => gateway.Report);

        async Task Look()
        {
            while (!isTrimmed())
                await Task.Delay(20);
        }
    }

    // Joins, and gives the first seq that is sent of all up to the newest, without a hole.
    private static async Task<long> CatchUpAsync(RawChat client, long since, string epoch)
    {
        await client.SendAsync("join", ("room", "general"), ("since", since), ("epoch", epoch), ("id", "j"));
        await client.EverAsync(frame => frame.Id == "j" && frame.Flag("live"), "the live page");
        var pages = client.Frames.Where(frame => frame.Id == "j").ToArray();
        Assert.True(pages[0].Flag("gap"));
        Assert.DoesNotContain(pages.Skip(1), page => page.Has("gap"));
        Assert.All(pages, page => Assert.Equal(epoch, page["epoch"]));
        var seqs = pages.SelectMany(page => page.Seqs).ToArray();
        Assert.Equal(Enumerable.Range(0, seqs.Length).Select(i => seqs[0] + i), seqs);
        Assert.Equal(pages[^1].Number("last"), seqs[^1]);
        return seqs[0];
    }
}
