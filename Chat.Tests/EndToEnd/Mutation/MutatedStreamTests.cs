using System.Text;
using Chat.Protocol;
using Chat.Tests.EndToEnd.Support;
using Xunit;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Mutation;

/// <summary>Frames that are mutated as they go over the wire: lengths, masks, bits, opcodes, whatever is hit. A model says what is due.</summary>
public sealed class MutatedStreamTests(GatewayFixture chat) : IClassFixture<GatewayFixture>
{
    private const int Connections = 4;
    private const int Streams = 2_000;
    private const int MostMalformed = 100;

    private static readonly string[] Texts =
    [
        """{"type":"ping","id":"p","x":"Grüße, 世界 😀"}""",
        """{"type":"who","room":"straße","id":"w"}""",
        """{"type":"leave","room":"mutants"}""",
        """no request""",
    ];

    [Fact]
    public Task Should_end_a_connection_with_the_code_that_is_due_whatever_is_mutated_in_its_frames() =>
        Bystanders.ChatBesideAsync(chat, Streams, Connections, SendAsync);

    // A fragment that ends in the first byte of an overlong character, with a frame behind it that breaks the protocol; the header of a close
    // with half a code.
    [Theory]
    [InlineData(25)]
    [InlineData(246_177_727)]
    public Task Should_still_do_so_with_a_seed_that_failed_once(int seed) => SendAsync(seed, seed + 1);

    // Every so many-th seed, from the first on; a connection is used as long as it may be.
    private async Task SendAsync(int seed, int end)
    {
        RawWire? wire = null;
        var malformed = 0;
        try
        {
            for (; seed < end; seed += Connections)
            {
                if (wire is null)
                    (wire, malformed) = (await RawWire.UpgradeAsync(chat.Gateway), 0);
                var bytes = Mutate(new Random(seed));
                var model = new FrameModel();
                model.Take(bytes);
                var sync = $"sync-{seed}";
                byte[] asked = RawWire.Encode(RawWire.Text, Encoding.ASCII.GetBytes($$"""{"type":"ping","id":"{{sync}}"}"""));
                // Where a frame isn't whole the sync would belong to it: the end of the connection is what shows that it was dealt with.
                var isWithin = model.IsWithin;
                await SendAsync(wire, isWithin ? bytes : [.. bytes, .. asked]);
                if (isWithin)
                    wire.EndWriting();
                var (code, isSynced) = await ReadAsync(wire, sync, count => malformed += count);
                Assert.True(
                    IsDue(model, code, isSynced) || (code == CloseCodes.Policy && malformed >= MostMalformed),
                    $"seed {seed}, {Convert.ToHexString(bytes)}: closed with {code?.ToString() ?? "none"}, {(isSynced ? "" : "not ")}answered; due was {string.Join(" or ", model.Due)}{(isWithin ? " nothing, within a frame" : "")}");
                if (isSynced)
                    continue;
                wire.Dispose();
                wire = null;
            }
        }
        finally
        {
            wire?.Dispose();
        }
    }

    private static bool IsDue(FrameModel model, int? code, bool isSynced)
    {
        if (!model.IsWithin)
            return model.Due.Count == 0 ? isSynced : code is { } closed && model.Due.Contains(closed);
        return !isSynced && (code is null or CloseCodes.Normal || (code == CloseCodes.NotUtf8 && model.MayBeNotUtf8)
            || (code == CloseCodes.ProtocolError && model.MayBeBroken));
    }

    private static async Task SendAsync(RawWire wire, byte[] bytes)
    {
        try
        {
            await wire.WriteAsync(bytes);
        }
        catch (IOException)
        {
            // Closed meanwhile; what it was closed for can still be read.
        }
    }

    // Reads up to the sync's answer, or to the end; gives the close's code, null where there was none.
    private static async Task<(int? Code, bool IsSynced)> ReadAsync(RawWire wire, string sync, Action<int> countMalformed)
    {
        while (await wire.ReadFrameAsync() is { } frame)
        {
            if (frame.Opcode == RawWire.Close)
                return (RawWire.CodeOf(frame.Payload), false);
            if (frame.Opcode != RawWire.Text)
                continue;
            var e = new Frame(Encoding.UTF8.GetString(frame.Payload));
            if (e.Id == sync)
                return (null, true);
            if (e["code"] is "bad_json" or "bad_request" or "unknown_type")
                countMalformed(1);
        }
        return (null, false);
    }

    // One to four frames in order, and then one to three changes to their bytes.
    private static byte[] Mutate(Random random)
    {
        var bytes = new List<byte>();
        for (var frames = random.Next(1, 5); frames > 0; frames--)
            bytes.AddRange(InOrder(random));
        for (var changes = random.Next(0, 4); changes > 0 && bytes.Count > 1; changes--)
        {
            // Headers are hit as often as what is in them.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Count, 14) : bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveAt(at);
                    break;
                case 3:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)));
                    break;
            }
        }
        return [.. bytes];
    }

    private static IEnumerable<byte> InOrder(Random random)
    {
        var text = Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)]);
        var mask = (uint)random.NextInt64(1L << 32);
        switch (random.Next(12))
        {
            case 0:
                return new RawFrame(RawWire.Ping, text) { Mask = mask }.ToBytes();
            case 1:
                return new RawFrame(RawWire.Pong, []) { Mask = mask }.ToBytes();
            case 2:
                return new RawFrame(RawWire.Close, random.Next(2) == 0 ? [] : [.. new byte[] { (byte)random.Next(3, 20), (byte)random.Next(256) }, .. text]) { Mask = mask }.ToBytes();
            case 3:
                return new RawFrame(RawWire.Text, text) { Mask = mask, LengthBytes = random.Next(2) == 0 ? 2 : 8 }.ToBytes();
            case 4 or 5 or 6:
                var cut = random.Next(text.Length + 1);
                return
                [
                    .. new RawFrame(RawWire.Text, text[..cut]) { Mask = mask, IsFinal = false }.ToBytes(),
                    .. random.Next(2) == 0 ? RawWire.Encode(RawWire.Ping, "between"u8) : [],
                    .. RawWire.Encode(RawWire.Continuation, text.AsSpan(cut)),
                ];
            case 7:
                return new RawFrame(RawWire.Text, [.. text, .. Enumerable.Repeat((byte)' ', random.Next(65_400, 65_600))]) { Mask = mask }.ToBytes();
            default:
                return new RawFrame(RawWire.Text, text) { Mask = mask }.ToBytes();
        }
    }
}
