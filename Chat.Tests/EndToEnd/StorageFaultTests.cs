using Chat.Protocol;
using Chat.Tests.EndToEnd.Support;
using Chat.Tests.History;
using Xunit;

namespace Chat.Tests.EndToEnd;

/// <summary>
/// A real gateway on a real disk that fails: what isn't stored is neither acked nor shown, the other rooms don't notice, and the
/// room goes on by itself when the fault has ended.
/// </summary>
public sealed class StorageFaultTests
{
    private const int MostAttempts = 60;

    [TinyDiskFact]
    public async Task Should_refuse_what_does_not_fit_and_go_on_by_itself_when_there_is_space_again()
    {
        using var disk = TinyDisk.Mount();
        await using var gateway = await StartAsync(disk.Path);
        await using var rooms = await TwoRooms.EnterAsync(gateway);
        var ballast = disk.Fill();

        // Until the last block that the log has is full.
        var refused = 4;
        Frame answer;
        while ((answer = await rooms.AskToStoreAsync($"m{refused}")).Type == "ack")
            refused++;
        rooms.ShouldBeRefused(answer);
        await rooms.ShouldGoOnElsewhereAsync();
        await rooms.ShouldHaveShownAsync(refused - 1);
        File.Delete(ballast);

        Assert.Equal(refused, (await rooms.StoreAsync($"m{refused}")).Number("seq"));
        await rooms.ShouldHaveShownAsync(refused);
        await rooms.ShouldHaveStoredAsync(refused);
    }

    [TinyDiskFact]
    public async Task Should_refuse_what_can_not_be_written_and_go_on_by_itself_when_the_log_is_writable_again()
    {
        using var disk = TinyDisk.Mount();
        var folder = Path.Combine(disk.Path, "general");
        await using (var before = await StartAsync(disk.Path))
        {
            await using (await TwoRooms.EnterAsync(before))
                before.Terminate();
            Assert.Equal(0, await before.ExitAsync());
        }
        await using var gateway = await StartAsync(disk.Path);
        await using var rooms = await TwoRooms.ReturnAsync(gateway);
        disk.MakeReadOnly(folder);

        for (var attempt = 0; attempt < 3; attempt++)
            rooms.ShouldBeRefused(await rooms.AskToStoreAsync("m4"));
        await rooms.ShouldGoOnElsewhereAsync();
        await rooms.ShouldHaveShownAsync(3);
        await rooms.ShouldHaveStoredAsync(3);
        var line = await gateway.PrintedAsync(text => text.Contains(folder, StringComparison.Ordinal), "the room that failed");
        Assert.Contains("Mount this disk writable", line);
        disk.MakeWritable(folder);

        Assert.Equal(4, (await rooms.StoreAsync("m4")).Number("seq"));
        await rooms.ShouldHaveShownAsync(4);
        await rooms.ShouldHaveStoredAsync(4);
    }

    [Fact]
    public async Task Should_go_on_after_what_it_stored_when_the_folder_of_a_room_is_deleted_under_it()
    {
        using var data = new TempFolder();
        await using var gateway = await StartAsync(data.Path);
        await using var rooms = await TwoRooms.EnterAsync(gateway);
        Directory.Delete(data.In("general"), recursive: true);

        rooms.ShouldBeRefused(await rooms.AskToStoreAsync("m4"));
        await rooms.ShouldGoOnElsewhereAsync();
        await rooms.ShouldHaveShownAsync(3);

        Assert.Equal(4, (await rooms.StoreAsync("m4")).Number("seq"));
        await rooms.ShouldHaveShownAsync(4);
        var page = await rooms.PageAsync();
        Assert.Equal([4], page.Seqs);
        Assert.True(page.Flag("gap"));
        Assert.NotEqual(rooms.Epoch, page["epoch"]);
    }

    [Fact]
    public async Task Should_keep_one_room_out_when_its_segment_can_not_be_read_and_let_it_in_when_it_can()
    {
        using var data = new TempFolder();
        string? epoch;
        await using (var before = await StartAsync(data.Path))
        {
            await using (var rooms = await TwoRooms.EnterAsync(before))
            {
                epoch = rooms.Epoch;
                before.Terminate();
            }
            Assert.Equal(0, await before.ExitAsync());
        }
        var segment = Directory.GetFiles(data.In("general"), "*.jsonl").Single();
        File.Move(segment, segment + ".aside");
        // Which nobody can open, not even root.
        File.CreateSymbolicLink(segment, segment);
        await using var gateway = await StartAsync(data.Path);
        await using var ana = await RawChat.ConnectAsync(gateway);
        await ana.LoginAsync("ana");

        await ana.SendAsync("join", ("room", "general"), ("since", 0), ("id", "j1"));
        Assert.True((await ana.RefusalAsync("j1", ErrorCodes.StorageUnavailable)).Number("retryAfter") > 0);
        Assert.Equal([1], (await ana.JoinAsync("other", since: 0)).Seqs);
        Assert.Equal(2, (await ana.PublishAsync("other", "elsewhere")).Number("seq"));
        File.Delete(segment);
        File.Move(segment + ".aside", segment);

        var page = await TwoRooms.UntilAsync(ana, id => ana.SendAsync("join", ("room", "general"), ("since", 0), ("id", id)));
        Assert.Equal((epoch, false), (page["epoch"], page.Flag("gap")));
        Assert.Equal([1, 2, 3], page.Seqs);
        Assert.Equal(4, (await ana.PublishAsync("general", "m4")).Number("seq"));
    }

