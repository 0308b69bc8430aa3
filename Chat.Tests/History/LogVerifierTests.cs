using System.Text;
using Chat.Actors;
using Chat.Actors.History;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Xunit;

namespace Chat.Tests.History;

public sealed class LogVerifierTests : IDisposable
{
    private static readonly FileHistoryOptions SmallSegments = new() { SegmentBytes = 500 };

    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Should_say_where_each_log_stands_when_nothing_is_off()
    {
        _data.Write(10, SmallSegments);
        using (var store = _data.Open())
        using (var log = store.Log(RoomName.Trusted("ä b")))
        {
            log.Open();
            log.Append([new LogEntry(1, LogLine.Encode(RoomName.Trusted("ä b"), 1, "a", "ana", "one", DataFolder.TimeOf(1)))]);
        }
        Directory.CreateDirectory(Path.Combine(_data.Path, "lost+found"));

        var rooms = Verify();

        Assert.Equal(["%C3%A4%20b", "general"], rooms.Select(room => room.Folder));
        Assert.All(rooms, AssertOk);
        var files = Directory.GetFiles(_data.RoomPath, "*.jsonl");
        Assert.True(files.Length > 2);
        Assert.Equal(
            (10, files.Length, files.Sum(file => new FileInfo(file).Length), 1, 10),
            (rooms[1].Messages, rooms[1].Segments, rooms[1].Bytes, rooms[1].First, rooms[1].Last));
    }

    [Fact]
    public void Should_find_nothing_off_when_the_oldest_segments_were_deleted_or_the_newest_is_empty()
    {
        _data.Write(10, SmallSegments);
        var files = SegmentFiles();
        File.Delete(files[0]);
        File.WriteAllText(_data.Segment(11), "");
        var room = Room();
        AssertOk(room);
        Assert.Equal((FirstOf(files[1]), 10), (room.First, room.Last));

        foreach (var file in files)
            File.Delete(file);
        room = Room();
        AssertOk(room);
        Assert.Equal((0, 11, 10), (room.Messages, room.First, room.Last));
    }

    [Fact]
    public void Should_find_nothing_off_when_a_room_has_no_line_yet()
    {
        _data.Write(1);
        File.Delete(_data.Segment());
        _data.ForgetCleanEnd();
        var room = Room();
        AssertOk(room);
        Assert.Equal((0, 0), (room.Messages, room.Segments));
    }

    [Fact]
    public void Should_count_the_seq_of_a_line_of_another_type_and_not_judge_it()
    {
        _data.Write(2);
        Append(Whole("""{"type":"edit","room":"general","seq":3,"of":1"""), DataFolder.Entry(4).Line);
        var room = Room();
        AssertOk(room);
        Assert.Equal((4, 4), (room.Messages, room.Last));
    }

