using Chat.Bench.Sockets;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class FrameReaderTests
{
    public static TheoryData<int> Lengths => [0, 1, 125, 126, 127, 4_095, 4_096, 65_535, 65_536, 200_000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Should_read_frames_in_whatever_pieces_they_come(int length)
    {
        byte[] bytes = [.. Frame(0x81, length), .. Frame(0x89, 3), .. Frame(0x81, length)];
        foreach (var piece in new[] { 1, 7, 4_096, bytes.Length }.Where(piece => bytes.Length / piece < 50_000))
        {
            var read = ReadAll(bytes, piece);
            Assert.Equal([(Opcode.Text, length), (Opcode.Ping, 3), (Opcode.Text, length)], read.Select(message => (message.Opcode, message.Payload.Length)));
            Assert.All(read, message => Assert.Equal(Payload(message.Payload.Length), message.Payload));
        }
    }

    [Fact]
    public void Should_put_fragments_together_when_a_control_frame_comes_between()
    {
        byte[] bytes = [0x01, 1, (byte)'a', 0x89, 0, 0x00, 1, (byte)'b', 0x80, 1, (byte)'c'];
        var read = ReadAll(bytes, 1);
        Assert.Equal([Opcode.Ping, Opcode.Text], read.Select(message => message.Opcode));
        Assert.Equal("abc"u8.ToArray(), read[1].Payload);
    }

    [Theory]
    [InlineData(0xC1, 0x00)]
    [InlineData(0x81, 0x80)]
    [InlineData(0x80, 0x00)]
    [InlineData(0x09, 0x00)]
    public void Should_refuse_what_breaks_the_protocol(byte first, byte second) =>
        Assert.Throws<InvalidDataException>(() => ReadAll([first, second], 2));

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Should_mask_what_it_sends_so_that_it_can_be_unmasked(int length)
    {
        var payload = Payload(length);
        var frame = new byte[length + ClientFrame.MaxHeader];
        var written = ClientFrame.Write(frame, Opcode.Text, payload);
        var header = length < 126 ? 2 : length <= ushort.MaxValue ? 4 : 10;
        Assert.Equal(header + 4 + length, written);
        Assert.Equal(0x81, frame[0]);
        Assert.Equal(0x80, frame[1] & 0x80);
        Assert.Equal(payload, Enumerable.Range(0, length).Select(i => (byte)(frame[header + 4 + i] ^ frame[header + (i & 3)])));
    }

    private static byte[] Payload(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31))];

    private static byte[] Frame(byte first, int length)
    {
        byte[] header = length switch
        {
            < 126 => [first, (byte)length],
            <= ushort.MaxValue => [first, 126, (byte)(length >> 8), (byte)length],
            _ => [first, 127, 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
        };
        return [.. header, .. Payload(length)];
    }

    private static List<(Opcode Opcode, byte[] Payload)> ReadAll(byte[] bytes, int piece)
    {
        var reader = new FrameReader();
        var read = new List<(Opcode, byte[])>();
        for (var at = 0; at < bytes.Length;)
        {
            var free = reader.Free();
            var count = Math.Min(Math.Min(piece, bytes.Length - at), free.Length);
            bytes.AsSpan(at, count).CopyTo(free.Span);
            reader.Received(count);
            at += count;
            while (reader.TryRead(out var opcode, out var payload))
                read.Add((opcode, payload.ToArray()));
        }
        return read;
    }
}
