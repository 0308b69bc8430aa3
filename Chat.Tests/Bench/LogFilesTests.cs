using Chat.Bench.Crash;
using Chat.Protocol;
using Chat.Protocol.Codec;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class LogFilesTests : IDisposable
{
    private readonly TempFolder _data = new();
    private readonly Offences _offences = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Should_read_all_segments_in_order()
    {
        Write(1, [.. Line(1), .. Line(2)]);
        Write(3, Line(3));
        var log = LogFiles.Read(_data.Path, "general", _offences);
        Assert.Equal(
            new long[] { 1, 2, 3 }.Select(seq => new LoggedMessage(seq, "ana", $"id-{seq}", ContentDigest.Of($"text {seq}"), ContentDigest.Of(Line(seq).AsSpan()[..^1]))), log);
        Assert.True(_offences.IsEmpty);
        Assert.Empty(LogFiles.Read(_data.Path, "lobby", _offences));
    }

    [Fact]
    public void Should_call_wrong_what_it_can_not_read()
    {
        Write(1, [.. Line(1), .. "{}\n"u8, .. Line(2)[..^1]]);
        Assert.Single(LogFiles.Read(_data.Path, "general", _offences));
        Assert.Equal(2, _offences[Offence.Wrong]);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public void Should_leave_the_beginning_of_a_line_behind_the_last(double share)
    {
        Assert.False(LogFiles.Tear(_data.Path, "general", share));
        Write(1, Line(1));
        Write(2, []);
        Assert.False(LogFiles.Tear(_data.Path, "general", share));
        Write(2, [.. Line(2), .. Line(3)]);
        Assert.True(LogFiles.Tear(_data.Path, "general", share));
        var bytes = File.ReadAllBytes(Segment(2));
        var torn = bytes[(2 * Line(2).Length)..];
        Assert.InRange(torn.Length, 1, Line(3).Length - 2);
        Assert.Equal(Line(3)[..torn.Length], torn);
        Assert.False(LogFiles.Tear(_data.Path, "general", share));
        Assert.Equal(bytes, File.ReadAllBytes(Segment(2)));
    }

    private static byte[] Line(long seq) =>
        [.. LogLine.Encode(RoomName.Trusted("general"), seq, $"id-{seq}", "ana", $"text {seq}", DateTime.UnixEpoch), (byte)'\n'];

    private string Segment(long first) => _data.In("general", $"{first:D20}.jsonl");

    private void Write(long first, byte[] bytes)
    {
        Directory.CreateDirectory(_data.In("general"));
        File.WriteAllBytes(Segment(first), bytes);
    }
}