    [Fact]
    public void Should_find_every_bit_that_flipped()
    {
        _data.Write(3);
        var whole = File.ReadAllBytes(_data.Segment());
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var bytes = whole.ToArray();
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(_data.Segment(), bytes);
            var room = Room();
            Assert.False(room.IsOk && room.Unfinished is null, $"bit {bit} of {whole.Length * 8}");
            // Of the last line feed alone can't be told that it was there, as room.json says what the log ended with.
            if (bit / 8 < whole.Length - 1)
                Assert.False(room.IsOk, $"bit {bit}");
        }
    }

    [Fact]
    public void Should_name_a_damaged_line_with_its_seq_and_byte()
    {
        _data.Write(5);
        Flip(seq: 3);
        AssertFault(Room(), _data.Segment(), OffsetOf(3), "A damaged line. Seq 3 can't be read.");
    }

    [Fact]
    public void Should_name_damaged_lines_in_a_row_once()
    {
        _data.Write(5, SmallSegments);
        var files = SegmentFiles();
        File.WriteAllText(files[0], "not\na\nlog\n");
        AssertFault(Room(), files[0], 0, $"3 damaged lines from here on. Seqs 1 to {FirstOf(files[1]) - 1} can't be read.");
    }

    [Fact]
    public void Should_name_garbage_between_whole_lines_and_at_the_end()
    {
        Write(["{}", .. Lines(1, 2), "{}", .. Lines(3, 3)]);
        var room = Room();
        Assert.Equal(["A damaged line. No seq is missing.", "A damaged line. No seq is missing."], room.Faults.Select(fault => fault.Problem));
        Write([.. Lines(1, 3), "{}"]);
        Assert.Equal("A damaged line. The last seq that can be read is 3.", Assert.Single(Room().Faults).Problem);
    }

    [Fact]
    public void Should_name_the_seqs_that_are_missing_in_a_segment()
    {
        Write([.. Lines(1, 2), .. Lines(5, 6)]);
        AssertFault(Room(), _data.Segment(), Length(1, 2), "Seqs 3 to 4 should stand before this line.");
    }

    [Fact]
    public void Should_name_the_seqs_that_are_missing_when_a_segment_is_gone()
    {
        _data.Write(20, SmallSegments);
        var files = SegmentFiles();
        File.Delete(files[1]);
        AssertFault(Room(), files[2], 0, $"Seqs {FirstOf(files[1])} to {FirstOf(files[2]) - 1} should stand before this file's first.");
    }

    [Fact]
    public void Should_name_segments_that_reach_into_each_other()
    {
        _data.Write(20, SmallSegments);
        var files = SegmentFiles();
        var next = FirstOf(files[1]);
        File.AppendAllText(files[0], DataFolder.Entry(next).Line.AsText() + "\n");
        var room = Room();
        Assert.Contains(room.Faults, fault => fault.File == files[1] && fault.Problem == $"The file before this one reaches to seq {next}, into what is this one's by its name.");
        Assert.Contains(room.Faults, fault => fault.Problem == $"Seq {next} has the user and the id of seq {next}: the same message is there twice.");
    }

    [Fact]
    public void Should_name_a_segment_that_is_named_by_another_seq_than_its_first()
    {
        Write(Lines(3, 5));
        AssertFault(Room(), _data.Segment(), 0, "The file's first line has seq 3, not the one that the file is named by.");
    }

    [Fact]
    public void Should_name_a_seq_that_comes_again_or_late()
    {
        Write([.. Lines(1, 4), Line(4, id: "again", time: 4), Line(2, id: "late", time: 4), .. Lines(5, 5)]);
        var room = Room();
        Assert.Equal(["Seq 4 stands where 5 is due.", "Seq 2 stands where 5 is due."], room.Faults.Select(fault => fault.Problem));
        Assert.Equal(Length(1, 4), room.Faults[0].Offset);
    }

    [Fact]
    public void Should_name_a_time_that_decreases_and_none_that_is_the_same()
    {
        Write([Line(1, time: 10), Line(2, time: 10), Line(3, time: 9), Line(4, time: 10)]);
        Assert.Equal("The time of seq 3 is before that of an earlier line.", Assert.Single(Room().Faults).Problem);
    }

    [Fact]
    public void Should_name_an_id_that_its_user_has_twice()
    {
        Write([Line(1, id: "x"), Line(2, id: "x", user: "ben"), Line(3, id: "x", user: "Ana", text: "other text")]);
        AssertFault(Room(), _data.Segment(), Text(Line(1, id: "x"), Line(2, id: "x", user: "ben")), "Seq 3 has the user and the id of seq 1: the same message is there twice.");
    }

    [Theory]
    [InlineData(1_000, 601, false)]
    [InlineData(1_001, 601, true)]
    [InlineData(1_001, 600, false)]
    [InlineData(2_000, 600, false)]
    public void Should_let_an_id_come_again_only_when_it_is_outside_the_window(int later, int seconds, bool isOk)
    {
        var lines = Enumerable.Range(1, later + 1).Select(seq => seq == later + 1 ? Line(seq, id: "m1", time: seconds) : Line(seq, id: "m" + seq, time: 0));
        Write(lines);
        Assert.Equal(isOk, Room().IsOk);
    }

    [Fact]
    public void Should_name_lines_that_are_of_another_room()
    {
        Write([.. Lines(1, 1), LogLine.Encode(RoomName.Trusted("lobby"), 2, "a", "ana", "lost", DataFolder.TimeOf(2)).AsText(), .. Lines(3, 3)]);
        AssertFault(Room(), _data.Segment(), Length(1, 1), "Seq 2 is of another room than its folder.");
    }

    [Theory]
    [InlineData("""{"type":"message","room":"general","seq":2,"user":"ana","message":"no id","timestamp":"2026-01-01T12:00:02.000Z""")]
    [InlineData("""{"type":"message","room":"general","seq":2,"id":"a","message":"no user","timestamp":"2026-01-01T12:00:02.000Z""")]
    [InlineData("""{"type":"message","room":"general","seq":2,"id":"a","user":"ana","message":"no time""")]
    [InlineData("""{"type":"message","room":"general","seq":2,"id":"a","user":"ana","message":"no day","timestamp":"2026-02-30T12:00:02.000Z""")]
    [InlineData("""{"room":"general","seq":2,"user":"no type""")]
    [InlineData("""{"type":"pong","room":"general","seq":2,"user":"no line""")]
    public void Should_name_lines_that_are_whole_and_say_nothing_that_a_log_says(string start)
    {
        Write([.. Lines(1, 1), Whole(start + '"').AsText(), .. Lines(3, 3)]);
        AssertFault(Room(), _data.Segment(), Length(1, 1), "Seq 2 has a crc that holds, but is no line of a log.");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{\"epoch\":7}")]
    public void Should_name_a_room_file_that_is_missing_or_damaged(string? content)
    {
        _data.Write(3);
        File.Delete(_data.RoomFile);
        if (content is not null)
            File.WriteAllText(_data.RoomFile, content);
        AssertFault(Room(), _data.RoomFile, null, "It is missing or damaged.");
    }

    [Fact]
    public void Should_say_that_messages_are_lost_when_the_log_ends_before_its_clean_end()
    {
        _data.Write(3);
        File.WriteAllBytes(_data.Segment(), DataFolder.Bytes(DataFolder.Entries(1, 2)));
        AssertFault(Room(), _data.RoomFile, null, "The log ended with seq 3 by this file, and ends with 2: messages are lost.");
        File.Delete(_data.Segment());
        AssertFault(Room(), _data.RoomFile, null, "The log ended with seq 3 by this file, and ends with 0: messages are lost.");
    }

    [Fact]
    public void Should_take_an_unfinished_write_for_none_when_it_is_cut_anywhere()
    {
        _data.Write(3);
        _data.ForgetCleanEnd();
        var whole = File.ReadAllBytes(_data.Segment());
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(_data.Segment(), whole[..length]);
            var room = Room();
            AssertOk(room);
            var ends = length == 0 || whole[length - 1] == '\n';
            var lines = whole[..length].Count((byte)'\n');
            var isWhole = length < whole.Length && whole[length] == '\n';
            Assert.Equal(lines + (isWhole ? 1 : 0), room.Messages);
            Assert.Equal(ends, room.Unfinished is null);
            if (isWhole)
                Assert.Equal((length, $"Seq {lines + 1} is whole but for its line feed."), (room.Unfinished!.Offset, room.Unfinished.Problem));
            else if (!ends)
                Assert.Contains("An unfinished write", room.Unfinished!.Problem);
        }
    }

    [Theory]
    [InlineData("\0\0\0\0")]
    [InlineData("{\"type\":\"message\0")]
    [InlineData("garbage")]
    public void Should_name_what_no_unfinished_write_leaves(string tail)
    {
        _data.Write(3);
        File.AppendAllText(_data.Segment(), tail);
        AssertFault(Room(), _data.Segment(), Length(1, 3), "A damaged line. The last seq that can be read is 3.");
    }

    [Fact]
    public void Should_name_an_unfinished_write_when_it_is_not_in_the_newest_segment()
    {
        _data.Write(20, SmallSegments);
        var files = SegmentFiles();
        foreach (var cut in new[] { 1, 40 })
        {
            var bytes = File.ReadAllBytes(files[0]);
            File.WriteAllBytes(files[0], bytes[..^cut]);
            var fault = Assert.Single(Room().Faults);
            Assert.Equal($"A damaged line. Seq {FirstOf(files[1]) - 1} can't be read.", fault.Problem);
            File.WriteAllBytes(files[0], bytes);
        }
    }

    [Fact]
    public void Should_name_files_and_folders_that_no_gateway_would_read()
    {
        _data.Write(3);
        var misnamed = Path.Combine(_data.RoomPath, "2.jsonl");
        var foreign = Path.Combine(_data.Path, "General", "00000000000000000001.jsonl");
        var outside = Path.Combine(_data.Path, "00000000000000000001.jsonl");
        Directory.CreateDirectory(Path.GetDirectoryName(foreign)!);
        foreach (var file in new[] { misnamed, foreign, outside })
            File.Copy(_data.Segment(), file);

        var rooms = Verify();

        Assert.Equal([".", "General", "general"], rooms.Select(room => room.Folder));
        Assert.Equal([outside, foreign, misnamed], rooms.Select(room => Assert.Single(room.Faults).File));
    }

    [Fact]
    public void Should_count_the_faults_that_it_names_no_more()
    {
        Write(Enumerable.Range(1, 2 * LogVerifier.NamedFaults).Select(seq => Line(2 * seq, id: "m" + seq)));
        var room = Room();
        Assert.Equal(2 * LogVerifier.NamedFaults, room.FaultCount);
        Assert.Equal(LogVerifier.NamedFaults, room.Faults.Count);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(2)]
    public async Task Should_find_nothing_off_when_it_reads_while_messages_are_appended_and_old_ones_deleted(int segmentsKept)
    {
        var options = new FileHistoryOptions { SegmentBytes = 20_000, Durability = Durability.Never };
        using var store = _data.Open(options);
        using var log = store.Log(DataFolder.Room);
        log.Open();
        using var done = new CancellationTokenSource();
        var appending = Task.Run(() =>
        {
            for (var seq = 1L; !done.IsCancellationRequested; seq += 50)
            {
                log.Append(DataFolder.Entries(seq, seq + 49));
                foreach (var file in SegmentFiles().SkipLast(segmentsKept))
                    File.Delete(file);
            }
        });
        try
        {
            long last;
            do
            {
                last = 0;
                foreach (var room in Verify())
                {
                    AssertOk(room);
                    last = room.Last;
                }
            }
            while (last < 5_000 && !appending.IsCompleted);
        }
        finally
        {
            await done.CancelAsync();
            await appending;
        }
    }

    private RoomVerdict[] Verify() => [.. new LogVerifier(new ChatOptions()).Verify(_data.Path)];

    private RoomVerdict Room() => Assert.Single(Verify());

    private static void AssertOk(RoomVerdict room) => Assert.True(room.IsOk, string.Join('\n', room.Faults));

    private static void AssertFault(RoomVerdict room, string file, long? offset, string problem)
    {
        Assert.Equal(1, room.FaultCount);
        var fault = Assert.Single(room.Faults);
        Assert.Equal((file, offset, problem), (fault.File, fault.Offset, fault.Problem));
        Assert.NotEmpty(fault.Remedy);
    }

    private string[] SegmentFiles() => [.. Directory.GetFiles(_data.RoomPath, "*.jsonl").Order(StringComparer.Ordinal)];

    private static long FirstOf(string file) => long.Parse(Path.GetFileNameWithoutExtension(file));

    private static string Line(long seq, string? id = null, string user = "ana", string text = "hello", long? time = null) =>
        LogLine.Encode(DataFolder.Room, seq, id ?? $"id-{seq}", user, text, DataFolder.TimeOf(time ?? 0)).AsText();

    private static string[] Lines(long from, long to) => [.. DataFolder.Entries(from, to).Select(entry => entry.Line.AsText())];

    private static long Length(long from, long to) => DataFolder.Bytes(DataFolder.Entries(from, to)).Length;

    private static long Text(params string[] lines) => lines.Sum(line => Encoding.UTF8.GetByteCount(line) + 1);

    private static long OffsetOf(long seq) => seq == 1 ? 0 : Length(1, seq - 1);

    private static ReadOnlyMemory<byte> Whole(string start)
    {
        var bytes = Encoding.UTF8.GetBytes(start);
        return Encoding.UTF8.GetBytes($"{start},\"crc\":\"{Crc32C.Of(bytes):x8}\"}}");
    }

    private void Write(IEnumerable<string> lines)
    {
        _data.Write(1);
        _data.ForgetCleanEnd();
        File.WriteAllText(_data.Segment(), string.Concat(lines.Select(line => line + "\n")));
    }

    private void Append(params ReadOnlyMemory<byte>[] lines)
    {
        _data.ForgetCleanEnd();
        File.AppendAllText(_data.Segment(), string.Concat(lines.Select(line => line.AsText() + "\n")));
    }

    private void Flip(long seq)
    {
        var bytes = File.ReadAllBytes(_data.Segment());
        bytes[OffsetOf(seq) + 60] ^= 1;
        File.WriteAllBytes(_data.Segment(), bytes);
    }
}

internal static class LineText
{
    public static string AsText(this ReadOnlyMemory<byte> line) => Encoding.UTF8.GetString(line.Span);

    public static string AsText(this byte[] line) => Encoding.UTF8.GetString(line);
}