    private static Task<GatewayProcess> StartAsync(string data) => GatewayProcess.StartAsync(data, "--publish-rate", "0", "--frame-rate", "0");

    /// <summary>A room whose storage fails, with one who writes and one who reads, and another one beside it.</summary>
    private sealed class TwoRooms : IAsyncDisposable
    {
        private readonly RawChat _writer;
        private readonly RawChat _reader;
        private readonly RawChat _other;
        private int _requests;

        private TwoRooms(RawChat writer, RawChat reader, RawChat other) => (_writer, _reader, _other) = (writer, reader, other);

        public string Epoch { get; private set; } = "";

        /// <summary>Enters, and stores three messages in the one and one in the other.</summary>
        public static async Task<TwoRooms> EnterAsync(GatewayProcess gateway)
        {
            var rooms = await ReturnAsync(gateway);
            for (var seq = 1; seq <= 3; seq++)
                Assert.Equal(seq, (await rooms.AskToStoreAsync($"m{seq}")).Number("seq"));
            await rooms.ShouldGoOnElsewhereAsync();
            return rooms;
        }

        public static async Task<TwoRooms> ReturnAsync(GatewayProcess gateway)
        {
            var clients = new List<RawChat>();
            foreach (var name in (string[])["ana", "ben", "cat"])
            {
                clients.Add(await RawChat.ConnectAsync(gateway));
                await clients[^1].LoginAsync(name);
            }
            var rooms = new TwoRooms(clients[0], clients[1], clients[2]);
            rooms.Epoch = (await rooms._writer.JoinAsync("general", since: 0))["epoch"]!;
            await rooms._reader.JoinAsync("general", since: 0);
            await rooms._other.JoinAsync("other");
            return rooms;
        }

        /// <summary>Asks once, under an id that is the text's own.</summary>
        public async Task<Frame> AskToStoreAsync(string text)
        {
            await _writer.SendAsync("publish", ("room", "general"), ("message", text), ("id", text));
            return await _writer.AnswerAsync(text);
        }

        /// <summary>Asks again and again, as a client does.</summary>
        public Task<Frame> StoreAsync(string text) => UntilAsync(_writer, _ => _writer.SendAsync(
            "publish", ("room", "general"), ("message", text), ("id", text)), text);

        public static async Task<Frame> UntilAsync(RawChat client, Func<string, Task> ask, string? id = null)
        {
            for (var attempt = 1; ; attempt++)
            {
                var request = id ?? $"attempt-{attempt}";
                await ask(request);
                var answer = await client.AnswerAsync(request);
                if (answer.Type != "error")
                    return answer;
                Assert.Equal(ErrorCodes.StorageUnavailable, answer["code"]);
                Assert.True(attempt < MostAttempts, client.Report);
                await Task.Delay(TimeSpan.FromMilliseconds(answer.Number("retryAfter")));
            }
        }

        public void ShouldBeRefused(Frame answer)
        {
            Assert.Equal(("error", ErrorCodes.StorageUnavailable), (answer.Type, answer["code"]));
            Assert.Equal("general", answer["room"]);
            Assert.True(answer.Number("retryAfter") > 0, answer.Text);
        }

        public async Task ShouldGoOnElsewhereAsync() => await _other.PublishAsync("other", "elsewhere");

        /// <summary>Both have been shown these and no others, each once.</summary>
        public async Task ShouldHaveShownAsync(long last)
        {
            foreach (var client in (RawChat[])[_writer, _reader])
            {
                await client.EverAsync(frame => Seqs(frame).Contains(last), $"message {last}");
                await client.PongAsync();
                Assert.Equal(All(last), client.Frames.SelectMany(Seqs).Order());
            }
        }

        /// <summary>The log has these and no others.</summary>
        public async Task ShouldHaveStoredAsync(long last)
        {
            var page = await PageAsync();
            Assert.Equal(All(last), page.Seqs);
            Assert.Equal(All(last).Select(seq => $"m{seq}"), page.Messages.Select(message => message["message"]));
            Assert.Equal((Epoch, false), (page["epoch"], page.Flag("gap")));
        }

        public async Task<Frame> PageAsync()
        {
            var id = $"page-{++_requests}";
            await _other.SendAsync("history", ("room", "general"), ("after", 0), ("limit", 100), ("id", id));
            return await _other.AnswerAsync(id);
        }

        public async ValueTask DisposeAsync()
        {
            await _writer.DisposeAsync();
            await _reader.DisposeAsync();
            await _other.DisposeAsync();
        }

        private static IEnumerable<long> All(long last) => DataFolder.Seqs(1, last);

        // Of what the room showed by itself, not of what was asked for.
        private static IEnumerable<long> Seqs(Frame frame) =>
            frame.Type == "message" ? [frame.Number("seq")] : frame.Type == "history" && frame.Id is "join-general" or null ? frame.Seqs : [];
    }
}
